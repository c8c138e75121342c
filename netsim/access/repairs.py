"""What mends findings on roles and bindings where one edit is the obvious one, proved by asking again.

Every edit only takes away: a subject of a binding, a rule, a verb, or the whole object. None is proposed where somebody
has to know what is needed, as for a role that may read Secrets.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from netsim.access.aggregation import is_aggregated, selectors_of
from netsim.access.compiled import Access
from netsim.access.findings import NAMELESS, findings, is_about, is_everything, rule_identity
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_specs
from netsim.ir.access import Binding, Rights, RightsCheck, Role, Rule, Subject
from netsim.ir.finding import Finding
from netsim.ir.release import Release

#: The verbs of requests: what a `*` is meant for. It also stands for escalate, bind, impersonate and approve.
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
#: What an edit leaves behind, a role that nobody is bound to, is mended in another round.
_ROUNDS = 4

_Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """An edit of one object.

    Attributes:
        before: As it is written.
        after: As it is to be; None where it is to be removed.
        mends: The findings for which it is made, and which are gone once every repair is made.
        left: Those which stay even then.
    """

    before: Role | Binding
    after: Role | Binding | None
    mends: tuple[Finding, ...]
    left: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What repairs are made for, and what findings are judged by.

    Attributes:
        resources: Those that are known, by group and name: whether they are in a namespace.
    """

    rights: Rights
    checks: Sequence[RightsCheck]
    release: Release
    resources: Mapping[tuple[str, str], bool]
    manifests: Sequence[Manifest] = ()

    @cached_property
    def used(self) -> frozenset[tuple[str, str]]:
        """The accounts that pods of the input run as."""
        return frozenset((pod.namespace, pod.account) for pod in pod_specs(self.manifests))

    def findings(self, rights: Rights) -> tuple[Finding, ...]:
        """Return what is wrong with some rights."""
        return findings(Access(rights), self.checks, release=self.release, manifests=self.manifests)


def repairs(asked: Asked) -> tuple[tuple[Repair, ...], tuple[Finding, ...]]:
    """Return the repairs, and the findings that are left once all of them are made."""
    rights, found = asked.rights, asked.findings(asked.rights)
    why: dict[_Named, list[Finding]] = defaultdict(list)
    for _ in range(_ROUNDS):
        edits = _Round(rights=rights, asked=asked, found=found)
        edited = edits.made()
        if not edits.why:
            break
        for named, reasons in edits.why.items():
            why[named] += reasons
        rights, found = edited, asked.findings(edited)
    every: tuple[Role | Binding, ...] = (*asked.rights.bindings, *asked.rights.roles)
    current: tuple[Role | Binding, ...] = (*rights.bindings, *rights.roles)
    now = {_named(each): each for each in current}
    # A rule is known by what it says: what is gone is gone from its object, whatever that now says.
    left = {(each.code, each.object) for each in found}
    return tuple(
        Repair(
            before=each,
            after=now.get(_named(each)),
            mends=tuple(one for one in why[_named(each)] if (one.code, one.object) not in left),
            left=tuple(one for one in why[_named(each)] if (one.code, one.object) in left),
        )
        for each in every
        if _named(each) in why
    ), found


def _named(each: Role | Binding) -> _Named:
    return each.kind, each.namespace, each.name


@dataclass(kw_only=True)
class _Round:
    """One round of edits: what the findings of some rights ask for; used once, then dropped.

    Attributes:
        why: The findings for which each object was edited.
    """

    rights: Rights
    asked: Asked
    found: Sequence[Finding]
    why: dict[_Named, list[Finding]] = field(default_factory=lambda: defaultdict(list))

    def made(self) -> Rights:
        """Return the rights with every edit made."""
        roles = (each if each.shipped or each.served else self._role(each) for each in self.rights.roles)
        bindings = (each if each.shipped else self._binding(each) for each in self.rights.bindings)
        return replace(
            self.rights,
            roles=tuple(each for each in roles if each is not None),
            bindings=tuple(each for each in bindings if each is not None),
        )

    @cached_property
    def _of(self) -> Mapping[tuple[str, str], Sequence[Finding]]:
        """Findings by code and object."""
        found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        for each in self.found:
            found[each.code, each.object].append(each)
        return found

    def _told(self, code: str, about: object, identity: str | None = None) -> list[Finding]:
        return [each for each in self._of.get((code, str(about)), ()) if identity in (None, each.identity)]

    def _binding(self, binding: Binding) -> Binding | None:
        if dangling := self._told("NS201", binding):
            self.why[_named(binding)] += dangling
            return None
        reasons = {subject: self._against(binding, subject) for subject in binding.subjects}
        kept = tuple(subject for subject in binding.subjects if not reasons[subject])
        if len(kept) == len(binding.subjects):
            return binding
        self.why[_named(binding)] += [each for subject in reasons for each in reasons[subject]]
        return replace(binding, subjects=kept) if kept else None

    def _against(self, binding: Binding, subject: Subject) -> list[Finding]:
        """Return the findings for which a binding should not name a subject."""
        found = [each for code in ("NS202", "NS209") for each in self._told(code, binding, str(subject))]
        found += self._told("NS204", f"ServiceAccount {subject.namespace}/{subject.name}")
        if (subject.namespace, subject.name) not in self.asked.used:
            found += self._told("NS212", binding, str(subject))
        return found

    def _role(self, role: Role) -> Role | None:
        if unbound := self._told("NS203", role):
            self.why[_named(role)] += unbound
            return None
        if overwritten := self._told("NS207", role):
            self.why[_named(role)] += overwritten
            return replace(role, rules=())
        rules = tuple(edited for rule in role.rules if (edited := self._rule(role, rule)) is not None)
        return role if rules == role.rules else replace(role, rules=rules)

    def _rule(self, role: Role, rule: Rule) -> Rule | None:
        identity = rule_identity(rule)
        dead = self._told("NS205", role, identity)
        if dead and not is_aggregated(role, selectors_of(self.rights.roles)):
            self.why[_named(role)] += dead
            return None
        if nameless := self._told("NS206", role, identity):
            self.why[_named(role)] += nameless
            verbs = tuple(verb for verb in rule.verbs if verb not in NAMELESS)
            return replace(rule, verbs=verbs) if verbs else None
        narrowed = self._narrowed(role, rule)
        mended = [
            found
            for check in self.asked.checks
            if (check.requests or check.wildcard) and is_about(check, rule) and not is_about(check, narrowed)
            for found in self._told(check.check.code, role)
            if found.identity.startswith(f"{identity} in ")
        ]
        if not mended:
            return rule
        self.why[_named(role)] += mended
        return narrowed

    def _narrowed(self, role: Role, rule: Rule) -> Rule:
        """Return a rule with what exists for each `*`: the verbs of requests, and the resources that are known."""
        if is_everything(rule):
            return rule
        verbs = _VERBS if "*" in rule.verbs else rule.verbs
        resources = tuple(self._resources(role, rule)) if "*" in rule.resources else rule.resources
        return replace(rule, verbs=verbs, resources=resources or rule.resources)

    def _resources(self, role: Role, rule: Rule) -> Iterator[str]:
        everywhere = any(
            binding.role_key == (role.namespace, role.name) and not binding.namespace
            for binding in self.rights.bindings
        )
        known = self.asked.resources.items()
        groups = {group for (group, _), _ in known} if "*" in rule.groups else set(rule.groups)
        if groups <= {group for (group, _), _ in known}:  # of another group nobody knows what there is
            names = {name for (group, name), namespaced in known if group in groups and (namespaced or everywhere)}
            yield from sorted(names)
