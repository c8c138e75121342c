"""All labels that could be: every region that selectors tell apart, and no other."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from netsim.ingest.selectors import selector
from netsim.ir.labels import NAME_LABEL, Operator, Requirement, Selector
from netsim.queries import labelspace
from netsim.queries.labelspace import conjunction, label_space, unmentioned
from netsim.spec.labels import selects

REQUIREMENTS = st.builds(
    lambda key, operator, values: Requirement(
        key, operator, values if operator in (Operator.IN, Operator.NOT_IN) else ()
    ),
    st.sampled_from(("app", "env")),
    st.sampled_from(Operator),
    st.sampled_from((("a",), ("b",), ("a", "b"), ("",))),
)
SELECTORS = st.lists(st.lists(REQUIREMENTS, max_size=3).map(Selector.of), max_size=4)
EVERY = [
    {key: value for key, value in zip(("app", "env"), values, strict=True) if value is not None}
    for values in product(("a", "b", "", "else", None), repeat=2)
]


def _selected(selectors: list[Selector], labels: dict[str, str]) -> frozenset[int]:
    return frozenset(number for number, each in enumerate(selectors) if selects(each, labels))


@given(SELECTORS)
def test_the_regions_are_those_that_some_labels_fall_into(selectors: list[Selector]) -> None:
    space = label_space(selectors, {})
    assert space.whole
    assert {region.selected for region in space.regions} == {_selected(selectors, labels) for labels in EVERY}
    assert len(space.regions) == len({region.selected for region in space.regions})


@given(SELECTORS)
def test_the_example_of_a_region_is_in_it(selectors: list[Selector]) -> None:
    for region in label_space(selectors, {}).regions:
        assert _selected(selectors, dict(region.example)) == region.selected


@given(SELECTORS)
def test_a_conjunction_selects_what_all_select(selectors: list[Selector]) -> None:
    joint = conjunction(selectors)
    for labels in EVERY:
        every = all(selects(each, labels) for each in selectors)
        assert every is (joint is not None and selects(joint, labels))


def test_a_conjunction_says_nothing_twice() -> None:
    assert str(conjunction([selector("a,a=x"), selector("a notin (y),b"), selector("a in (x,y),!c")])) == "a=x,b,!c"
    assert str(conjunction([selector("a notin (x)"), selector("a notin (y)")])) == "a notin (x, y)"


def test_contradictory_selectors_have_no_region() -> None:
    space = label_space([selector("app=a,!app"), selector("app in (a,b),app notin (a,b)")], {})
    assert {region.selected for region in space.regions} == {frozenset()}


def test_a_key_that_is_always_there_has_one_of_its_values() -> None:
    space = label_space([selector(f"!{NAME_LABEL}"), selector(f"{NAME_LABEL}=x")], {NAME_LABEL: ("new", "x")})
    assert {region.selected for region in space.regions} == {frozenset(), frozenset({1})}
    assert all(NAME_LABEL in region.example for region in space.regions)


def test_beyond_a_thousand_regions_each_selector_and_each_pair_is_told_apart() -> None:
    selectors = [selector(f"key{number}=x") for number in range(11)]
    space = label_space(selectors, {})
    assert not space.whole
    found = {region.selected for region in space.regions}
    assert frozenset({3, 7}) in found
    assert frozenset({5}) in found
    assert max(len(selected) for selected in found) == 2


def test_a_value_that_nobody_mentions_is_none_of_those_mentioned() -> None:
    assert unmentioned(["other", "other-2"]) == "other-3"
    assert labelspace.MOST_PAIRED < labelspace.MOST_REGIONS
