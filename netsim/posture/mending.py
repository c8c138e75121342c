"""The smallest change of a pod that lets it pass a level, as a strategic merge patch, proved by asking again."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from netsim.ingest.document import Path
from netsim.ir.podsecurity import ContainsRule, FieldRule, KeysRule, Level, RequiredRule
from netsim.posture.podsecurity import CONTAINERS, Failure, Offence, failures, steps

#: Lists that kubectl merges, and the key by which it tells their items.
_MERGED = {**dict.fromkeys(CONTAINERS, "name"), "volumes": "name", "ports": "containerPort"}
#: The item of a patched list that says that the others are all that is left of it.
_REPLACE = {"$patch": "replace"}
_ROUNDS = 4

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What has to change.

    Attributes:
        patch: Of ``metadata`` and ``spec``; null takes a field out. Empty where the pod passes.
        left: The controls that the patched pod still fails; empty where it passes.
    """

    patch: Mapping[str, Any]
    left: tuple[Failure, ...]


def mended(pod: Mapping[str, Any], level: Level, version: str) -> Mended:
    """Return the patch after which a pod passes a level, and what it fails even then."""
    wanted: Tree = deepcopy({"metadata": dict(pod.get("metadata") or {}), "spec": dict(pod.get("spec") or {})})
    for _ in range(_ROUNDS):
        # Each round asks again: what one edit leaves, a bad value below a good one, the next one takes.
        found = failures(wanted, level, version)
        if not found:
            break
        # Later items of a list first, so that the places of the others stay.
        offences = sorted((each for failure in found for each in failure.offences), key=_order, reverse=True)
        for offence in offences:
            _mend(wanted, offence)
    before: Tree = {"metadata": pod.get("metadata") or {}, "spec": pod.get("spec") or {}}
    patch = difference(before, wanted)
    # The proof is about the patch as it will be applied, not about what it was made from.
    return Mended(patch=patch, left=failures(merged(before, patch), level, version))


def _order(offence: Offence) -> tuple[tuple[int, int, str], ...]:
    return tuple((1, step, "") if isinstance(step, int) else (0, 0, step) for step in offence.path)


def _mend(pod: Tree, offence: Offence) -> None:
    match offence.rule:
        case FieldRule():
            _take_out(pod, offence.path)
        case KeysRule():
            _take_out(pod, offence.path)
            holder = _at(pod, offence.path[:-1])
            if isinstance(holder, dict) and offence.path[1:2] == ("volumes",) and set(holder) <= {"name"}:
                holder["emptyDir"] = {}
        case RequiredRule(pod=of_pod, allowed=allowed):
            path = _of_pod(of_pod) if of_pod else offence.path
            if of_pod and offence.path[: len(path)] != path and offence.value is not None:
                _take_out(pod, offence.path)
            _put(pod, path, allowed[0])
        case ContainsRule(containing=value):
            _put(pod, offence.path, [value])


def _of_pod(written: str) -> Path:
    return ("spec", *steps(written))


def _at(tree: Any, path: Path) -> Any:
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def _take_out(pod: Tree, path: Path) -> None:
    """Take a field out; an item of a list whole, where the field is what makes it wrong."""
    if path[-1] == "name" and isinstance(path[-2], int):  # a sysctl
        path = path[:-1]
    holder, last = _at(pod, path[:-1]), path[-1]
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        del holder[last]
    elif isinstance(holder, dict) and last not in holder:  # what holds it is wrong without it
        _take_out(pod, path[:-1])
    elif isinstance(holder, dict):
        holder.pop(last)
        if last == "hostPath" and set(holder) <= {"name"}:
            holder["emptyDir"] = {}


def _put(pod: Tree, path: Path, value: Any) -> None:
    holder: Any = pod
    for step in path[:-1]:
        if isinstance(holder, list):
            holder = holder[int(step)]
            continue
        if not isinstance(holder.get(step), dict | list):
            holder[step] = {}
        holder = holder[step]
    holder[path[-1]] = value


def difference(before: Any, after: Any) -> Tree:
    """Return the strategic merge patch that makes ``after`` of ``before``."""
    patch: Tree = {key: None for key in before if key not in after and before[key] is not None}
    for key, value in after.items():
        old = before.get(key)
        if value == old:
            continue
        if isinstance(value, dict) and isinstance(old, Mapping):
            patch[key] = difference(old, value)
        elif (
            key in _MERGED and isinstance(value, list) and isinstance(old, list) and _is_alike(old, value, _MERGED[key])
        ):
            own = _MERGED[key]
            pairs = zip(old, value, strict=True)
            patch[key] = [{own: new[own], **difference(was, new)} for was, new in pairs if was != new]
        elif key in _MERGED and isinstance(value, list) and isinstance(old, list):
            # As of one port by TCP and UDP: items that no key tells apart are never merged.
            patch[key] = [_REPLACE, *value]
        else:
            patch[key] = value
    return patch


def _is_alike(old: Sequence[Any], new: Sequence[Any], key: str) -> bool:
    """Have two lists the same items in the same order, each known by a key of its own?"""
    names = [each.get(key) for each in old if isinstance(each, Mapping)]
    return bool(key) and (
        len(old) == len(new) == len(names)
        and None not in names
        and len(set(map(str, names))) == len(names)
        and names == [each.get(key) for each in new]
    )


def merged(before: Any, patch: Mapping[str, Any]) -> Tree:
    """Return what a strategic merge patch makes of an object, as kubectl applies it."""
    result: Tree = dict(before)
    for key, value in patch.items():
        old = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            result[key] = merged(old if isinstance(old, Mapping) else {}, value)
        elif isinstance(value, list) and value[:1] == [_REPLACE]:
            result[key] = value[1:]
        elif key in _MERGED and isinstance(value, list) and isinstance(old, list):
            result[key] = _merged_items(old, value, _MERGED[key])
        else:
            result[key] = value
    return result


def _merged_items(old: Sequence[Any], patches: Sequence[Any], key: str) -> list[Any]:
    by_name = {each.get(key): each for each in patches}
    known = {each.get(key) for each in old}
    kept = [merged(each, by_name[each.get(key)]) if each.get(key) in by_name else each for each in old]
    return kept + [each for each in patches if each.get(key) not in known]
