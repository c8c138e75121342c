"""What would fall after a change that is given as manifests: an overlay, without recomputing what it does not touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.errors import InputError, Problem, UnknownPeerError
from netsim.ingest import Manifest, Manifests, assemble, read_documents
from netsim.ingest.document import Document
from netsim.ingest.documents import Input
from netsim.ir.snapshot import Snapshot
from netsim.queries.answer import Answer, warnings_of
from netsim.queries.blast import BlastRadius, BlastRadiusShape, FromShape, blast

#: What of a snapshot the reachability relation hangs on.
_OF_NETWORK = ("namespaces", "pods", "nodes", "policies", "networks", "names")
_OF_RIGHTS = ("roles", "bindings", "accounts")


class ScoreShape(TypedDict):
    """What falls, as a score of 100, before and after."""

    old: float
    new: float


class WhatIfShape(FromShape):
    """What falls before and after a change."""

    edits: list[str]
    score: ScoreShape
    saved: list[str]
    lost: list[str]
    moved: list[str]
    before: BlastRadiusShape
    after: BlastRadiusShape


@dataclass(frozen=True, kw_only=True)
class WhatIf(Answer):
    """What falls before and after a change.

    Attributes:
        edits: What was changed: the objects, each with ``+``, ``~`` or ``-``.
        saved, lost: What falls no more, and what falls now and did not.
        moved: What falls before and after, by another way or at another level.
    """

    kind: ClassVar[str] = "WhatIf"

    source: str
    edits: tuple[str, ...]
    before: BlastRadius
    after: BlastRadius

    @property
    def saved(self) -> tuple[str, ...]:
        """What falls no more."""
        kept = {each.vertex for each in self.after}
        return tuple(each.vertex for each in self.before if each.vertex not in kept)

    @property
    def lost(self) -> tuple[str, ...]:
        """What falls now and did not."""
        known = {each.vertex for each in self.before}
        return tuple(each.vertex for each in self.after if each.vertex not in known)

    @property
    def moved(self) -> tuple[str, ...]:
        """What falls by another way, or more or less surely."""
        ways = {each.vertex: (each.certainty, _ids(self.before, each.proof)) for each in self.before}
        return tuple(
            each.vertex
            for each in self.after
            if each.vertex in ways and ways[each.vertex] != (each.certainty, _ids(self.after, each.proof))
        )

    def facts(self) -> WhatIfShape:
        """Return the change as JSON values."""
        return {
            "from": self.source,
            "edits": list(self.edits),
            "score": {"old": self.before.score, "new": self.after.score},
            "saved": list(self.saved),
            "lost": list(self.lost),
            "moved": list(self.moved),
            "before": self.before.facts(),
            "after": self.after.facts(),
        }


def _ids(answer: BlastRadius, proof: Iterable[int]) -> tuple[str, ...]:
    return tuple(answer.steps[number].id for number in proof)


def whatif(cluster: Compiled, source: str, *, edits: Sequence[Input] = (), remove: Sequence[str] = ()) -> WhatIf:
    """Return what falls before and after a change.

    Args:
        source: Who is taken, as ``blast`` takes it.
        edits: Inputs whose objects replace those of the cluster, or join them.
        remove: Objects to be left out: ``RoleBinding ci/admin``, ``ClusterRoleBinding ci-admin``.

    Raises:
        InputError: Something is wrong with the edits.
        UnknownPeerError: There is no object to be removed, or no such source.
    """
    changed, told = edited(cluster, edits, remove)
    return WhatIf(
        source=source,
        edits=told,
        before=blast(cluster, source),
        after=blast(changed, source),
        warnings=warnings_of(changed),
    )


def edited(cluster: Compiled, edits: Sequence[Input], remove: Sequence[str]) -> tuple[Compiled, tuple[str, ...]]:
    """Return a cluster after a change, with what was changed; what the change does not touch is shared."""
    problems: list[Problem] = []
    documents = {_key(manifest): manifest.document for manifest in cluster.manifests}
    told = [_removed(documents, text) for text in remove]
    wanted = Manifests()
    for _ in wanted.keep(read_documents(list(edits), problems)) if edits else ():
        pass
    for manifest in wanted.all():
        told.append(f"{'~' if _key(manifest) in documents else '+'} {_name(manifest)}")
        documents[_key(manifest)] = manifest.document
    kept = Manifests()
    snapshot = assemble(kept.keep(documents.values()), problems)
    if problems:
        raise InputError(problems)
    after = type(cluster)(
        _shared(cluster.snapshot, replace(snapshot, names=cluster.snapshot.names)),
        cluster.profile,
        manifests=kept.all(),
        release=cluster.stated_release,
        defaults=cluster.defaults,
    )
    cluster.lend(after)
    return after, tuple(told)


_Key = tuple[str, str, str, str]


def _key(manifest: Manifest) -> _Key:
    return manifest.group, manifest.kind, manifest.namespace or "default", manifest.name


def _name(manifest: Manifest) -> str:
    space = f"{manifest.namespace}/" if manifest.namespace else ""
    return f"{manifest.kind} {space}{manifest.name}"


def _removed(documents: dict[_Key, Document], text: str) -> str:
    kind, _, rest = text.strip().partition(" ")
    namespace, _, name = rest.rpartition("/")
    for key in documents:
        if (key[1], key[3]) == (kind, name) and (not namespace or key[2] == namespace):
            del documents[key]
            return f"- {text.strip()}"
    raise UnknownPeerError(f"there is no `{text}` to be removed", hint="write KIND NAMESPACE/NAME, or KIND NAME")


def _shared(old: Snapshot, new: Snapshot) -> Snapshot:
    """Return the new snapshot with the very parts of the old one that are equal."""
    same = {
        name: getattr(old, name) for name in (*_OF_NETWORK, *_OF_RIGHTS) if getattr(old, name) == getattr(new, name)
    }
    return replace(new, **same)
