"""What is wrong with roles and bindings: what dangles, what nobody uses, and what grants more than its place."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from netsim.access.aggregation import is_aggregated, selectors_of
from netsim.access.compiled import Access
from netsim.access.identity import ANONYMOUS, UNAUTHENTICATED
from netsim.access.rules import RuleTable
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_specs
from netsim.ir.access import Binding, RightsCheck, Role, Rule, Subject, SubjectKind
from netsim.ir.finding import Finding, Severity, worst_first
from netsim.ir.place import Place
from netsim.ir.release import Release

#: Verbs of requests that have no name.
NAMELESS = ("create", "deletecollection")
_READS = frozenset({"get", "list", "watch"})
_READERS = ("readonly", "read-only", "reader", "viewer", "view")
#: What gives more than a read, though its verb is one.
_DANGEROUS_READS = ("NS223", "NS224", "NS226")


def findings(
    access: Access, checks: Sequence[RightsCheck], *, release: Release, manifests: Sequence[Manifest] = ()
) -> tuple[Finding, ...]:
    """Return what there is to find in the roles and bindings of the input, the worst first.

    Args:
        checks: The table of what to look for.
        manifests: The objects of the input, for whether an account is used; empty: that is not asked.
    """
    known = {each.check.code: each for each in checks}
    computed: dict[str, Callable[[RightsCheck], Iterable[Finding]]] = {
        "NS201": lambda check: _dangling(access, check),
        "NS202": lambda check: _absent_accounts(access, check),
        "NS203": lambda check: _unbound(access, check),
        "NS204": lambda check: _unused_accounts(access, check, manifests),
        "NS205": lambda check: _dead_urls(access, check),
        "NS206": lambda check: _dead_verbs(access, check),
        "NS207": lambda check: _overwritten(access, check),
        "NS208": lambda check: _subjects_of(access, check, _is_person),
        "NS209": lambda check: _subjects_of(access, check, _is_anybody),
        "NS210": lambda check: _cluster_wide(access, check),
        "NS211": lambda check: _misnamed(access, check, known, release),
        "NS212": lambda check: _subjects_of(access, check, _is_default),
    }
    found: list[Finding] = []
    for check in checks:
        if check.until and release > check.until:
            continue
        if check.requests or check.wildcard:
            found += _grants(access, check)
        else:
            found += computed[check.check.code](check)
    return worst_first(found)


def _dangling(access: Access, check: RightsCheck) -> Iterator[Finding]:
    for binding in access.dangling:
        named = f"{binding.namespace}/{binding.role}" if binding.role_kind == "Role" else binding.role
        yield _found(check, binding, binding.place, role=f"{binding.role_kind} {named}")


def _absent_accounts(access: Access, check: RightsCheck) -> Iterator[Finding]:
    known = {account.subject for account in access.rights.accounts}
    filled = {account.namespace for account in known}
    for binding in _written(access):
        for subject in dict.fromkeys(binding.subjects):
            absent = subject.kind is SubjectKind.ACCOUNT and subject.name != "default" and subject not in known
            # Of a namespace of which the input holds no account it holds none of the others either.
            if absent and subject.namespace in filled:
                yield _found(check, binding, subject.place, identity=str(subject), subjects=str(subject))


def _unbound(access: Access, check: RightsCheck) -> Iterator[Finding]:
    bound = {binding.role_key for binding in access.rights.bindings}
    selectors = selectors_of(access.rights.roles)
    for role in access.rights.roles:
        idle = (role.namespace, role.name) not in bound and not is_aggregated(role, selectors)
        if idle and not (role.shipped or role.served):
            yield _found(check, role, role.place)


def _unused_accounts(access: Access, check: RightsCheck, manifests: Sequence[Manifest]) -> Iterator[Finding]:
    used = {(pod.namespace, pod.account) for pod in pod_specs(manifests)}
    namespaces = {namespace for namespace, _ in used}
    bindings = {
        subject: binding for binding in _written(access) for subject in binding.subjects if access.role(binding)
    }
    for account in access.rights.accounts:
        idle = account.namespace in namespaces and (account.namespace, account.name) not in used
        if idle and account.subject in bindings:
            yield _found(check, account, account.place, binding=str(bindings[account.subject]))


def _dead_urls(access: Access, check: RightsCheck) -> Iterator[Finding]:
    for role, bindings in _bound(access):
        if not role.shipped and not any(not binding.namespace for binding in bindings):
            for rule in role.rules:
                if rule.urls:
                    yield _found(check, role, rule.place, identity=rule_identity(rule))


def _dead_verbs(access: Access, check: RightsCheck) -> Iterator[Finding]:
    for role in access.rights.roles:
        for rule in role.rules:
            whole = any("/" not in resource and resource != "*" for resource in rule.resources)
            dead = [verb for verb in NAMELESS if verb in rule.verbs and (whole or verb == "deletecollection")]
            if rule.names and "" not in rule.names and dead and not role.shipped:
                yield _found(check, role, rule.place, identity=rule_identity(rule), verbs=" and ".join(dead))


def _overwritten(access: Access, check: RightsCheck) -> Iterator[Finding]:
    for role in access.rights.roles:
        if role.aggregates and role.rules and not role.served and not role.shipped:
            yield _found(check, role, role.rules[0].place)


def _subjects_of(access: Access, check: RightsCheck, wanted: Callable[[Subject], bool]) -> Iterator[Finding]:
    for binding in _written(access):
        for subject in dict.fromkeys(binding.subjects):
            if wanted(subject):
                yield _found(check, binding, subject.place, identity=str(subject), subjects=str(subject))


def _is_person(subject: Subject) -> bool:
    return subject.kind is SubjectKind.USER and not subject.name.startswith("system:")


def _is_default(subject: Subject) -> bool:
    return (subject.kind, subject.name) == (SubjectKind.ACCOUNT, "default")


def _is_anybody(subject: Subject) -> bool:
    return (subject.kind, subject.name) in ((SubjectKind.USER, ANONYMOUS), (SubjectKind.GROUP, UNAUTHENTICATED))


def _cluster_wide(access: Access, check: RightsCheck) -> Iterator[Finding]:
    for binding in _written(access):
        role = access.role(binding)
        people = [subject for subject in binding.subjects if not subject.name.startswith("system:")]
        held = [rule for _, rule in access.rules_of(role)] if role else []
        if not binding.namespace and people and any(rule.resources for rule in held):
            yield _found(check, binding, binding.place, role=str(role), subjects=_listed(people))


def _misnamed(access: Access, check: RightsCheck, known: dict[str, RightsCheck], release: Release) -> Iterator[Finding]:
    for role in access.rights.roles:
        if role.shipped or not any(word in role.name for word in _READERS):
            continue
        held = [rule for _, rule in access.rules_of(role)]
        changes = sorted({verb for rule in held for verb in rule.verbs} - _READS)
        table = RuleTable(held)
        for code in _DANGEROUS_READS:
            dangerous = known.get(code)
            if dangerous and not (dangerous.until and release > dangerous.until):
                changes += [str(each) for each in dangerous.requests if table.matching(each)]
        if changes:
            yield _found(check, role, role.place, verbs=", ".join(changes[:4]))


def _grants(access: Access, check: RightsCheck) -> Iterator[Finding]:
    """Yield the rules that a check is about, once a role and once cluster-wide or for all namespaces together."""
    for role, bindings in _bound(access):
        held = [rule for _, rule in access.rules_of(role)]
        hits = [rule for rule in held if is_about(check, rule)]
        for scope, severity in (("", check.check.severity), ("namespaced", check.namespaced)):
            granting = [binding for binding in bindings if bool(binding.namespace) == bool(scope)]
            subjects = [subject for binding in granting for subject in binding.subjects]
            if severity is None or not subjects:
                continue
            for rule in hits:
                yield _of_rule(check, severity, role, rule, granting, subjects)


def is_about(check: RightsCheck, rule: Rule) -> bool:
    """Is a rule what a check looks for?"""
    if check.wildcard:
        # What allows everything is another finding.
        return "*" in rule.resources and not is_everything(rule)
    table = RuleTable([rule])
    return any(table.matching(request) for request in check.requests)


def is_everything(rule: Rule) -> bool:
    """Does a rule allow everything?"""
    return all("*" in each for each in (rule.verbs, rule.groups, rule.resources))


def _of_rule(
    check: RightsCheck,
    severity: Severity,
    role: Role,
    rule: Rule,
    bindings: Sequence[Binding],
    subjects: Sequence[Subject],
) -> Finding:
    # Of a role that Kubernetes ships only the binding can be changed.
    about = bindings[0] if role.shipped else role
    namespaces = sorted({binding.namespace for binding in bindings})
    where = "in every namespace" if namespaces == [""] else f"in namespace {', '.join(namespaces)}"
    identity = f"{rule_identity(rule)} {where}" if not role.shipped else f"{role} {where}"
    place = bindings[0].place if role.shipped else rule.place
    return _found(
        check,
        about,
        place,
        severity=severity,
        identity=identity,
        evidence=tuple(("binding", f"{binding} ({binding.place})") for binding in bindings[:1]),
        subjects=_listed(subjects),
        where=where,
    )


def _written(access: Access) -> Iterator[Binding]:
    return (binding for binding in access.rights.bindings if not binding.shipped)


def _bound(access: Access) -> Iterator[tuple[Role, list[Binding]]]:
    """Yield each role that some binding of the input grants, with these bindings."""
    found: dict[tuple[str, str], list[Binding]] = defaultdict(list)
    for binding in _written(access):
        if access.role(binding):
            found[binding.role_key].append(binding)
    yield from ((access.roles[key], bindings) for key, bindings in found.items())


def rule_identity(rule: Rule) -> str:
    """Return what a rule is known by: what it says, so that an edit of another rule does not make it a new one."""
    lists = (rule.verbs, rule.groups, rule.resources, rule.names, rule.urls)
    return "; ".join(",".join(text or "core" for text in each) for each in lists)


def _listed(subjects: Iterable[Subject]) -> str:
    names = list(dict.fromkeys(map(str, subjects)))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _found(
    check: RightsCheck,
    about: object,
    place: Place,
    *,
    severity: Severity | None = None,
    identity: str = "",
    evidence: tuple[tuple[str, str], ...] = (),
    **words: str,
) -> Finding:
    return Finding(
        code=check.check.code,
        severity=severity or check.check.severity,
        object=str(about),
        file=place.file,
        line=place.line,
        message=check.message.format(**words),
        why=check.check.description,
        hint=check.check.help,
        evidence=evidence,
        identity=identity,
    )
