"""The compiled form of RBAC equals its definition; each wrong reading is caught; and something happens at all."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from netsim.access import Access, identity
from netsim.access.escalation import may_write
from netsim.ir.access import Authority, Refusal
from netsim.spec import access, grants
from tests.agree.rights_compare import Fast, disagreements, fast
from tests.agree.rights_generate import Maker
from tests.agree.wrong_grants import WRONG as OF_GRANTS
from tests.agree.wrong_rights import WRONG as OF_RIGHTS
from tests.agree.wrong_rights import Wrong

WRONG = OF_RIGHTS + OF_GRANTS

#: Requests of one seed, and seeds: 102,000 requests in all.
QUESTIONS, SEEDS = 120, 850
#: The seeds are asked about in as many tests, so that several processes share them.
PARTS = 4
#: A wrong reading must show within this many seeds.
ENOUGH = 500


@pytest.mark.parametrize("part", range(PARTS))
def test_the_compiled_form_and_the_definition_agree_on_every_request(part: int) -> None:
    wrong = next(_disagreements(range(part, SEEDS, PARTS)), None)
    assert wrong is None


def test_a_hundred_thousand_requests_are_compared() -> None:
    assert QUESTIONS * SEEDS >= 100_000


@cache
def _fast(seed: int) -> Fast:
    return fast(seed, questions=48)


def _disagreements(seeds: range) -> Iterator[str]:
    for seed in seeds:
        yield from disagreements(fast(seed, questions=QUESTIONS))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_reading_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(getattr(wrong.module, wrong.function)))
    if wrong.module is access and hasattr(grants, wrong.function):  # what it has imported by its name
        monkeypatch.setattr(grants, wrong.function, getattr(access, wrong.function))
    found = next((seed for seed in range(ENOUGH) if next(disagreements(_fast(seed)), None)), None)
    assert found is not None, f"{wrong.clause} is not tested"


def test_the_right_reading_is_not_caught() -> None:
    # Otherwise every wrong one would be, whatever it says.
    assert not any(next(disagreements(_fast(seed)), None) for seed in range(10))


def test_the_table_has_enough_wrong_readings_and_no_name_twice() -> None:
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 80


@pytest.fixture(scope="module")
def counted() -> Counter[str]:
    """Return how often each thing happens, over many seeds."""
    found: Counter[str] = Counter()
    for seed in range(150):
        asked = _fast(seed)
        for question, decision in asked.decisions:
            found["requests"] += 1
            found[f"by {decision.by}"] += 1
            found["paths"] += bool(question.request.path)
            found["several grants"] += len(decision.grants) > 1
            found["by a group"] += any(grant.subject.kind == "Group" for grant in decision.grants)
            found["by a RoleBinding"] += any(grant.binding.namespace != "" for grant in decision.grants)
            found["aggregated"] += any(grant.origin != grant.role for grant in decision.grants)
            found["by name"] += any(grant.rule.names != () for grant in decision.grants)
            found["paths allowed"] += bool(question.request.path and decision)
        for what, _, answer in asked.others:
            found[what] += 1
            found[f"{what} {bool(answer)}"] += 1
        _count_world(asked.maker, found)
    return found


def _count_world(maker: Maker, found: Counter[str]) -> None:
    rights = maker.rights
    known = {(role.namespace, role.name) for role in rights.roles}
    found["bindings"] += len(rights.bindings)
    found["dangling"] += sum(binding.role_key not in known for binding in rights.bindings)
    found["nested aggregation"] += sum(role.aggregates is not None for role in rights.roles) > 1


@pytest.mark.parametrize(
    ("thing", "of", "least", "most"),
    [
        ("by RBAC", "requests", 0.12, 0.5),
        (f"by {Authority.MASTERS}", "requests", 0.005, 0.1),
        ("paths", "requests", 0.1, 0.4),
        ("paths allowed", "requests", 0.005, 0.2),
        ("several grants", "by RBAC", 0.1, 0.7),
        ("by a group", "by RBAC", 0.2, 0.8),
        ("by a RoleBinding", "by RBAC", 0.2, 0.8),
        ("aggregated", "by RBAC", 0.03, 0.5),
        ("by name", "by RBAC", 0.1, 0.6),
        ("dangling", "bindings", 0.03, 0.3),
        ("write True", "write", 0.04, 0.5),
        ("impersonate True", "impersonate", 0.05, 0.5),
        ("certify True", "certify", 0.03, 0.5),
        ("who True", "who", 0.3, 0.95),
    ],
)
def test_each_thing_happens_often_enough(counted: Counter[str], thing: str, of: str, least: float, most: float) -> None:
    assert least <= counted[thing] / counted[of] <= most, f"{counted[thing]} of {counted[of]}"


def test_writes_are_refused_for_every_reason() -> None:
    reasons: Counter[Refusal | None] = Counter()
    for seed in range(150):
        maker = Maker(seed)
        compiled = Access(maker.rights)
        for _ in range(20):
            subject, groups = maker.subject()
            caller = identity(subject, groups)
            reasons[may_write(compiled, caller, maker.one(("create", "update")), maker.target()).refusal] += 1
    assert {*Refusal, None} <= reasons.keys()
