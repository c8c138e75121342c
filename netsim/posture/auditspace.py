"""The space of requests, cut so finely that no rule of a policy tells two requests of one cell apart.

A rule is a set of boxes: for each dimension, the values that it takes. A dimension has the values that some rule names,
and one for all the others. A rule is dead iff the boxes of the rules before it cover its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from netsim.ir.audit import AuditPolicy, AuditRule
from netsim.posture.auditpolicy import covers_path

_OTHER = "*other*"
#: The user of a request that failed to authenticate.
_NOBODY = "*nobody*"
_AUTHENTICATED, _UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
_YES, _NO = "yes", "no"
#: Verbs whose top-level requests have no name; those that always have one.
_NAMELESS, _NAMED = frozenset({"create", "deletecollection"}), frozenset({"get", "update", "patch", "delete"})

#: What other than these a request for a resource has for a verb, no policy is written for: that of OPTIONS is empty.
_VERBS = _NAMELESS | _NAMED | {"list", "watch"}

#: The values that each dimension may have; one that is not here may have any.
Box = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Space:
    """Every value of every dimension."""

    values: Mapping[str, frozenset[str]]

    def is_covered(self, box: Box, by: list[Box]) -> bool:
        """Is every request of a box in one of some others?"""
        for number, other in enumerate(by):
            if self._meet(box, other):
                return all(self.is_covered(rest, by[number + 1 :]) for rest in self._without(box, other))
        return False

    def are_covered(self, boxes: list[Box], none: list[Box], rules: Iterable[list[Box]]) -> bool:
        """Is every request of some boxes in one of some rules; where ``none`` holds no request?"""
        by = [*none, *(box for rule in rules for box in rule)]
        return all(self.is_covered(box, by) for box in boxes)

    def _of(self, box: Box, dimension: str) -> frozenset[str]:
        return box.get(dimension, self.values[dimension])

    def _meet(self, box: Box, other: Box) -> bool:
        return all(self._of(box, dimension) & values for dimension, values in other.items())

    def _without(self, box: Box, other: Box) -> Iterator[Box]:
        """Yield disjoint boxes: what of a box is not in another."""
        rest = dict(box)
        for dimension, values in other.items():
            own = self._of(rest, dimension)
            if outside := own - values:
                yield {**rest, dimension: outside}
            rest[dimension] = own & values


@dataclass(frozen=True, slots=True)
class Dead:
    """A rule that decides no request.

    Attributes:
        by: The numbers of earlier rules that together decide all of its requests, none of them needlessly; empty where
            no request is what the rule is about.
    """

    number: int
    by: tuple[int, ...]


def dead_rules(policy: AuditPolicy) -> Iterator[Dead]:
    """Yield each rule that decides no request, and why."""
    space = _space(policy)
    none = list(_impossible(space))
    earlier: dict[int, list[Box]] = {}
    for number, rule in enumerate(policy.rules):
        own = list(_boxes(rule, space))
        if space.are_covered(own, none, earlier.values()):
            yield Dead(number, _needed(space, own, none, earlier))
        earlier[number] = own


def _needed(space: Space, own: list[Box], none: list[Box], earlier: Mapping[int, list[Box]]) -> tuple[int, ...]:
    """Return earlier rules that cover a rule's boxes and of which none can be left out; one, where one does."""
    if space.are_covered(own, none, ()):
        return ()
    if (alone := next((each for each in earlier if space.are_covered(own, none, [earlier[each]])), None)) is not None:
        return (alone,)
    needed = list(earlier)
    for each in reversed(list(earlier)):
        rest = [other for other in needed if other != each]
        if space.are_covered(own, none, [earlier[other] for other in rest]):
            needed = rest
    return tuple(needed)


def _space(policy: AuditPolicy) -> Space:
    rules = policy.rules
    patterns = [pattern for rule in rules for each in rule.resources for pattern in each.resources]
    split = [pattern.partition("/") for pattern in patterns]
    named: dict[str, set[str]] = {
        "user": {user for rule in rules for user in rule.users} | {_NOBODY},
        "verb": {verb for rule in rules for verb in rule.verbs} | _VERBS,
        "namespace": {namespace for rule in rules for namespace in rule.namespaces} | {""},
        "group": {each.group for rule in rules for each in rule.resources},
        "resource": {resource for resource, _, _ in split if resource != "*"},
        "subresource": {sub for _, _, sub in split if sub != "*"} | {""},
        "name": {name for rule in rules for each in rule.resources for name in each.names} | {""},
        "path": {url for rule in rules for url in rule.urls},
    }
    values = {dimension: frozenset(each | {_OTHER}) for dimension, each in named.items()}
    values["target"] = frozenset({"resource", "path"})
    for group in {group for rule in rules for group in rule.groups} | {_AUTHENTICATED, _UNAUTHENTICATED}:
        values[_of_group(group)] = frozenset({_YES, _NO})
    return Space(values)


def _of_group(group: str) -> str:
    return f"in {group}"


def _impossible(space: Space) -> Iterator[Box]:
    """Yield boxes that hold no request: whoever is authenticated is in one of two groups, and never in both."""
    somebody = space.values["user"] - {_NOBODY}
    yes, no = frozenset({_YES}), frozenset({_NO})
    authenticated, unauthenticated = _of_group(_AUTHENTICATED), _of_group(_UNAUTHENTICATED)
    yield {authenticated: yes, unauthenticated: yes}
    yield {"user": somebody, authenticated: no, unauthenticated: no}
    for dimension in space.values:
        if dimension.startswith("in "):
            yield {"user": frozenset({_NOBODY}), dimension: yes}
    resource = frozenset({"resource"})
    yield {"target": resource, "verb": frozenset({_OTHER})}
    named = space.values["name"] - {""}
    yield {"target": resource, "verb": _NAMELESS, "subresource": frozenset({""}), "name": named}
    yield {"target": resource, "verb": _NAMED, "name": frozenset({""})}


def _boxes(rule: AuditRule, space: Space) -> Iterator[Box]:
    box: dict[str, frozenset[str]] = {}
    if rule.users:
        box["user"] = frozenset(rule.users)
    if rule.verbs:
        box["verb"] = frozenset(rule.verbs)
    for target in _targets(rule, space):
        for group in rule.groups:
            yield {**box, **target, _of_group(group): frozenset({_YES})}
        if not rule.groups:
            yield {**box, **target}


def _targets(rule: AuditRule, space: Space) -> Iterator[Box]:
    if rule.namespaces or rule.resources:
        box: dict[str, frozenset[str]] = {"target": frozenset({"resource"})}
        if rule.namespaces:
            box["namespace"] = frozenset(rule.namespaces)
        for each in rule.resources:
            of_group = {**box, "group": frozenset({each.group})}
            if each.names:
                of_group["name"] = frozenset(each.names)
            yield from ({**of_group, **_resource(pattern)} for pattern in each.resources or ("*",))
        if not rule.resources:
            yield box
    elif rule.urls:
        paths = frozenset(path for path in space.values["path"] if any(_covers(url, path) for url in rule.urls))
        yield {"target": frozenset({"path"}), "path": paths}
    else:
        yield {}


def _resource(pattern: str) -> Box:
    resource, _, subresource = pattern.partition("/")
    if pattern == "*":
        return {}
    if resource == "*":
        return {"subresource": frozenset({subresource})}
    of_resource = {"resource": frozenset({resource})}
    return of_resource if subresource == "*" else {**of_resource, "subresource": frozenset({subresource})}


def _covers(url: str, named: str) -> bool:
    """Does a URL cover all paths that another one of the policy covers?"""
    if url == "*":
        return True
    if named == _OTHER:
        return False
    if named.endswith("*"):
        return url.endswith("*") and named.rstrip("*").startswith(url.rstrip("*"))
    return covers_path(url, named)
