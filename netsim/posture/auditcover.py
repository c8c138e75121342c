"""The smallest audit policy that records some requests, and of nothing a body.

A rule is a box: verbs times resources. Every rule records Metadata, so that no value of a Secret and no token is ever
written, whatever the resource; none names users or namespaces, since what is taken today may be another one tomorrow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netsim.ir.access import Request

#: A verb, an API group, a resource with its subresource: ``("create", "", "pods/exec")``.
Need = tuple[str, str, str]
_Target = tuple[str, str]
_Verbs = frozenset[str]
_ORDER = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
#: To ask for these over WebSocket is a get, whatever right that takes.
_SESSIONS = frozenset({"attach", "exec", "portforward", "proxy"})
#: So many boxes are tried for a smaller set; past that, resources of the same verbs are one rule.
_MOST_TRIED = 20_000


@dataclass(frozen=True, slots=True)
class Box:
    """What one rule is about: each of some verbs, of each of some resources, as group and resource."""

    verbs: _Verbs
    targets: frozenset[_Target]

    def __contains__(self, need: Need) -> bool:
        return need[0] in self.verbs and need[1:] in self.targets


def need_of(request: Request) -> Need:
    """Return what of a request a rule of this kind goes by."""
    return request.verb, request.group, "/".join(filter(None, (request.resource, request.subresource)))


def forms_of(request: Request) -> Iterator[Request]:
    """Yield how a request may look in the audit log: a session may be opened by POST, and over WebSocket by GET."""
    verbs = {request.verb, "get", "create"} if request.subresource in _SESSIONS else {request.verb}
    yield from (replace(request, verb=verb) for verb in sorted(verbs))


def boxes(needs: Iterable[Need]) -> tuple[Box, ...]:
    """Return the fewest boxes that hold exactly these needs between them."""
    verbs: dict[_Target, set[str]] = {}
    for verb, group, resource in needs:
        verbs.setdefault((group, resource), set()).add(verb)
    held = {target: frozenset(own) for target, own in verbs.items()}
    candidates = [
        Box(own, frozenset(target for target, all_ in held.items() if own <= all_)) for own in _closed(held.values())
    ]
    return tuple(sorted(_Cover(held, candidates).smallest(), key=_order))


def _closed(family: Iterable[_Verbs]) -> list[_Verbs]:
    """Return all that is the intersection of some sets: each other box is inside one of these."""
    found: set[_Verbs] = set()
    for own in set(family):
        found |= {own, *(own & other for other in found)}
    return sorted((each for each in found if each), key=lambda each: (-len(each), sorted(each)))


@dataclass(slots=True)
class _Cover:
    """The search for the fewest boxes; used once, then dropped."""

    held: Mapping[_Target, _Verbs]
    candidates: Sequence[Box]
    tried: int = 0

    def smallest(self) -> list[Box]:
        """Return the fewest boxes that are found within the bound."""
        whole = frozenset((verb, *target) for target, verbs in self.held.items() for verb in verbs)
        plain = [
            Box(own, frozenset(target for target, verbs in self.held.items() if verbs == own))
            for own in set(self.held.values())
        ]
        for size in range(len(plain)):
            if (found := self._within(whole, size)) is not None:
                return found
        return plain

    def _within(self, left: frozenset[Need], size: int) -> list[Box] | None:
        if not left:
            return []
        self.tried += 1
        if size == 0 or self.tried > _MOST_TRIED:
            return None
        need = min(left, key=lambda each: (sum(each in box for box in self.candidates), each))
        for box in self.candidates:
            if need in box:
                rest = self._within(frozenset(each for each in left if each not in box), size - 1)
                if rest is not None:
                    return [box, *rest]
        return None


def _order(box: Box) -> tuple[list[int], list[_Target]]:
    return [_rank(verb) for verb in _sorted(box.verbs)], sorted(box.targets)


def _rank(verb: str) -> int:
    return _ORDER.index(verb) if verb in _ORDER else len(_ORDER)


def _sorted(verbs: Iterable[str]) -> list[str]:
    return sorted(verbs, key=lambda verb: (_rank(verb), verb))


def policy(found: Iterable[Box]) -> dict[str, Any]:
    """Return an audit policy of these boxes, as it is written; each event once."""
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata", "verbs": _sorted(box.verbs), "resources": _resources(box)} for box in found],
    }


def _resources(box: Box) -> list[dict[str, Any]]:
    groups = sorted({group for group, _ in box.targets})
    return [
        {"group": group, "resources": sorted(resource for own, resource in box.targets if own == group)}
        for group in groups
    ]
