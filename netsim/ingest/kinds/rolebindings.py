"""RoleBinding and ClusterRoleBinding of rbac.authorization.k8s.io/v1."""

from collections.abc import Iterator
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata
from netsim.ingest.schema import Closed
from netsim.ingest.validation import dns_subdomain, path_segment
from netsim.ir.access import RBAC_GROUP, Binding, Subject, SubjectKind


class RoleRef(Closed, frozen=True):
    """The role that is bound."""

    api_group: str | None = None
    kind: str | None = None
    name: str | None = None


class WrittenSubject(Closed, frozen=True):
    """One element of subjects."""

    api_group: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class WrittenBinding(Closed, frozen=True):
    """A binding with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    role_ref: RoleRef | None = None
    subjects: list[WrittenSubject | None] | None = None


_NO_METADATA, _NO_REF, _NO_SUBJECT = WholeMetadata(), RoleRef(), WrittenSubject()
_SUBJECT_KINDS = {str(kind): kind for kind in SubjectKind}


def _check(binding: WrittenBinding, reading: Reading) -> None:
    check_whole_metadata(binding.metadata or _NO_METADATA, reading)
    _check_ref(binding.role_ref or _NO_REF, reading)
    for index, subject in enumerate(binding.subjects or ()):
        _check_subject(subject or _NO_SUBJECT, ("subjects", index), reading)


def _check_ref(ref: RoleRef, reading: Reading) -> None:
    # An absent group is filled in by the server.
    if ref.api_group and ref.api_group != RBAC_GROUP:
        message = f'"{ref.api_group}" must be {RBAC_GROUP}'
        reading.refuse("NS123", ("roleRef", "apiGroup"), message, hint=f"write {RBAC_GROUP}, without a version")
    kinds = ("ClusterRole", "Role") if reading.namespace else ("ClusterRole",)
    if not ref.kind:
        reading.refuse("NS108", ("roleRef", "kind"), "is required", hint=f"write {' or '.join(kinds)}")
    elif ref.kind not in kinds:
        message = f'"{ref.kind}" is no kind that a {reading.kind} can bind: only {" or ".join(kinds)}'
        reading.refuse("NS123", ("roleRef", "kind"), message, hint=_kind_hint(ref.kind, kinds))
    if not ref.name:
        reading.refuse("NS108", ("roleRef", "name"), "is required", hint="name the role")
    elif wrong := path_segment(ref.name):
        reading.refuse("NS109", ("roleRef", "name"), f'"{ref.name}" {wrong}')


def _check_subject(subject: WrittenSubject, path: Path, reading: Reading) -> None:
    if not subject.name:
        reading.refuse("NS108", (*path, "name"), "is required", hint="name the subject")
    if not subject.kind:
        reading.refuse("NS108", (*path, "kind"), "is required", hint=f"one of {', '.join(_SUBJECT_KINDS)}")
    elif subject.kind not in _SUBJECT_KINDS:
        message = f'"{subject.kind}" is none of {", ".join(_SUBJECT_KINDS)}'
        reading.refuse("NS123", (*path, "kind"), message, hint=_kind_hint(subject.kind, tuple(_SUBJECT_KINDS)))
    elif subject.kind == SubjectKind.ACCOUNT:
        _check_account(subject, path, reading)
    elif subject.api_group and subject.api_group != RBAC_GROUP:
        message = f'"{subject.api_group}" must be {RBAC_GROUP} for a {subject.kind}'
        reading.refuse("NS123", (*path, "apiGroup"), message, hint=f"write {RBAC_GROUP}, without a version")


def _check_account(subject: WrittenSubject, path: Path, reading: Reading) -> None:
    if subject.name and (wrong := dns_subdomain(subject.name)):
        reading.refuse("NS109", (*path, "name"), f'"{subject.name}" {wrong}')
    if subject.api_group:
        message = f'"{subject.api_group}" must be empty for a ServiceAccount, which is of the core group'
        reading.refuse("NS123", (*path, "apiGroup"), message, hint="drop `apiGroup`")
    if not reading.namespace and not subject.namespace:
        message = "is required of a ServiceAccount in a ClusterRoleBinding, which is in no namespace itself"
        reading.refuse("NS108", (*path, "namespace"), message, hint="say in which namespace the account is")


def _kind_hint(written: str, kinds: tuple[str, ...]) -> str:
    folded = written.lower().removesuffix("s")
    meant = next((kind for kind in kinds if kind.lower() == folded), None)
    return f"write {meant}" if meant else ""


def _read(binding: WrittenBinding, reading: Reading) -> Binding:
    ref = binding.role_ref or _NO_REF
    return Binding(
        namespace=reading.namespace,
        name=reading.name,
        role_kind=ref.kind or "",
        role=ref.name or "",
        subjects=tuple(_subjects(binding, reading)),
        place=reading.place(),
    )


def _subjects(binding: WrittenBinding, reading: Reading) -> Iterator[Subject]:
    for index, written in enumerate(binding.subjects or ()):
        if written is not None:
            kind = _SUBJECT_KINDS[written.kind or ""]
            namespace = (written.namespace or reading.namespace) if kind is SubjectKind.ACCOUNT else ""
            yield Subject(kind, written.name or "", namespace, reading.place("subjects", index))


_VERSIONS = (f"{RBAC_GROUP}/v1", f"{RBAC_GROUP}/v1beta1")

ROLE_BINDINGS = (
    Kind(
        api_versions=_VERSIONS,
        name="RoleBinding",
        naming=path_segment,
        model=WrittenBinding,
        check=_check,
        read=_read,
    ),
    Kind(
        api_versions=_VERSIONS,
        name="ClusterRoleBinding",
        namespaced=False,
        naming=path_segment,
        model=WrittenBinding,
        check=_check,
        read=_read,
    ),
)
