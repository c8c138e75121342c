"""Rules of the cluster-wide kinds: ordered, each with an action, failing closed (S3.2 to S3.8)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from netsim.ingest.document import Path, written
from netsim.ingest.kinds.clusterpeers import (
    NO_PEER,
    PEER_FIELD,
    PODS,
    WrittenPeer,
    check_peer,
    fields_of,
    read_peer,
    warn_of_length,
)
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.kinds.ports import check_port_number
from netsim.ingest.schema import Growing
from netsim.ingest.validation import Rule as TextRule
from netsim.ingest.validation import port_name
from netsim.ir.policy import Action, Direction, PortMatch, Rule

P = TypeVar("P", bound=Growing)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule(Generic[P]):
    """One element of ingress or egress, as its kind wrote it."""

    direction: Direction
    index: int
    name: str | None
    action: str | None
    peers: Sequence[WrittenPeer | None] | None
    ports: Sequence[P | None] | None

    @property
    def path(self) -> Path:
        """Where the rule stands."""
        return ("spec", self.direction.value, self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(Generic[P]):
    """What the rules of one kind say in their own way.

    Args:
        actions: The actions, by the words for them.
        egress_peers: The fields that a peer of an egress rule may have; of an ingress rule, namespaces and pods.
        selectors: The selectors that pods in namespaces need, be they empty.
        ports: The field of the ports.
        no_port: A port of which nothing is written.
        name_field: The field of a port that names it. ``name``: Returns that name.
        most_rules, most_entries: The API's limits on the rules of a direction, and on the peers and ports of a rule.
        cidr: What the API says of a text that is a CIDR.
        check_port: Notes what the API server would refuse of a port.
        read_port: Returns what a checked port means.
    """

    actions: Mapping[str, Action]
    egress_peers: tuple[str, ...]
    selectors: tuple[str, ...]
    ports: str
    no_port: P
    name_field: str
    name: Callable[[P], str | None]
    most_rules: int
    most_entries: int
    cidr: TextRule
    check_port: Callable[[P, Path, Reading], None]
    read_port: Callable[[P, Path, Reading], PortMatch]


#: A rule of either direction, as one API writes them.
R = TypeVar("R")


def numbered(
    ingress: Sequence[R | None] | None, egress: Sequence[R | None] | None, empty: R
) -> Iterator[tuple[Direction, int, R]]:
    """Yield every rule that is written, with its direction and its place; a null one is ``empty``."""
    for direction, rules in ((Direction.INGRESS, ingress), (Direction.EGRESS, egress)):
        yield from ((direction, index, rule or empty) for index, rule in enumerate(rules or ()))


def check_one_field(said: Sequence[str], known: Sequence[str], path: Path, reading: Reading, *, hint: str) -> None:
    """Note an entry of ports that has none of its fields, or several; ``hint`` shows one that has one."""
    if not said:
        reading.refuse("NS113", path, f"says nothing: one of {', '.join(known)} is required", hint=hint)
    elif len(said) > 1:
        apart = "write them as elements of their own: elements are ORed"
        reading.refuse("NS113", path, f"has {' and '.join(said)}, and may have one field", hint=apart)


#: Priorities are from 0 to this.
LAST_PRIORITY = 1000
_LONGEST_NAME = 100
#: Words for an action in other APIs.
_SYNONYMS = {"Allow": "Accept", "Accept": "Allow", "Drop": "Deny", "Reject": "Deny"}


def check_priority(priority: int | None, reading: Reading) -> None:
    """Note a priority that is absent or out of range (S3.3)."""
    path: Path = ("spec", "priority")
    if priority is None:
        reading.refuse("NS108", path, "is required", hint=f"write a number from 0, asked first, to {LAST_PRIORITY}")
    elif not 0 <= priority <= LAST_PRIORITY:
        reading.refuse("NS123", path, f"{priority} must be between 0 and {LAST_PRIORITY}")


def check_rules(rules: Sequence[WrittenRule[P]], dialect: Dialect[P], reading: Reading) -> None:
    """Note what the API server would refuse of the rules."""
    for direction in Direction:
        count = sum(rule.direction is direction for rule in rules)
        warn_of_length(count, dialect.most_rules, ("spec", direction.value), reading)
    for rule in rules:
        if rule.name and len(rule.name) > _LONGEST_NAME:
            message = f"has {len(rule.name)} characters, more than {_LONGEST_NAME}"
            reading.refuse("NS109", (*rule.path, "name"), message)
        _check_action(rule, dialect, reading)
        _check_peers(rule, dialect, reading)
        _check_ports(rule, dialect, reading)


def _check_action(rule: WrittenRule[P], dialect: Dialect[P], reading: Reading) -> None:
    path: Path = (*rule.path, "action")
    if rule.action is None:
        reading.refuse("NS108", path, "is required", hint=f"write one of {', '.join(dialect.actions)}")
    elif rule.action not in dialect.actions:
        word = rule.action.strip().capitalize()
        meant = word if word in dialect.actions else _SYNONYMS.get(word)
        hint = f"write {meant}" if meant in dialect.actions else ""
        reading.refuse("NS123", path, f'"{rule.action}" is none of {", ".join(dialect.actions)}', hint=hint)


def _check_peers(rule: WrittenRule[P], dialect: Dialect[P], reading: Reading) -> None:
    path: Path = (*rule.path, PEER_FIELD[rule.direction])
    if not rule.peers:
        hint = "write `namespaces: {}` as a peer to mean every pod of the cluster"
        reading.refuse("NS108", path, "is required, with at least one peer", hint=hint)
    permitted = PODS if rule.direction is Direction.INGRESS else dialect.egress_peers
    for index, peer in enumerate(rule.peers or ()):
        check_peer(peer or NO_PEER, (*path, index), permitted, dialect.selectors, dialect.cidr, reading)
    warn_of_length(len(rule.peers or ()), dialect.most_entries, path, reading)
    allows = dialect.actions.get(rule.action or "") in (Action.ALLOW, None)
    for index, peer in enumerate(rule.peers or ()):
        if peer and peer.domain_names is not None and not allows:
            hint = "deny every address with `networks` in a rule below, and allow names above it"
            message = f"stands in a rule whose action is {rule.action}: names can only be allowed"
            reading.refuse("NS125", (*path, index, "domainNames"), message, hint=hint)


def _check_ports(rule: WrittenRule[P], dialect: Dialect[P], reading: Reading) -> None:
    path: Path = (*rule.path, dialect.ports)
    if rule.ports is not None and not rule.ports:
        hint = "leave the field out to mean every protocol and port"
        reading.refuse("NS113", path, "is empty: at least one is required", hint=hint)
    for index, port in enumerate(rule.ports or ()):
        written_port = port or dialect.no_port
        dialect.check_port(written_port, (*path, index), reading)
        name = dialect.name(written_port)
        if name is not None:
            _check_name(name, (*path, index, dialect.name_field), rule.peers or (), reading)
    warn_of_length(len(rule.ports or ()), dialect.most_entries, path, reading)


def _check_name(name: str, path: Path, beside: Sequence[WrittenPeer | None], reading: Reading) -> None:
    """Note a named port that stands beside peers that have none (S3.6), and warn of one that no pod can declare."""
    found = {field for peer in beside if peer for field in fields_of(peer)} - set(PODS)
    if found:
        hint = "write the peers with named ports and those without as two rules"
        message = f"stands beside {' and '.join(sorted(found))}, which have no named ports"
        reading.refuse("NS125", path, message, hint=hint)
    if wrong := port_name(name):
        reading.warn(path, f'"{name}" {wrong}: no pod can declare it')


def check_number(number: int | None, path: Path, reading: Reading) -> None:
    """Note a port number that is absent or out of range."""
    if number is None:
        reading.refuse("NS108", path, "is required")
    else:
        check_port_number(number, path, reading)


def check_range(start: int | None, end: int | None, path: Path, reading: Reading) -> None:
    """Note a range that has no start or end, or ends where it starts or before (S3.6)."""
    check_number(start, (*path, "start"), reading)
    check_number(end, (*path, "end"), reading)
    if start is not None and end is not None and end <= start:
        hint = "write one port as a number" if end == start else "swap the two"
        reading.refuse("NS114", (*path, "end"), f"{end} must be above `start` {start}", hint=hint)


def read_rules(rules: Sequence[WrittenRule[P]], dialect: Dialect[P], reading: Reading) -> tuple[Rule, ...]:
    """Return what checked rules mean, in the order written."""
    return tuple(_rule(rule, dialect, reading) for rule in rules)


def _rule(rule: WrittenRule[P], dialect: Dialect[P], reading: Reading) -> Rule:
    action = dialect.actions[rule.action or ""]
    newer = reading.newer_within(rule.path)
    if newer:
        return fail_closed(rule.direction, rule.index, action, newer, reading, rule.name)
    at = (*rule.path, PEER_FIELD[rule.direction])
    peers = [peer for n, each in enumerate(rule.peers or ()) for peer in read_peer(each or NO_PEER, (*at, n), reading)]
    ports = list(_ports(rule, dialect, reading))
    return Rule(
        direction=rule.direction,
        index=rule.index,
        action=action,
        peers=tuple(peers),
        ports=tuple(ports) or None,
        name=rule.name or None,
        place=reading.place(*rule.path),
    )


def _ports(rule: WrittenRule[P], dialect: Dialect[P], reading: Reading) -> Iterator[PortMatch]:
    for index, port in enumerate(rule.ports or ()):
        yield dialect.read_port(port or dialect.no_port, (*rule.path, dialect.ports, index), reading)


def fail_closed(
    direction: Direction, index: int, action: Action, newer: Sequence[Path], reading: Reading, name: str | None = None
) -> Rule:
    """Return the rule that one with fields of a newer API is taken for (S3.8).

    What allows matches nothing; what denies or passes denies everything, whatever else the rule says.
    """
    allows = action is Action.ALLOW
    taken = "matches nothing" if allows else "denies everything"
    for path in newer:
        reading.warn(path, f"is no field that netsim knows, so that {written(path[:3])} {taken} (S3.8)")
    return Rule(
        direction=direction,
        index=index,
        action=action if allows else Action.DENY,
        peers=() if allows else None,
        ports=None,
        name=name or None,
        place=reading.place("spec", direction.value, index),
    )
