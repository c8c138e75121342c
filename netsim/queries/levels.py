"""What if a level of Pod Security were enforced: which workloads break, and the smallest patch for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.document import written
from netsim.ingest.podspecs import PodSpec, mapping, mappings, pod_specs
from netsim.ir.place import Place
from netsim.ir.podsecurity import Level
from netsim.ir.shapes import PlaceShape
from netsim.posture.faults import subject
from netsim.posture.mending import Mended, mended
from netsim.posture.namespaces import defaults_of, labels_of
from netsim.posture.podchecks import pod_of
from netsim.posture.podsecurity import Failure, failures, minor_of
from netsim.posture.podsecurityadmission import Asked, policy_of
from netsim.queries.answer import Answer

_LEVELS = {level.label: level for level in Level}


class BrokenShape(PlaceShape):
    """A workload whose pods would be refused: the controls that they fail, by which fields, and what mends it."""

    object: str
    namespace: str
    level: Annotated[str, tuple(_LEVELS)]
    version: str
    failing: dict[str, list[str]]
    patch: Mapping[str, Any]
    proved: bool
    left: list[str]
    emptied: list[str]


class LevelTrialSummary(TypedDict):
    """How many workloads would break, how many would not, and how many were refused before."""

    broken: int
    passing: int
    refused: int


class LevelTrialShape(TypedDict):
    """Which workloads would break."""

    asked: str
    summary: LevelTrialSummary
    workloads: list[BrokenShape]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A workload whose pods would be refused.

    Attributes:
        asked: The level and version that refuse them.
        failing: The controls that they fail.
        patch: A whole object, to be given to ``kubectl patch --patch-file`` or to kustomize.
        left: The controls that the patched pods still fail.
        emptied: The volumes that the patch makes an emptyDir of: what they hold is not there any more.
    """

    object: str
    namespace: str
    place: Place
    asked: Asked
    failing: tuple[Failure, ...]
    patch: Mapping[str, Any]
    left: tuple[str, ...]
    emptied: tuple[str, ...] = ()

    def to_dict(self) -> BrokenShape:
        """Return it as JSON values."""
        return {
            "object": self.object,
            "namespace": self.namespace,
            "level": self.asked.level.label,
            "version": self.asked.version,
            "failing": {each.control.id: [written(offence.path) for offence in each.offences] for each in self.failing},
            "patch": self.patch,
            "proved": not self.left,
            "left": list(self.left),
            "emptied": list(self.emptied),
            "file": self.place.file or None,
            "line": self.place.line or None,
        }


@dataclass(frozen=True, kw_only=True)
class LevelTrial(Answer):
    """Which workloads would break.

    Attributes:
        asked: The question, as it was written.
        passing: How many workloads pass.
        refused: How many workloads were refused already, at the version that is compared with.
    """

    kind: ClassVar[str] = "LevelTrial"

    asked: str
    broken: tuple[Broken, ...]
    passing: int
    refused: int = 0

    def __iter__(self) -> Iterator[Broken]:
        return iter(self.broken)

    def __len__(self) -> int:
        return len(self.broken)

    def facts(self) -> LevelTrialShape:
        """Return the workloads as JSON values."""
        return {
            "asked": self.asked,
            "summary": {"broken": len(self.broken), "passing": self.passing, "refused": self.refused},
            "workloads": [each.to_dict() for each in self.broken],
        }


def level_trial(cluster: Compiled, asked: str, *, namespace: str = "*", since: str = "") -> LevelTrial:
    """Return the workloads whose pods a level would refuse, each with the smallest patch that mends it.

    Args:
        asked: ``restricted``, ``baseline:v1.37``; or ``v1.37``: the levels that are enforced, at that version.
        namespace: A glob over their namespaces.
        since: Leave out what fails already at this version: what is left breaks by the newer one.

    Raises:
        UsageError: The question is none, or is about no workload.
    """
    level, version = _question(asked)
    if since:
        minor_of(since)
    broken: list[Broken] = []
    passing = refused = 0
    enforced = _enforced(cluster)
    exemptions = defaults_of(cluster.manifests)[1]
    for spec in pod_specs(cluster.manifests):
        if not fnmatchcase(spec.namespace, namespace) or _is_owned(spec):
            continue
        if exemptions.of(user="", namespace=spec.namespace, pod=pod_of(spec)):
            continue
        wanted = Asked(level=enforced(spec.namespace).level if level is None else level, version=version)
        found = failures(pod_of(spec), wanted.level, wanted.version)
        old = since or (enforced(spec.namespace).version if level is None else "")
        if not found:
            passing += 1
        elif old and failures(pod_of(spec), wanted.level, old):
            refused += 1
        else:
            broken.append(_broken(spec, wanted, found))
    if not (broken or passing or refused) and namespace != "*":
        known = ", ".join(sorted({each.namespace for each in pod_specs(cluster.manifests)})) or "none"
        raise UsageError(f"no workload of the input is in `{namespace}`", hint=f"namespaces with workloads: {known}")
    warnings = (*cluster.notices, *cluster.snapshot.warnings)
    return LevelTrial(asked=asked, broken=tuple(broken), passing=passing, refused=refused, warnings=warnings)


def _question(asked: str) -> tuple[Level | None, str]:
    name, _, version = asked.partition(":")
    if name in _LEVELS:
        minor_of(version or "latest")
        return _LEVELS[name], version or "latest"
    if name.startswith("v") or name == "latest":
        minor_of(name)
        return None, name
    raise UsageError(f"`{asked}` is no level", hint="write baseline, restricted, restricted:v1.31, or v1.37 alone")


def _enforced(cluster: Compiled) -> Any:
    defaults, _ = defaults_of(cluster.manifests)
    policies = {
        each.name: policy_of(labels_of(each), defaults).enforce
        for each in cluster.manifests
        if each.kind == "Namespace" and not each.group
    }
    return lambda name: policies.get(name, defaults.enforce)


def _is_owned(spec: PodSpec) -> bool:
    """Is it made from a template, so that a patch of it is undone?"""
    metadata = spec.manifest.body.get("metadata")
    return isinstance(metadata, Mapping) and bool(metadata.get("ownerReferences"))


def _broken(spec: PodSpec, asked: Asked, found: tuple[Failure, ...]) -> Broken:
    result = mended(pod_of(spec), asked.level, asked.version)
    return Broken(
        object=subject(spec.manifest),
        namespace=spec.namespace,
        place=spec.manifest.place(spec.path),
        asked=asked,
        failing=found,
        patch=_whole(spec, result),
        left=tuple(each.control.id for each in result.left),
        emptied=tuple(_emptied(spec.body, result.patch)),
    )


def _emptied(body: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[str]:
    before = {str(each.get("name")) for each in mappings(body, "volumes") if "emptyDir" in each}
    for each in mappings(mapping(patch, "spec"), "volumes"):
        if "emptyDir" in each and str(each.get("name")) not in before:
            yield str(each.get("name"))


def _whole(spec: PodSpec, result: Mended) -> Mapping[str, Any]:
    """Return the patch of a pod as one of the object that holds it."""
    patch: dict[str, Any] = {key: value for key, value in result.patch.items() if value}
    for step in reversed(spec.path[:-1]):
        patch = {str(step): patch}
    manifest = spec.manifest
    metadata = {"name": manifest.name, **({"namespace": manifest.namespace} if manifest.namespace else {})}
    return {
        "apiVersion": manifest.api_version,
        "kind": manifest.kind,
        "metadata": {**metadata, **patch.pop("metadata", {})},
        **patch,
    }
