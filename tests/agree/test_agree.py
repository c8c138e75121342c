"""The fast form equals the definition."""

from hypothesis import given

from netsim.lower.attached import attached
from tests.agree.compare import disagreements
from tests.agree.generate import Case, cases


@given(cases())
def test_the_fast_form_and_the_definition_agree_on_every_flow(case: Case) -> None:
    views = (Case(seen, case.profile) for seen in attached(case.snapshot).values())
    wrong = next((each for view in (case, *views) for each in disagreements(view)), None)
    assert wrong is None, f"{wrong[0].flow}: the definition says {wrong[1]}, the fast form {wrong[0].fast}"
