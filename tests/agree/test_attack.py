"""The fast closure against the definition, and cuts against trying every set, on generated rules and on clusters."""

from collections.abc import Collection
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netsim
from netsim.graph.cuts import Cuts, smallest_by_trying
from netsim.graph.expand import Expansion
from netsim.graph.horn import Closure, Limits, Rule, closure, every_rule, fixpoint
from netsim.ir.attack import Certainty, Guard
from netsim.queries.attack import world_of

FACTS = [f"f{n}" for n in range(9)]
GUARDS = [Guard("binding", f"g{n}") for n in range(5)]
STORY = Path(__file__).resolve().parents[2] / "fixtures" / "attack-story" / "manifests"

rules = st.builds(
    Rule,
    head=st.sampled_from(FACTS),
    body=st.lists(st.sampled_from(FACTS), min_size=1, max_size=2, unique=True).map(tuple),
    kind=st.sampled_from(["", "a", "b", "c"]),
    certainty=st.sampled_from(list(Certainty)),
    guards=st.lists(st.sampled_from(GUARDS), max_size=2, unique=True).map(tuple),
    gate=st.lists(st.sampled_from(FACTS), max_size=1).map(tuple),
)
programs = st.lists(rules, max_size=18)


def _closed(program: list[Rule], limits: Limits) -> Closure:
    return closure(["f0"], lambda fact: [rule for rule in program if rule.body[0] == fact], limits)


@given(programs, st.sampled_from(list(Certainty)), st.sets(st.sampled_from(GUARDS), max_size=2))
def test_the_closure_is_what_every_rule_gives_until_nothing_is_new(
    program: list[Rule], certainty: Certainty, removed: set[Guard]
) -> None:
    limits = Limits(certainty=certainty, removed=frozenset(removed))
    admitted = [rule for rule in program if limits.admit(rule)]
    assert set(_closed(program, limits).why) == fixpoint(["f0"], admitted)


@given(programs)
def test_a_proof_proves_and_no_other_is_cheaper(program: list[Rule]) -> None:
    found = _closed(program, Limits())
    for fact in found.why:
        held = {"f0"}
        for rule in found.proof(fact):
            assert held.issuperset(rule.premises)
            held.add(rule.head)
        assert fact in held
    for rule in program:
        if found.why.keys() >= set(rule.premises):
            own = sum(found.costs[each] for each in rule.body) + bool(rule.kind)
            assert found.costs[rule.head] <= max(own, *(found.costs[each] for each in rule.gate), 0)


def _cuts(program: list[Rule]) -> Cuts:
    def again(removed: Collection[Guard], kinds: Collection[str] | None) -> Closure | None:
        found = _closed(program, Limits(removed=frozenset(removed), kinds=kinds, goal="f8"))
        return found if "f8" in found else None

    def kinds_of(found: Closure) -> frozenset[str]:
        return frozenset(rule.kind for rule in found.proof("f8") if rule.kind)

    return Cuts(again, lambda found: found.guards("f8"), kinds_of)


@given(programs)
def test_the_smallest_cut_is_as_small_as_any(program: list[Rule]) -> None:
    cuts = _cuts(program)
    mine = cuts.smallest()
    best = smallest_by_trying(GUARDS, lambda chosen: cuts.again(chosen, None) is None)
    assert (None if mine is None else len(mine)) == (None if best is None else len(best))
    assert mine is None or cuts.again(mine, None) is None


@given(programs)
def test_a_choke_is_what_cuts_by_itself(program: list[Rule]) -> None:
    cuts = _cuts(program)
    reachable = cuts.again((), None) is not None
    assert set(cuts.chokes()) == {guard for guard in GUARDS if reachable and cuts.again((guard,), None) is None}


@given(programs)
def test_the_kinds_of_paths_are_all_minimal_and_all_there(program: list[Rule]) -> None:
    cuts = _cuts(program)
    enough = [
        kinds
        for bits in range(8)
        if cuts.again((), kinds := frozenset(k for n, k in enumerate("abc") if bits >> n & 1)) is not None
    ]
    minimal = {kinds for kinds in enough if not any(other < kinds for other in enough)}
    found = set(cuts.kinds({"a", "b", "c"})) if cuts.again((), None) is not None else set()
    assert found == minimal


@pytest.mark.parametrize("start", ["internet", "pod:ci/runner-0", "pod:shop/api-5c9b-k7", "node:worker-1"])
@pytest.mark.parametrize("certainty", list(Certainty))
def test_on_a_cluster_the_closure_is_what_all_of_its_rules_give(start: str, certainty: Certainty) -> None:
    world = world_of(netsim.load(STORY))
    limits = Limits(certainty=certainty)
    every = [rule for rule in every_rule([start], Expansion(world, whole=True)) if limits.admit(rule)]
    assert set(closure([start], Expansion(world), limits).why) == fixpoint([start], every)


def _step(head: str, *body: str, guards: str = "") -> Rule:
    return Rule(head, body, "a", guards=tuple(Guard("binding", name) for name in guards))


def _vertex_cut(program: list[Rule]) -> int:
    """Return how many vertices a graph library cuts, of the graph whose edges are steps from each premise."""
    return len(nx.minimum_node_cut(nx.DiGraph((own, rule.head) for rule in program for own in rule.body), "f0", "f8"))


def test_a_conjunction_is_cut_at_either_side_which_no_cut_of_a_graph_says() -> None:
    token, egress = _step("token", "f0", guards="t"), _step("apiserver", "f0", guards="e")
    program = [token, egress, _step("f8", "token", "apiserver")]
    assert len(_cuts(program).smallest() or ()) == 1
    assert {guard.object for guard in _cuts(program).chokes()} == {"t", "e"}
    assert _vertex_cut(program) == 2
    graph = nx.DiGraph((own, rule.head) for rule in program for own in rule.body)
    assert nx.immediate_dominators(graph, "f0")["f8"] == "f0"  # that is: nothing between


def test_one_binding_under_many_steps_is_one_change_and_many_edges() -> None:
    ways = {"x": "AB", "y": "AC", "z": "BC"}
    program = [_step(name, "f0", guards=both) for name, both in ways.items()] + [_step("f8", name) for name in ways]
    assert len(_cuts(program).smallest() or ()) == 2
    assert _vertex_cut(program) == 3
