"""Other networks say of a question what the definition says under each: switches that are left out do not matter."""

from dataclasses import fields, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from netsim.ir.profile import Profile
from netsim.knowledge import profile, profile_names
from netsim.queries.candidates import candidates
from netsim.queries.switches import switches
from netsim.spec import judge
from tests.agree.compare import asked
from tests.agree.generate import Case, cases, seeded
from tests.agree.test_answers import compiled
from tests.effort import tries

PROFILES = [profile(name) for name in profile_names()]


@given(cases(), st.randoms(use_true_random=False))
@tries(30)
def test_a_verdict_hangs_on_no_switch_but_those_that_are_asked(case: Case, chance: Random) -> None:
    questions, cluster = list(asked(case)), compiled(case)
    for question in chance.sample(questions, min(20, len(questions))):
        own, policies = case.profile, candidates(cluster, question.flow)
        kept = switches([(question.flow, policies)])
        for other in PROFILES:
            alike = replace(own, **{switch: getattr(other, switch) for switch in kept})
            said = judge(case.snapshot, alike, question.flow, policies).allowed
            assert said is judge(case.snapshot, other, question.flow).allowed, (other.name, kept)


def test_every_switch_of_a_profile_is_asked_of_some_question() -> None:
    every = {field.name for field in fields(Profile)} - {"name"}
    found: set[str] = set()
    for seed in range(20):
        case = seeded(seed)
        cluster = compiled(case)
        found |= switches([(each.flow, candidates(cluster, each.flow)) for each in list(asked(case))[::97]])
    assert found | {"self_via_service"} == every
