"""Does a pod pass a level of the Pod Security Standards, and which of its fields fail?

Source: k8s.io/pod-security-admission, policy package; the controls themselves are tables in ``models/pod-security``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from netsim.errors import UsageError
from netsim.ingest.document import Path
from netsim.ir.podsecurity import (
    ContainsRule,
    Control,
    Exemption,
    FieldRule,
    KeysRule,
    Level,
    RequiredRule,
    Revision,
    Rule,
    Scalar,
    Standards,
)
from netsim.knowledge import pod_security

#: The lists of containers, in the order in which upstream visits them.
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_ANNOTATION = "annotation:"
_OF_CONTAINERS = "container."
_NEEDED = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """A field that a rule does not admit: its path from the pod's root, and its value, None where it is missing."""

    path: Path
    value: Any
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A control that a pod fails, and the fields that it fails by."""

    control: Control
    offences: tuple[Offence, ...]


def minor_of(version: str, standards: Standards | None = None) -> int:
    """Return the minor version whose controls count: ``latest``, and any that is newer than all, is the newest known.

    Raises:
        UsageError: The version is neither ``latest`` nor ``v1.N``.
    """
    newest = (standards or pod_security()).newest
    if version == "latest":
        return newest
    number = version.removeprefix("v").removeprefix("1.")
    if not number.isdigit() or version.removeprefix("v") != f"1.{int(number)}":
        raise UsageError(f"`{version}` is no version of the Pod Security Standards", hint="write latest, or v1.31")
    return min(int(number), newest)


def failures(pod: Mapping[str, Any], level: Level, version: str = "latest") -> tuple[Failure, ...]:
    """Return the controls of a level that a pod fails: those of baseline first, each level's sorted by id.

    Args:
        pod: ``metadata`` and ``spec``, as a Pod or a pod template has them.
        version: ``latest`` or ``v1.N``.

    Raises:
        UsageError: The version is none.
    """
    minor = minor_of(version)
    found = []
    for control, revision in _asked(level, minor):
        offences = () if _is_exempt(pod, revision.exempt) else tuple(_offences(pod, revision))
        if offences:
            found.append(Failure(control=control, offences=offences))
    return tuple(found)


def _asked(level: Level, minor: int) -> list[tuple[Control, Revision]]:
    asked = [
        (each, revision) for each in pod_security().controls if each.level <= level and (revision := each.at(minor))
    ]
    replaced = {revision.replaces for _, revision in asked}
    return [(each, revision) for each, revision in asked if each.id not in replaced]


def _is_exempt(pod: Mapping[str, Any], exemption: Exemption | None) -> bool:
    spec = _mapping(pod.get("spec"))
    match exemption:
        case None:
            return False
        case Exemption.WINDOWS:
            return _mapping(spec.get("os")).get("name") == "windows"
        case Exemption.USER_NAMESPACE:
            return spec.get("hostUsers") is False
        case _:
            assert_never(exemption)


def _offences(pod: Mapping[str, Any], revision: Revision) -> Iterator[Offence]:
    for rule in revision.rules:
        match rule:
            case FieldRule():
                found = _of_fields(pod, rule)
            case KeysRule():
                found = _of_keys(pod, rule)
            case RequiredRule():
                found = _of_required(pod, rule)
            case ContainsRule():
                found = _of_containing(pod, rule)
            case _:
                assert_never(rule)
        yield from (Offence(path=path, value=value, rule=rule) for path, value in found)


_Found = Iterator[tuple[Path, Any]]


def _of_fields(pod: Mapping[str, Any], rule: FieldRule) -> _Found:
    for path, value in _values(pod, rule.at):
        if _is_among(value, rule.refused) or (rule.allowed is not None and not _is_among(value, rule.allowed)):
            yield path, value


def _of_keys(pod: Mapping[str, Any], rule: KeysRule) -> _Found:
    for path, value in _values(pod, rule.at):
        for key in _mapping(value).keys() - set(rule.keys):
            if value[key] is not None:
                yield (*path, key), value[key]


def _of_required(pod: Mapping[str, Any], rule: RequiredRule) -> _Found:
    of_pod = list(_walk(pod.get("spec"), rule.pod, ("spec",))) if rule.pod else []
    for path, value in of_pod:
        if not _is_among(value, rule.allowed):
            yield path, value
    for at, container in containers(pod):
        own = list(_walk(container, rule.container, at))
        if not own and not of_pod:
            yield (*at, *steps(rule.container)), None
        yield from ((path, value) for path, value in own if not _is_among(value, rule.allowed))


def _of_containing(pod: Mapping[str, Any], rule: ContainsRule) -> _Found:
    for at, container in containers(pod):
        own = next((value for _, value in _walk(container, rule.container, at)), None)
        if not isinstance(own, list) or rule.containing not in own:
            yield (*at, *steps(rule.container)), own


def steps(written: str) -> Path:
    """Return the steps of a dotted path of a table, which has no list on its way."""
    return tuple(written.removesuffix(_NEEDED).split("."))


def containers(pod: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each container of a pod, init and ephemeral ones too, with its path from the pod's root."""
    spec = _mapping(pod.get("spec"))
    for name in CONTAINERS:
        for index, container in enumerate(spec.get(name) or ()):
            yield ("spec", name, index), _mapping(container)


def _values(pod: Mapping[str, Any], paths: tuple[str, ...]) -> _Found:
    """Yield every value that is there, with its path; null is absent."""
    for written in paths:
        if written.startswith(_ANNOTATION):
            yield from _annotations(pod, written.removeprefix(_ANNOTATION))
        elif written.startswith(_OF_CONTAINERS):
            for at, container in containers(pod):
                yield from _walk(container, written.removeprefix(_OF_CONTAINERS), at)
        else:
            yield from _walk(pod, written, ())


def _annotations(pod: Mapping[str, Any], pattern: str) -> _Found:
    annotations = _mapping(_mapping(pod.get("metadata")).get("annotations"))
    names = [str(container.get("name")) for _, container in containers(pod)]
    wanted = tuple(pattern.replace("{container}", name) for name in names) if "{container}" in pattern else (pattern,)
    for key, value in annotations.items():
        if _is_among(key, wanted):
            yield ("metadata", "annotations", key), value or ""


def _walk(value: Any, written: str, at: Path) -> _Found:
    """Yield what stands at a dotted path below ``value``; ``[*]`` stands for each item of a list.

    A path ends in ``!`` where the last field is empty, and not absent, as soon as what holds it is there.
    """
    step, _, rest = written.partition(".")
    name = step.removesuffix("[*]").removesuffix(_NEEDED)
    inner = _mapping(value).get(name)
    if inner is None and step.endswith(_NEEDED):
        inner = ""
    if inner is None:
        return
    here: Path = (*at, name)
    items = [((*here, index), item) for index, item in enumerate(inner)] if step.endswith("[*]") else [(here, inner)]
    for path, item in items:
        if rest:
            yield from _walk(item, rest, path)
        elif item is not None:
            yield path, item


def _is_among(value: Any, wanted: tuple[Scalar, ...]) -> bool:
    return any(_is_alike(value, each) for each in wanted)


def _is_alike(value: Any, wanted: Scalar) -> bool:
    if isinstance(wanted, str) and wanted.endswith("*"):
        return isinstance(value, str) and value.startswith(wanted[:-1])
    return bool(value == wanted) and isinstance(value, bool) is isinstance(wanted, bool)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
