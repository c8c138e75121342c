"""A rule of an audit policy is dead iff no request that could be made is decided by it: by proof, and by trying all."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from netsim.ir.audit import AuditLevel, AuditPolicy, AuditRequest, AuditResources, AuditRule
from netsim.posture.auditpolicy import recorded
from netsim.posture.auditspace import Dead, dead_rules

GROUPS = ("admins", "system:authenticated")
VERBS = ("get", "create", "list")
PATHS = ("/healthz", "/healthz/etcd", "/version", "/other")
PATTERNS = ("pods", "pods/log", "*", "*/log", "pods/*")


def _some(random: Random, values: tuple[str, ...], share: float) -> tuple[str, ...]:
    return tuple(random.sample(values, random.randint(1, len(values)))) if random.random() < share else ()


def _rule(random: Random) -> AuditRule:
    target = random.random()
    resources = AuditResources(
        group="", resources=_some(random, PATTERNS, 0.8), names=("a",) if random.random() < 0.2 else ()
    )
    return AuditRule(
        level=AuditLevel.METADATA,
        users=_some(random, ("jane",), 0.2),
        groups=_some(random, GROUPS, 0.3),
        verbs=_some(random, VERBS, 0.4),
        namespaces=_some(random, ("", "shop"), 0.3) if target < 0.6 else (),
        resources=(resources,) if target < 0.6 and (resources.resources or not resources.names) else (),
        urls=_some(random, ("/healthz", "/healthz*", "/version", "*"), 1) if target > 0.8 else (),
    )


def _identities() -> Iterator[tuple[str | None, frozenset[str]]]:
    yield None, frozenset()
    for user, member, login in product(("jane", "other"), (False, True), ("authenticated", "unauthenticated")):
        yield user, frozenset({f"system:{login}", *(["admins"] if member else [])})


def _targets(verb: str) -> Iterator[AuditRequest]:
    """Yield every target that some rule may tell from the others, with a name where the verb allows one."""
    yield from (AuditRequest(verb=verb, path=path) for path in PATHS)
    if verb == "other":  # which is that of a path alone
        return
    for group, resource, sub in product(("", "other"), ("pods", "other"), ("", "log", "other")):
        for namespace, name in product(("", "shop", "other"), ("", "a", "other")):
            if not (verb in {"get", "update"} and not name) and not (verb == "create" and name and not sub):
                yield AuditRequest(
                    verb=verb, group=group, resource=resource, subresource=sub, namespace=namespace, name=name
                )


REQUESTS = [
    replace(target, user=user, groups=groups)
    for verb in (*VERBS, "update", "watch", "other")
    for target in _targets(verb)
    for user, groups in _identities()
]


@pytest.mark.parametrize("seed", range(60))
def test_a_rule_is_dead_iff_no_request_is_decided_by_it(seed: int) -> None:
    random = Random(seed)  # noqa: S311  (no secret hangs on it)
    policy = AuditPolicy(rules=tuple(_rule(random) for _ in range(random.randint(2, 5))))
    decided = {recorded(policy, request).rule for request in REQUESTS}
    dead = {each.number: each.by for each in dead_rules(policy)}
    assert set(dead) == set(range(len(policy.rules))) - decided, policy
    for number, by in dead.items():
        assert _only(policy, number, by) == number, policy
        for each in by:
            assert _only(policy, number, tuple(other for other in by if other != each)) != number, policy


def _only(policy: AuditPolicy, number: int, by: tuple[int, ...]) -> int | None:
    """Return the number of a rule if no request is decided by it behind some others alone, and None if one is."""
    behind = AuditPolicy(rules=(*(policy.rules[each] for each in by), policy.rules[number]))
    return None if any(recorded(behind, request).rule == len(by) for request in REQUESTS) else number


def _dead(policy: AuditPolicy) -> list[int]:
    return [each.number for each in dead_rules(policy)]


def test_the_generated_policies_have_rules_of_both_kinds() -> None:
    policies = []
    for seed in range(60):
        random = Random(seed)  # noqa: S311  (no secret hangs on it)
        policies.append(AuditPolicy(rules=tuple(_rule(random) for _ in range(random.randint(2, 5)))))
    dead = sum(len(_dead(policy)) for policy in policies)
    assert 10 < dead < sum(len(policy.rules) for policy in policies) / 2


def test_rules_that_only_together_cover_another_leave_it_dead() -> None:
    reads, rest = AuditRule(level=AuditLevel.NONE, verbs=("get",)), AuditRule(level=AuditLevel.METADATA)
    both = (
        AuditRule(level=AuditLevel.NONE, groups=("system:authenticated",)),
        AuditRule(level=AuditLevel.NONE, groups=("system:unauthenticated",)),
    )
    jane = AuditRule(level=AuditLevel.METADATA, users=("jane",), verbs=("get", "list"))
    assert _dead(AuditPolicy(rules=(reads, rest, jane))) == [2]
    assert _dead(AuditPolicy(rules=(*both, jane))) == [2]
    assert _dead(AuditPolicy(rules=(reads, jane, rest))) == []


def test_a_rule_for_names_is_dead_behind_one_for_its_resource_and_no_other() -> None:
    pods = AuditRule(level=AuditLevel.NONE, resources=(AuditResources(resources=("pods",)),))
    named = AuditRule(level=AuditLevel.METADATA, resources=(AuditResources(resources=("pods",), names=("a",)),))
    logs = AuditRule(level=AuditLevel.METADATA, resources=(AuditResources(resources=("pods/*",)),))
    assert _dead(AuditPolicy(rules=(pods, named))) == [1]
    assert _dead(AuditPolicy(rules=(pods, logs))) == []
    assert _dead(AuditPolicy(rules=(named, pods))) == []


def test_a_rule_behind_one_for_each_verb_of_resources_is_dead() -> None:
    reads = AuditRule(level=AuditLevel.NONE, verbs=("get", "list", "watch"))
    writes = AuditRule(level=AuditLevel.NONE, verbs=("create", "update", "patch", "delete", "deletecollection"))
    pods = AuditRule(level=AuditLevel.METADATA, resources=(AuditResources(resources=("pods",)),))
    assert list(dead_rules(AuditPolicy(rules=(reads, pods, writes, pods)))) == [Dead(3, (1,))]
    assert list(dead_rules(AuditPolicy(rules=(reads, writes, pods)))) == [Dead(2, (0, 1))]


def test_a_rule_for_the_names_of_what_is_created_is_about_no_request() -> None:
    named = AuditResources(resources=("pods",), names=("a",))
    rule = AuditRule(level=AuditLevel.NONE, verbs=("create",), resources=(named,))
    assert list(dead_rules(AuditPolicy(rules=(rule,)))) == [Dead(0, ())]
