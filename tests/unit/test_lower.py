"""Programs: classes, groups, atoms and regions."""

from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from netsim.ingest.selectors import selector
from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Family
from netsim.ir.place import NOWHERE
from netsim.ir.policy import AddressPeer, Direction
from netsim.ir.traffic import ALL, FIRST_PORT, LAST_PORT, NONE, PORT_PROTOCOLS, Protocol, Traffic
from netsim.lower import atoms, space
from netsim.lower.index import Vocabulary
from netsim.lower.program import Sort
from tests.build import cluster, policy

ports = st.integers(FIRST_PORT, LAST_PORT)
parts = st.lists(
    st.tuples(st.sampled_from(PORT_PROTOCOLS), ports, ports).map(lambda p: (p[0], min(p[1:]), max(p[1:]))), max_size=6
)


@given(parts)
def test_atoms_are_disjoint_and_together_hold_every_port_of_every_protocol(
    ranges: list[tuple[Protocol, int, int]],
) -> None:
    cut = atoms.cut(ranges)
    sets = [cut.traffic(1 << number) for number in range(cut.count)]
    union = NONE
    for part in sets:
        assert not union & part
        union = union | part
    assert union == ALL


@given(parts)
def test_a_traffic_set_as_bits_is_the_same_set(ranges: list[tuple[Protocol, int, int]]) -> None:
    cut = atoms.cut(ranges)
    bits = 0
    for entry in ranges:
        bits |= cut.bits(*entry)
    assert cut.traffic(bits) == Traffic.of(ranges)
    for protocol, first, last in ranges:
        for port in {first, last, min(last + 1, LAST_PORT)}:
            assert bool(cut.atom(protocol, port) & bits) is ((protocol, port) in Traffic.of(ranges))


@given(parts, parts)
def test_traffic_is_an_algebra_of_sets(
    left: list[tuple[Protocol, int, int]], right: list[tuple[Protocol, int, int]]
) -> None:
    one, other = Traffic.of(left), Traffic.of(right)
    assert one - other == one & other.complement()
    assert (one | other).complement() == one.complement() & other.complement()
    assert one | one.complement() == ALL
    assert one & one.complement() == NONE


blocks = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32))


@given(st.lists(blocks, max_size=8), st.lists(st.integers(0, 2**32 - 1), max_size=8))
def test_addresses_of_one_region_lie_in_the_same_blocks(drawn: list[tuple[int, int]], some: list[int]) -> None:
    networks = [ip_network((number, length), strict=False) for number, length in drawn]
    cut = space.cut(
        Family.IPV4, [(n, space.block_ranges(AddressPeer(block=b, place=NOWHERE))) for n, b in enumerate(networks)]
    )
    edges = [int(b.network_address) for b in networks] + [int(b.broadcast_address) for b in networks]
    for number in [*some, *edges, 0, 2**32 - 1]:
        address = ip_address(number)
        region = cut.region(address)
        assert set(cut.inside[region]) == {n for n, b in enumerate(networks) if address in b}
        assert any(start <= number <= end for start, end in cut.ranges()[region])


def test_labels_that_no_rule_mentions_do_not_split_classes() -> None:
    assert Vocabulary([selector("app=web,env")]).reduced({"app": "db", "env": "x", "id": "7"}) == (
        ("app", Vocabulary.OTHER),
        ("env", Vocabulary.OTHER),
    )
    pods = "\n---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}, namespace: shop, labels: {{app: web, id: '{n}'}}}}\n"
        "spec: {containers: [{name: c}]}"
        for n in range(20)
    )
    program = cluster(policy("p", "{podSelector: {matchLabels: {app: web}}}"), pods=pods).program
    assert len({program.class_of[n] for n, _ in enumerate(program.endpoints)}) == 1


def test_classes_with_the_same_rules_share_a_group_and_group_zero_is_of_the_free() -> None:
    program = cluster(policy("deny", "{podSelector: {}}")).program
    groups = program.group_of[Direction.INGRESS]
    of = {str(e): groups[program.class_of[n]] for n, e in enumerate(program.endpoints)}
    assert of["shop/web"] == of["shop/db"] != 0
    assert of["ops/batch"] == 0
    assert all(groups[n] == 0 for n, c in enumerate(program.classes) if c.sort is not Sort.POD)


def test_every_namespace_carries_its_name() -> None:
    found = cluster().snapshot.namespaces
    assert {name: namespace.labels[NAME_LABEL] for name, namespace in found.items()} == {"ops": "ops", "shop": "shop"}
