"""Exposure says exactly what the definition says of every pod that could be, on generated clusters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from netsim.cluster import Compiled
from netsim.ingest.networks import READY
from netsim.ir.labels import NAME_LABEL, Labels, Selector
from netsim.ir.objects import ContainerPort, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Direction
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import NONE, Protocol
from netsim.ir.truth import Truth, agreed, any_of
from netsim.ir.verdict import Flow
from netsim.queries.exposure import Exposure, exposure
from netsim.spec import judge
from netsim.spec.labels import selects
from tests.agree.generate import Case, boundary_ports, cases
from tests.effort import tries

#: Labels that rules may ask for, one that they never do, and none.
VALUES = ("a", "b", "", "else", None)
LABELS: tuple[Labels, ...] = tuple(
    {key: value for key, value in zip(("app", "env"), values, strict=True) if value is not None}
    for values in product(VALUES, repeat=2)
)


#: Those of a namespace: also with the label without which its pods are on no primary network.
OUTER: tuple[Labels, ...] = (*LABELS, *({**labels, READY: ""} for labels in LABELS))


@dataclass(frozen=True)
class Newcomer:
    """A pod that could be: its namespace, by number where that would be new, and both their labels."""

    namespace: str
    outer: int
    inner: int

    def labels(self, snapshot: Snapshot) -> tuple[Labels, Labels]:
        known = snapshot.namespaces.get(self.namespace)
        return (known.labels if known else {**OUTER[self.outer], NAME_LABEL: self.namespace}), LABELS[self.inner]

    def pod(self, ports: tuple[ContainerPort, ...] = ()) -> Pod:
        workload = Workload(self.namespace, "newcomer", "Deployment")
        return Pod(
            namespace=self.namespace,
            name="newcomer",
            labels=LABELS[self.inner],
            workload=workload,
            ports=ports,
            place=NOWHERE,
        )

    def joined(self, snapshot: Snapshot, pod: Pod) -> Snapshot:
        """Return the snapshot with the newcomer."""
        labels, _ = self.labels(snapshot)
        namespaces = {
            **snapshot.namespaces,
            self.namespace: Namespace(name=self.namespace, labels=labels, place=NOWHERE),
        }
        return replace(snapshot, namespaces=namespaces, pods=(*snapshot.pods, pod))


@cache
def newcomers(spaces: int) -> tuple[Newcomer, ...]:
    """Return whoever could be: in a new namespace with each of the first so many of OUTER, or in one that is there."""
    inside = range(len(LABELS))
    return (
        *(Newcomer("new", outer, inner) for outer in range(spaces) for inner in inside),
        *(Newcomer(name, 0, inner) for name in ("web", "db") for inner in inside),
    )


def possible(snapshot: Snapshot) -> tuple[Newcomer, ...]:
    """Return whoever could be, as far as rules can tell: most clusters have no primary network."""
    return newcomers(len(OUTER) if any(network.primary for network in snapshot.networks) else len(LABELS))


@cache
def satisfying(selector: Selector) -> frozenset[int]:
    """Return which of OUTER, of which LABELS are the first, a selector selects."""
    return frozenset(number for number, labels in enumerate(OUTER) if selects(selector, labels))


def fitting(row: Exposure, snapshot: Snapshot) -> frozenset[Newcomer]:
    """Return whom a row is about."""
    if row.peer is None:
        return frozenset(possible(snapshot))
    inner, outer = satisfying(row.peer.pods), satisfying(row.peer.namespaces)
    known = {
        name
        for name, namespace in snapshot.namespaces.items()
        if row.peer.namespace in (None, name) and selects(row.peer.namespaces, namespace.labels)
    }
    return frozenset(
        newcomer
        for newcomer in possible(snapshot)
        if newcomer.inner in inner
        and (
            newcomer.namespace in known
            or (newcomer.namespace == "new" and row.peer.namespace is None and newcomer.outer in outer)
        )
    )


def holding(rows: list[Exposure], snapshot: Snapshot) -> Iterator[tuple[Newcomer, list[Exposure]]]:
    """Yield each newcomer with the rows that hold for it: those that fit and that no more specific one does."""
    about = [(row, fitting(row, snapshot)) for row in rows]
    for newcomer in possible(snapshot):
        own = [(row, whom) for row, whom in about if newcomer in whom]
        yield newcomer, [row for row, whom in own if not any(other < whom for _, other in own)]


def says(rows: list[Exposure], protocol: Protocol, port: int) -> Truth:
    """Return what rows say that hold for one pod: it may do what any of them says."""
    return any_of(
        True if (protocol, port) in row.traffic else None if (protocol, port) in row.unknown else False for row in rows
    )


@given(cases(), st.randoms(use_true_random=False))
@tries(30)
def test_the_rows_that_hold_for_a_pod_say_what_it_may_do(case: Case, chance: Random) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    exposed = exposure(cluster, pods=True)
    ports = boundary_ports(case.snapshot)
    for pod in (each for each in case.snapshot.pods if not each.finished):
        for direction in Direction:
            rows = [row for row in exposed.exposure if (row.workload, row.direction) == (str(pod), direction)]
            if rows[:1] == [] or rows[0].peer is not None:  # nothing is allowed of the entire cluster
                rows.insert(0, _nothing(pod, direction))
            found = list(holding(rows, case.snapshot))
            held = {id(row) for _, own in found for row in own}
            assert {id(row) for row in rows[1:]} <= held, "a listed peer cannot exist"
            examples = {id(row): (newcomer, own) for newcomer, own in found for row in own}
            for newcomer, own in (*examples.values(), *chance.sample(found, 5)):
                for protocol, port in chance.sample(ports, min(8, len(ports))):
                    verdict = _judged(case, cluster, pod, newcomer, direction, protocol, port)
                    assert says(own, protocol, port) is verdict, (str(pod), direction, newcomer, protocol, port, own)


def _nothing(pod: Pod, direction: Direction) -> Exposure:
    return Exposure(workload=str(pod), direction=direction, peer=None, traffic=NONE)


def _judged(
    case: Case,
    cluster: Compiled,
    pod: Pod,
    newcomer: Newcomer,
    direction: Direction,
    protocol: Protocol,
    port: int,
    ports: tuple[ContainerPort, ...] = (),
) -> Truth:
    """Return what the definition says of the two, in the families that the pod has."""
    other = newcomer.pod(ports)
    snapshot = newcomer.joined(case.snapshot, other)
    source, destination = (pod, other) if direction is Direction.EGRESS else (other, pod)
    versions = {int(address.version) for address in pod.addresses} or {int(f) for f in cluster.program.families}
    return agreed(
        judge(
            snapshot,
            case.profile,
            Flow(source=source, destination=destination, protocol=protocol, port=port, family=family),
        ).allowed
        for family in cluster.program.families
        if family in versions
    )


#: Ports of names that rules mention, and of numbers that they do not.
DECLARED = (ContainerPort("http", Protocol.TCP, 4242), ContainerPort("dns", Protocol.UDP, 4343))


@given(cases(), st.randoms(use_true_random=False))
@tries(20)
def test_a_named_port_is_open_where_a_pod_that_declares_it_accepts_there(case: Case, chance: Random) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    exposed = exposure(cluster, pods=True)
    for pod in (each for each in case.snapshot.pods if not each.finished):
        rows = [row for row in exposed.exposure if (row.workload, row.direction) == (str(pod), Direction.EGRESS)]
        if not rows or rows[0].peer is not None:
            rows.insert(0, _nothing(pod, Direction.EGRESS))
        for newcomer, own in chance.sample(list(holding(rows, case.snapshot)), 5):
            if any(row.unknown for row in own):
                continue
            for declared in DECLARED:
                flow, name = (declared.protocol, declared.number), f"{declared.protocol} {declared.name}"
                expected = any((flow in row.traffic and name not in row.but_named) or name in row.named for row in own)
                verdict = _judged(case, cluster, pod, newcomer, Direction.EGRESS, *flow, DECLARED)
                assert verdict is expected, (str(pod), newcomer, declared, own)
