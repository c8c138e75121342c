"""What users read says what the relation says: listings, single verdicts, tables and diffs, on generated clusters."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from netsim import queries
from netsim.cluster import Compiled
from netsim.ir.objects import Address, Family, Pod
from netsim.ir.traffic import NONE, PORT_PROTOCOLS, Protocol, Traffic
from netsim.ir.truth import Truth, any_of
from netsim.ir.verdict import Flow
from netsim.queries.changes import Change
from netsim.queries.query import common_families
from netsim.spec import judge
from tests.agree.generate import Case, boundary_ports, cases
from tests.effort import tries

Answer = tuple[Traffic, Traffic]


def compiled(case: Case) -> Compiled:
    return Compiled(case.snapshot, case.profile)


def views(cluster: Compiled) -> Iterator[tuple[str | None, Compiled]]:
    """Yield the pod network with the primary ones, under no name, then each secondary network."""
    yield None, cluster
    yield from cluster.secondary.items()


def pods(cluster: Compiled) -> list[tuple[int, Pod]]:
    return [(number, e) for number, e in enumerate(cluster.program.endpoints) if isinstance(e, Pod)]


def found(listing: queries.Reachability, source: str, destination: str, family: Family) -> Answer:
    """Return what a listing says of two names in one family; addresses are looked up in its CIDRs."""
    for row in listing:
        ends = means(row.source, source) and means(row.destination, destination)
        if not secondary(row.network) and ends and row.family in (None, family):
            return row.traffic, row.unknown
    return NONE, NONE


def secondary(network: str | None) -> bool:
    """Return whether a row is of another network than the pods' first, of which the rows here are not."""
    return (network or "").startswith("NetworkAttachmentDefinition")


def means(written: str, name: str) -> bool:
    if ":" not in written and not written[0].isdigit():
        return written == name
    try:
        return ip_address(name) in ip_network(written)
    except ValueError:
        return False


def outside(cluster: Compiled, family: Family) -> Iterator[tuple[int, Address]]:
    """Yield an address, that the snapshot does not name, of each outside class."""
    named = {address for endpoint in cluster.program.endpoints for address in endpoint.addresses}
    for number, member in enumerate(cluster.program.classes):
        if member.family is family:
            free = (make(family, n) for start, end in member.ranges for n in range(start, min(end, start + 20) + 1))
            address = next((a for a in free if a not in named), None)
            if address is not None:
                yield number, address


def make(family: Family, number: int) -> Address:
    return ip_address(number if family is Family.IPV4 else number.to_bytes(16))


@given(cases())
@tries(30)
def test_a_listing_pod_by_pod_says_what_the_relation_says(case: Case) -> None:
    cluster = compiled(case)
    rows: dict[str | None, dict[object, Answer]] = {}
    for r in queries.reach(cluster, pods=True):
        own = rows.setdefault(r.network if r.network in cluster.secondary else None, {})
        own[r.source, r.destination, r.family] = r.traffic, r.unknown
    for label, view in views(cluster):
        listed = rows.get(label, {})
        for (number, one), (other_number, other) in product(pods(view), pods(view)):
            for family in common_families(view.program, one, other) if number != other_number else ():
                said = listed.get((str(one), str(other), None)) or listed.get((str(one), str(other), family))
                assert (said or (NONE, NONE)) == view.reachability.between(number, other_number, family)


@given(cases())
@tries(20)
def test_a_listing_says_of_outside_addresses_what_the_relation_says(case: Case) -> None:
    cluster = compiled(case)
    program, reach, listing = cluster.program, cluster.reachability, queries.reach(cluster, pods=True)
    for family in program.families:
        for member, address in outside(cluster, family):
            for number, pod in pods(cluster):
                if pod.addresses and family not in {a.version for a in pod.addresses}:
                    continue
                of = program.class_of[number]
                assert found(listing, str(address), str(pod), family) == reach.traffic(reach.cell(member, of, family))
                assert found(listing, str(pod), str(address), family) == reach.traffic(reach.cell(of, member, family))


@given(cases(), st.data())
@tries(30)
def test_one_verdict_is_what_the_listing_says_of_its_pods_and_port(case: Case, data: st.DataObject) -> None:
    cluster = compiled(case)
    some = pods(cluster)
    if not some:
        return
    (number, one), (other_number, other) = data.draw(st.sampled_from(some)), data.draw(st.sampled_from(some))
    protocol, port = data.draw(st.sampled_from(boundary_ports(case.snapshot)))
    for family in common_families(cluster.program, one, other):
        verdict = queries.query(cluster, str(one), str(other), port=port, protocol=protocol, family=family)
        allowed, unknown = cluster.reachability.between(number, other_number, family)
        said = True if (protocol, port) in allowed else None if (protocol, port) in unknown else False
        said = any_of((said, *elsewhere(cluster, one, other, (protocol, port, family))))
        assert verdict.allowed is said
        table = queries.matrix(cluster, port=port, protocol=protocol, family=family).table
        assert table[str(one)][str(other)] is said


def elsewhere(cluster: Compiled, one: Pod, other: Pod, asked: tuple[Protocol, int, Family]) -> Iterator[Truth]:
    """Yield what the definition says of two pods on each secondary network that both are on."""
    for view in cluster.secondary.values():
        own = {str(pod): pod for _, pod in pods(view)}
        if str(one) in own and str(other) in own:
            protocol, port, family = asked
            source, destination = own[str(one)], own[str(other)]
            flow = Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)
            yield judge(view.snapshot, view.profile, flow).allowed


@given(cases(), cases())
@tries(30)
def test_a_diff_is_the_difference_of_two_listings(first: Case, second: Case) -> None:
    # The same pods on the same network; other policies, other labels.
    labels = {pod.name: pod.labels for pod in second.snapshot.pods}
    moved = tuple(replace(pod, labels=labels.get(pod.name, pod.labels)) for pod in first.snapshot.pods)
    old = compiled(first)
    new = Compiled(replace(first.snapshot, pods=moved, policies=second.snapshot.policies), first.profile)
    families = frozenset(old.program.families) | frozenset(new.program.families)
    changes = {
        (c.source, c.destination, c.family): ((c.old, c.old_unknown), (c.new, c.new_unknown))
        for c in queries.diff(old, new, pods=True)
    }
    before, after = old.over(families), new.over(families)
    for number, one in pods(before):
        for other_number, other in pods(before):
            if number != other_number:
                for family in common_families(before.program, one, other):
                    was = before.reachability.between(number, other_number, family)
                    now = after.reachability.between(number, other_number, family)
                    names = (str(one), str(other))
                    said = changes.get((*names, None)) or changes.get((*names, family))
                    assert said == (None if was == now else (was, now))


@given(cases(), cases())
@tries(30)
def test_every_change_names_what_made_it(first: Case, second: Case) -> None:
    new = Compiled(replace(first.snapshot, policies=second.snapshot.policies), first.profile)
    for change in queries.diff(compiled(first), new):
        assert change.because, change


@given(cases())
@tries(15)
def test_nothing_differs_from_itself(case: Case) -> None:
    assert list(queries.diff(compiled(case), compiled(case))) == []


@given(cases())
@tries(30)
def test_a_filter_by_port_is_the_listing_cut_to_it(case: Case) -> None:
    cluster = compiled(case)
    only = Traffic.of((protocol, 80, 80) for protocol in PORT_PROTOCOLS)
    samples = [str(a) for family in cluster.program.families for _, a in outside(cluster, family)]
    names = [*(str(pod) for _, pod in pods(cluster)), *samples]
    full, cut = queries.reach(cluster, pods=True), queries.reach(cluster, pods=True, port=80)
    for source in names:
        for destination in names:
            for family in cluster.program.families:
                traffic, unknown = found(full, source, destination, family)
                assert found(cut, source, destination, family) == (traffic & only, unknown & only)


@given(cases(), st.booleans(), st.sampled_from([None, 80, "http", "dns/UDP"]))
@tries(30)
def test_a_summary_counts_the_lines_of_the_listing(case: Case, pods: bool, port: int | str | None) -> None:  # noqa: FBT001
    cluster = compiled(case)
    listing = queries.reach(cluster, pods=pods, port=port)
    assert queries.reach(cluster, pods=pods, port=port, summary=True).summary == listing.summary


@given(cases(), st.data())
@tries(30)
def test_a_summary_of_some_peers_counts_the_lines_of_their_listing(case: Case, data: st.DataObject) -> None:
    cluster = compiled(case)
    peers = [*(str(pod) for _, pod in pods(cluster)), "internet", *(f"node:{n.name}" for n in case.snapshot.nodes)]
    chosen = st.none() | st.lists(st.sampled_from(peers), min_size=1, max_size=3)
    source, destination = data.draw(chosen), data.draw(chosen)
    listing = queries.reach(cluster, source=source, destination=destination)
    counted = queries.reach(cluster, source=source, destination=destination, summary=True)
    assert counted.summary == listing.summary


@given(cases(), cases())
@tries(30)
def test_a_diff_by_workload_and_address_is_the_difference_of_two_listings(first: Case, second: Case) -> None:
    old, new = compiled(first), Compiled(replace(first.snapshot, policies=second.snapshot.policies), first.profile)
    families = frozenset(old.program.families) | frozenset(new.program.families)
    before, after = old.over(families), new.over(families)
    listings, changes = [queries.reach(side) for side in (before, after)], list(queries.diff(old, new))
    rows = [{row.source for row in listing} | {row.destination for row in listing} for listing in listings]
    units = {name for own in rows for name in own if "{" not in name and "[" in name}
    for family in families:
        samples = {str(address) for side in (before, after) for _, address in outside(side, family)}
        for one, other in [*product(units, units), *product(units, samples), *product(samples, units)]:
            was, now = (found(listing, one, other, family) for listing in listings)
            if one != other:
                assert changed(changes, one, other, family) == (None if was == now else (was, now))


def changed(changes: list[Change], source: str, destination: str, family: Family) -> tuple[Answer, Answer] | None:
    for each in changes:
        ends = means(each.source, source) and means(each.destination, destination)
        if not secondary(each.network) and ends and each.family in (None, family):
            return (each.old, each.old_unknown), (each.new, each.new_unknown)
    return None
