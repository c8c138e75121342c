"""Roles and bindings compiled: may this subject make this request, and who may."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from netsim.access.aggregation import held
from netsim.access.identity import Identity, account_user, identity
from netsim.access.rules import Mask, RuleTable, as_sent
from netsim.ir.access import Authority, Binding, Decision, Grant, Request, Rights, Role, Rule, Subject, SubjectKind

#: What a binding gives to whom: a user name, or a group, by its kind.
_Key = tuple[SubjectKind, str]
_CLUSTER = ""


@dataclass(frozen=True, slots=True)
class _Bound:
    """A binding whose role exists, and the rules that it gives."""

    binding: Binding
    role: Role
    rules: Mask


class Access:
    """Which requests are allowed, by ``system:masters`` and by roles and bindings.

    Rules are numbered and sets of them are the bits of a whole number, so that a question is a few ANDs: the rules
    that match the request, and those that the caller holds in its scope.

    Attributes:
        roles, bindings: By namespace and name; the namespace of what is in none is empty.
    """

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        written = [(role, rule) for role in rights.roles for rule in role.rules]
        self._origins = tuple(role for role, _ in written)
        self._table = RuleTable(rule for _, rule in written)
        self.roles = {(role.namespace, role.name): role for role in rights.roles}
        self.bindings = {(binding.namespace, binding.name): binding for binding in rights.bindings}
        self._held = self._rules_of_roles()
        self._bound: dict[str, list[_Bound]] = defaultdict(list)
        self._of_key: dict[str, dict[_Key, list[tuple[int, Subject, _Bound]]]] = defaultdict(lambda: defaultdict(list))
        self._sums: dict[str, dict[_Key, Mask]] = defaultdict(lambda: defaultdict(int))
        for binding in rights.bindings:
            self._bind(binding)
        # An equal identity in an equal scope holds the same rules: analyses ask of one subject many times.
        self._rules_held = lru_cache(maxsize=2**16)(self._sum)

    def _rules_of_roles(self) -> dict[tuple[str, str], Mask]:
        own: dict[tuple[str, str], Mask] = dict.fromkeys(self.roles, 0)
        for number, role in enumerate(self._origins):
            own[role.namespace, role.name] |= 1 << number
        cluster = [role for role in self.rights.roles if not role.namespace]
        made = held(cluster, {role.name: own["", role.name] for role in cluster})
        return own | {("", name): rules for name, rules in made.items()}

    def _bind(self, binding: Binding) -> None:
        role = self.role(binding)
        if role is None:
            return
        bound = _Bound(binding, role, self._held[binding.role_key])
        self._bound[binding.namespace].append(bound)
        for number, subject in enumerate(dict.fromkeys(binding.subjects)):
            key = _key(subject)
            if key is not None:
                self._of_key[binding.namespace][key].append((number, subject, bound))
                self._sums[binding.namespace][key] |= bound.rules

    def allows(self, subject: Subject, request: Request, groups: Iterable[str] = ()) -> Decision:
        """Return whether a subject, in these groups beside its own, may make a request, and why."""
        return self.decides(identity(subject, groups), request)

    def decides(self, caller: Identity, request: Request) -> Decision:
        """Return whether a caller may make a request, and why."""
        if caller.master:
            return Decision(by=Authority.MASTERS)
        sent = as_sent(request)
        matching = self._table.matching(sent)
        if not matching & self._rules_of(caller, sent):
            return Decision(by=None)
        return Decision(by=Authority.RBAC, grants=tuple(self._grants(caller, sent, matching)))

    def may(self, caller: Identity, request: Request) -> bool:
        """Return whether a caller may make a request: ``decides`` without the reasons, for who asks often."""
        sent = as_sent(request)
        return caller.master or bool(self._table.matching(sent) & self._rules_of(caller, sent))

    def names(self, caller: Identity, request: Request) -> frozenset[str] | None:
        """Return the names with which a request, given without one, is allowed; None: every name."""
        sent = as_sent(request)
        rules = self._table.nameless(sent) & self._rules_of(caller, sent)
        if caller.master or rules & self._table.unnamed():
            return None
        return frozenset(name for number in self._table.numbers(rules) for name in self._table.rules[number].names)

    def granting(self, request: Request) -> tuple[Grant, ...]:
        """Return every grant of a request to whomever, a grant for each subject of each binding."""
        sent = as_sent(request)
        matching = self._table.matching(sent)
        found = [bound for scope in _scopes(sent) for bound in self._bound.get(scope, ()) if bound.rules & matching]
        return tuple(
            grant
            for bound in found
            for subject in dict.fromkeys(bound.binding.subjects)
            for grant in self._because(subject, bound, matching)
        )

    def who_can(self, request: Request) -> tuple[Subject, ...]:
        """Return every account and every subject of a binding that may make a request, as its text sorts."""
        sent = as_sent(request)
        matching = self._table.matching(sent)
        # Few names hold a rule that matches; whoever has one of them may.
        granted = {
            key for scope in _scopes(sent) for key, rules in self._sums.get(scope, {}).items() if rules & matching
        }
        return tuple(
            subject for subject, caller, keys in self._callers if caller.master or not granted.isdisjoint(keys)
        )

    @cached_property
    def _callers(self) -> tuple[tuple[Subject, Identity, tuple[_Key, ...]], ...]:
        callers = ((subject, identity(subject)) for subject in self.subjects)
        return tuple((subject, caller, tuple(_keys(caller))) for subject, caller in callers)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Every account, and every subject that some binding names, in the order of their texts."""
        bound = {subject for binding in self.rights.bindings for subject in binding.subjects}
        found = bound | {account.subject for account in self.rights.accounts}
        return tuple(sorted(found, key=str))

    def held_by(self, caller: Identity, namespace: str = "") -> tuple[Grant, ...]:
        """Return every rule that a caller holds in a namespace, cluster-wide ones among them, each with its binding."""
        everything = (1 << len(self._table.rules)) - 1
        return tuple(self._grants_in(caller, dict.fromkeys((_CLUSTER, namespace)), everything))

    def held_anywhere(self, caller: Identity) -> tuple[Grant, ...]:
        """Return every rule that a caller holds in whatever namespace, cluster-wide ones first."""
        everything = (1 << len(self._table.rules)) - 1
        return tuple(self._grants_in(caller, sorted(self._of_key), everything))

    def covers(self, caller: Identity, namespace: str, wanted: Rule) -> bool:
        """Return whether every part of a rule lies inside one rule that a caller holds in a namespace, as texts."""
        return self._table.covered(wanted, self._rules_held(caller, namespace))

    def rules_of(self, role: Role) -> tuple[tuple[Role, Rule], ...]:
        """Return the rules that a role grants once roles are aggregated, each with the role in which it is written."""
        mask = self._held[role.namespace, role.name]
        return tuple((self._origins[number], self._table.rules[number]) for number in self._table.numbers(mask))

    def role(self, binding: Binding) -> Role | None:
        """Return the role that a binding names, if it exists."""
        if binding.role_kind == "Role" and not binding.namespace:
            return None
        return self.roles.get(binding.role_key)

    @cached_property
    def dangling(self) -> tuple[Binding, ...]:
        """The bindings whose role does not exist; they start to grant when somebody creates it."""
        return tuple(binding for binding in self.rights.bindings if self.role(binding) is None)

    def dangling_of(self, caller: Identity) -> tuple[tuple[Subject, Binding], ...]:
        """Return the bindings that would apply to a caller if their role existed, each with the subject that it is."""
        keys = set(_keys(caller))
        found = (
            (binding, next((each for each in binding.subjects if _key(each) in keys), None))
            for binding in self.dangling
        )
        return tuple((subject, binding) for binding, subject in found if subject is not None)

    def bindings_of(self, caller: Identity) -> tuple[tuple[Subject, Binding, Role], ...]:
        """Return every binding of whatever scope that applies to a caller and whose role exists."""
        return tuple(
            (subject, bound.binding, bound.role)
            for scope in sorted(self._of_key)
            for subject, bound in self._applying(caller, scope)
        )

    def _rules_of(self, caller: Identity, request: Request) -> Mask:
        return self._rules_held(caller, "" if request.path else request.namespace)

    def _sum(self, caller: Identity, namespace: str) -> Mask:
        """Return the rules that a caller holds in a namespace, cluster-wide ones among them."""
        keys = _keys(caller)
        total = 0
        for scope in dict.fromkeys((_CLUSTER, namespace)):
            of_key = self._sums.get(scope, {})
            for key in keys:
                total |= of_key.get(key, 0)
        return total

    def _grants(self, caller: Identity, sent: Request, matching: Mask) -> Iterator[Grant]:
        yield from self._grants_in(caller, _scopes(sent), matching)

    def _grants_in(self, caller: Identity, scopes: Iterable[str], matching: Mask) -> Iterator[Grant]:
        for scope in scopes:
            for subject, bound in self._applying(caller, scope):
                yield from self._because(subject, bound, matching)

    def _applying(self, caller: Identity, scope: str) -> list[tuple[Subject, _Bound]]:
        """Return the bindings of a scope that apply to a caller, each with the first of its subjects that does."""
        of_key = self._of_key.get(scope, {})
        found = [pair for key in _keys(caller) for pair in of_key.get(key, ())]
        first: dict[str, tuple[Subject, _Bound]] = {}
        for _, subject, bound in sorted(found, key=lambda each: (each[2].binding.name, each[0])):
            first.setdefault(bound.binding.name, (subject, bound))
        return list(first.values())

    def _because(self, subject: Subject, bound: _Bound, matching: Mask) -> Iterator[Grant]:
        for number in self._table.numbers(bound.rules & matching):
            origin, rule = self._origins[number], self._table.rules[number]
            yield Grant(subject=subject, binding=bound.binding, role=bound.role, rule=rule, origin=origin)


def _key(subject: Subject) -> _Key | None:
    """Return what a caller must have to be the subject; None where nobody can be it."""
    match subject.kind:
        case SubjectKind.ACCOUNT:
            return (SubjectKind.USER, account_user(subject)) if subject.namespace else None
        case SubjectKind.USER | SubjectKind.GROUP:
            return (subject.kind, subject.name)


def _keys(caller: Identity) -> list[_Key]:
    user = [(SubjectKind.USER, caller.user)] if caller.user else []
    return [*user, *((SubjectKind.GROUP, group) for group in sorted(caller.groups))]


def _scopes(sent: Request) -> Iterable[str]:
    """Return the namespaces whose bindings count, the empty one for those of the cluster."""
    return (_CLUSTER,) if sent.path else dict.fromkeys((_CLUSTER, sent.namespace))
