"""Filters and explanations against the whole listing, on generated clusters."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from netsim import queries
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.objects import Family
from netsim.ir.traffic import ALL, NONE, Protocol, Traffic
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.focus import Peers
from netsim.queries.reach import Connection
from tests.agree.generate import Case, cases
from tests.effort import tries

EVERYTHING = ("*", "internet")

#: A source and a destination, and the family where families differ.
Row = tuple[str, str, Family | None]

#: What is said of a row.
Rows = Mapping[Row, object]


def compiled(case: Case) -> Compiled:
    return Compiled(case.snapshot, case.profile)


def listed(answer: Iterable[Connection]) -> Rows:
    return {(row.source, row.destination, row.family): (row.traffic, row.unknown) for row in answer}


def is_block(name: str) -> bool:
    return name[0].isdigit() or ":" in name


def only(rows: Rows, keep: Callable[[str, str], bool]) -> Rows:
    return {ends: value for ends, value in rows.items() if keep(*ends[:2])}


@tries(12)
@given(cases(), st.data())
def test_rows_of_some_peers_are_the_rows_of_the_listing_that_have_them(case: Case, data: st.DataObject) -> None:
    cluster = compiled(case)
    rows = listed(queries.reach(cluster))
    names = sorted({end for ends in rows for end in ends[:2] if "[" in end and "{" not in end})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2) if names else st.just([]))
    if chosen:
        internet = data.draw(st.booleans())
        peers: Peers = [*chosen, "internet"] if internet else chosen

        def means(name: str) -> bool:
            return name.partition("{")[0] in chosen or (internet and is_block(name))

        assert listed(queries.reach(cluster, source=peers)) == only(rows, lambda one, _: means(one))
        assert listed(queries.reach(cluster, destination=peers)) == only(rows, lambda _, other: means(other))
        either = only(rows, lambda one, other: means(one) or means(other))
        assert listed(queries.reach(cluster, workload=peers)) == either


@tries(12)
@given(cases(), cases(), st.data())
def test_changes_of_some_peers_and_a_port_are_those_of_the_diff_that_have_them(
    first: Case, second: Case, data: st.DataObject
) -> None:
    old, new = compiled(first), compiled(second)
    every = {(c.source, c.destination, c.family): (c.old, c.new) for c in queries.diff(old, new)}
    # In the other input a pod of a controller may have the name of a pod without one.
    names = sorted({end for ends in every for end in ends[:2] if "[" in end and "{" not in end and "[Pod]" not in end})
    if names:
        chosen = data.draw(st.sampled_from(names))
        found = {(c.source, c.destination, c.family): (c.old, c.new) for c in queries.diff(old, new, workload=chosen)}
        assert found == only(every, lambda one, other: chosen in (one.partition("{")[0], other.partition("{")[0]))
    wanted = Traffic.of([(protocol, 80, 80) for protocol in (Protocol.TCP, Protocol.UDP, Protocol.SCTP)])
    cut = {
        ends: (was & wanted, now & wanted) for ends, (was, now) in every.items() if "[" in ends[0] and "[" in ends[1]
    }
    some = {
        (c.source, c.destination, c.family): (c.old, c.new)
        for c in queries.diff(old, new, port=80)
        if "[" in c.source and "[" in c.destination and (c.old != c.new)
    }
    assert {ends[:2] for ends in some} == {ends[:2] for ends, (was, now) in cut.items() if was != now}


@tries(12)
@given(cases(), st.booleans())
def test_the_classes_of_a_pair_are_disjoint_and_hold_all_traffic_and_say_what_the_listing_says(
    case: Case,
    by_pod: bool,  # noqa: FBT001 - a column of a table of cases
) -> None:
    cluster = compiled(case)
    try:
        found = queries.explain(cluster, source=EVERYTHING, destination=EVERYTHING, pods=by_pod)
    except UsageError:
        assert not any(True for _ in cluster.snapshot.pods if not _.finished)
        return
    listing = queries.reach(cluster, pods=by_pod)
    for pair in found:
        assert Traffic.of(entry for part in pair.parts for entry in part.traffic) == ALL
        assert not any(one.traffic & other.traffic for one, other in combinations(pair.parts, 2))
        assert len({part.likeness for part in pair.parts}) == len(pair.parts)
    inner = {
        (pair.source, pair.destination, pair.family): (pair.allowed, pair.unknown)
        for pair in found
        if not is_block(pair.source) and not is_block(pair.destination) and (pair.allowed or pair.unknown)
    }
    assert {ends[:2] for ends in inner} == {ends[:2] for ends in only(listed(listing), _inside)}
    for (source, destination, family), value in only(listed(listing), _inside).items():
        assert inner.get((source, destination, family)) == value or (
            (source, destination, None) not in inner and family is None
        )
    for pair in found:
        if is_block(pair.source) or is_block(pair.destination):
            assert (pair.allowed, pair.unknown) == _of_blocks(listing, pair.source, pair.destination)


def _inside(source: str, destination: str) -> bool:
    """Both ends are of the cluster; a controller that forwards what enters is explained with the way in."""
    return not is_block(source) and not is_block(destination) and source != INGRESS_CONTROLLER


def _of_blocks(listing: queries.Reachability, source: str, destination: str) -> tuple[Traffic, Traffic]:
    """Return what a listing says of a block, which lies in one of its own."""
    for row in listing:
        if _holds(row.source, source) and _holds(row.destination, destination):
            return row.traffic, row.unknown
    return NONE, NONE


def _holds(written: str, name: str) -> bool:
    if not is_block(written) or not is_block(name):
        return written == name
    one, other = ip_network(written), ip_network(name)
    return one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]
