"""What the inputs hold, object by object: what is repeated, what overrides what, what is not modelled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.kinds import KINDS
from netsim.ingest.kinds.kind import AnyKind, Controller, Reading, Value
from netsim.ingest.kinds.networks import NETWORKS
from netsim.ingest.reader import Models, read_object
from netsim.ir.objects import Workload
from netsim.ir.place import Place
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Notice, Override, Unmodelled

_BY_VERSION: dict[tuple[str, str], AnyKind] = {
    (version, kind.name): kind for kind in KINDS for version in (*kind.api_versions, *kind.also_served)
}
_BY_NAME = {kind.name: kind for kind in KINDS}


def _spellings(name: str) -> tuple[str, str]:
    """Return what people write for a kind, in any case: its name, and its plural."""
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return name.lower(), plural.lower()


_BY_FOLDED_NAME = {spelling: kind for kind in KINDS for spelling in _spellings(kind.name)}

#: Policies of versions that are gone.
_REMOVED = {
    ("extensions/v1beta1", "NetworkPolicy"): ": no server serves it since 1.16, use networking.k8s.io/v1",
}

#: Kinds that keep pods apart, too; of another group they are somebody else's, or misspelt.
_NETWORKS = frozenset(kind.name for kind in NETWORKS)

#: API version, kind, namespace, name.
_Key = tuple[str, str, str, str]
#: A value, and the number of the input that it came from.
Entry = tuple[Value, int]


@dataclass(slots=True)
class Inventory:
    """What was read so far.

    ``entries`` holds the objects that count: of those that stand in several inputs the last.
    ``replaced`` holds the first form of the controllers among those that were overridden.
    ``said`` holds what there is to say of the objects that count.
    """

    problems: list[Problem]
    entries: dict[_Key, Entry] = field(default_factory=dict)
    replaced: dict[Workload, Controller] = field(default_factory=dict)
    said: dict[_Key, tuple[Notice, ...]] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    unmodelled: dict[tuple[str, str], Unmodelled] = field(default_factory=dict)
    outdated: dict[tuple[str, str], Unmodelled] = field(default_factory=dict)
    kustomizations: list[Place] = field(default_factory=list)
    models: Models = field(default_factory=dict)

    def read(self, documents: Iterable[Document]) -> None:
        """Take in every document."""
        for serial, document in enumerate(documents, start=1):
            kind = _kind_of(document)
            if kind is None:
                self._pass_over(document)
                continue
            if document.api_version not in (kind.api_versions[0], *kind.also_served):
                _count(self.outdated, document)
            reading, value = read_object(document, kind, serial, self.models)
            if value is not None:
                key = (kind.api_versions[0], kind.name, reading.namespace, reading.name)
                if key in self.entries:
                    self._note_repetition(reading, value, *self.entries[key])
                self.entries[key] = (value, document.input)
                if reading.notices or key in self.said:  # what was said of an object that this one overrides is gone
                    self.said[key] = tuple(reading.notices)
            self.problems.extend(reading.problems)

    def _note_repetition(self, reading: Reading, value: Value, old: Value, old_input: int) -> None:
        if old_input == reading.document.input:
            message = f"{reading.subject} stands already at {old.place}"
            hint = "leave one of them out; of two inputs the later overrides the earlier"
            reading.refuse("NS105", (), message, hint=hint)
            return
        name = reading.subject.removeprefix(f"{reading.kind} ")
        if replace(old, place=value.place) != value:  # the same object again is no news
            self.overrides.append(Override(reading.kind, name, old.place, value.place))
        if isinstance(old, Controller):
            self.replaced.setdefault(old.workload, old)

    def _pass_over(self, document: Document) -> None:
        if document.kind in _BY_NAME and not document.api_version and not _says_no_version(document.tree()):
            self.problems.append(document.problem("NS107", ("apiVersion",), "must be text", subject=document.kind))
            return
        meant = _meant(document)
        if meant is None:
            _count(self.unmodelled, document)
            if _is_kustomization(document):
                self.kustomizations.append(document.place())
            return
        field = "kind" if document.kind != meant.name else "apiVersion"
        message = f"there is no {document.api_version} {document.kind}"
        hint = f"write `apiVersion: {meant.api_versions[0]}` and `kind: {meant.name}`"
        self.problems.append(document.problem("NS121", (field,), message, hint=hint))

    def notices(self) -> Iterator[Notice]:
        """Yield what a user should know of the kinds and versions that were found."""
        for key, each in self.unmodelled.items():
            # A policy of a vendor, or of an API that is not modelled yet, may allow or deny what a verdict says.
            if "NetworkPolicy" in each.kind or each.kind in _NETWORKS:
                message = f"{_counted(each)} not modelled, and verdicts ignore them{_REMOVED.get(key, '')}"
                yield Notice(message, each.place)
        if self.kustomizations:
            count = len(self.kustomizations)
            what = "a kustomization is" if count == 1 else f"{count:,} kustomizations are"
            how = "manifests count as they stand; the input `kustomize:FOLDER` is what one renders"
            yield Notice(f"{what} not rendered: {how}", self.kustomizations[0])
        yield from (notice for notices in self.said.values() for notice in notices)
        yield from self._of_versions()
        for each in self.outdated.values():
            why = "no server serves that version any more" if each.api_version else "it says no apiVersion"
            yield Notice(f"{_counted(each)} read as {_BY_NAME[each.kind].api_versions[0]}: {why}", each.place)

    def _of_versions(self) -> Iterator[Notice]:
        """Yield where policies of several versions of one API stand beside each other (S4.5)."""
        found: dict[str, dict[str, Policy]] = {}
        for (version, *_), (value, _) in self.entries.items():
            if isinstance(value, Policy):
                found.setdefault(version.rpartition("/")[0], {}).setdefault(version, value)
        for versions in found.values():
            if len(versions) > 1:
                *older, (newest, policy) = sorted(versions.items())
                message = f"policies of {newest} beside those of {', '.join(each for each, _ in older)}"
                yield Notice(f"{message}: no server serves both, and their tiers were merged by priority", policy.place)


def _is_kustomization(document: Document) -> bool:
    """Return whether kustomize takes a document for what it renders, which needs neither a kind nor a version."""
    if document.kind:
        return document.api_version.startswith("kustomize.config.k8s.io/")
    return document.file.rpartition("/")[2] in ("kustomization.yaml", "kustomization.yml")


def _kind_of(document: Document) -> AnyKind | None:
    if document.api_version:
        return _BY_VERSION.get((document.api_version, document.kind))
    # The server takes an absent apiVersion from the request; the names of the kinds here tell as much.
    kind = _BY_NAME.get(document.kind)
    tree = document.tree() if kind else {}
    return kind if "metadata" in tree and _says_no_version(tree) else None


def _says_no_version(tree: Mapping[str, Any]) -> bool:
    return tree.get("apiVersion") in (None, "")


def _meant(document: Document) -> AnyKind | None:
    """Return the kind that a version or a kind that no server knows must mean: another version, group, case or plural.

    A group of somebody else's has a dot in its name, and may have a kind of the same name.
    """
    kind = _BY_FOLDED_NAME.get(document.kind.lower())
    if kind is None or not document.api_version or (document.api_version, document.kind) in _REMOVED:
        return None
    group = document.api_version.rpartition("/")[0]
    return kind if "." not in group or group == kind.group else None


def _count(counts: dict[tuple[str, str], Unmodelled], document: Document) -> None:
    key = (document.api_version, document.kind)
    known = counts.get(key)
    counts[key] = replace(known, count=known.count + 1) if known else Unmodelled(*key, 1, document.place())


def _counted(objects: Unmodelled) -> str:
    what = f"{objects.api_version} {objects.kind}".strip()
    return f"1 {what} is" if objects.count == 1 else f"{objects.count} {what} are"
