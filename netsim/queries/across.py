"""What is asked of every cluster of a fleet alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UnknownPortError, UsageError
from netsim.ingest.ports import asked
from netsim.ir.objects import Family
from netsim.ir.truth import Truth, any_of
from netsim.queries.listing import Line
from netsim.queries.measures import exposures
from netsim.queries.networks import query, reach


class Said(Enum):
    """What a cluster says to a question. ABSENT: a peer or a port that it names is not there."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    ABSENT = "absent"


_SAID = {True: Said.YES, False: Said.NO, None: Said.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every cluster; None where it is not.

    Attributes:
        source, destination, port, protocol: May the one open a connection to the other?
        exposes: Is this peer open to the outside?
        fingerprint: Which clusters have the same connections?
    """

    source: str | None = None
    destination: str | None = None
    port: int | str | None = None
    protocol: str | None = None
    exposes: str | None = None
    fingerprint: bool = False

    @property
    def asks_verdict(self) -> bool:
        """Whether a verdict is asked for."""
        return self.source is not None

    def check(self) -> None:
        """Refuse what no cluster can answer.

        Raises:
            UsageError: Half a question, or a port that is none.
        """
        ends = [self.source, self.destination]
        whither = [self.port, self.protocol]
        if any(part is not None for part in [*ends, *whither]) and (None in ends or whither == [None, None]):
            raise UsageError(
                "a verdict needs a source, a destination and a port",
                hint="--from web/frontend --to db/postgres --port 5432",
            )
        if self.asks_verdict:
            asked(self.whither, self.protocol)

    @property
    def whither(self) -> int | str:
        """The port; the protocol's name for one that has no ports."""
        return str(self.protocol) if self.port is None else self.port

    def __str__(self) -> str:
        port = asked(self.whither, self.protocol).of_one_protocol()
        return f"{self.source} -> {self.destination} {port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one cluster says to a Question; None for what was not asked.

    Attributes:
        allowed: What it says to the verdict.
        exposes: Whether the peer is open to the outside; ``exposed_by`` to whom, and by what.
        fingerprint: Equal, for clusters of any addresses, where the connections are; 16 hexadecimal digits.
        missing: What is not there, a sentence each.
    """

    allowed: Said | None = None
    exposes: Said | None = None
    exposed_by: tuple[str, ...] = ()
    fingerprint: str | None = None
    missing: tuple[str, ...] = ()


def reply(cluster: Compiled, question: Question) -> Reply:
    """Return what a cluster says.

    Raises:
        UsageError: A question has no one meaning there: a name that two workloads have.
    """
    missing: list[str] = []
    allowed = _allowed(cluster, question, missing) if question.asks_verdict else None
    exposes, by = (None, ()) if question.exposes is None else _exposed(cluster, question.exposes, missing)
    return Reply(
        allowed=allowed,
        exposes=exposes,
        exposed_by=by,
        fingerprint=fingerprint(cluster) if question.fingerprint else None,
        missing=tuple(missing),
    )


def _allowed(cluster: Compiled, question: Question, missing: list[str]) -> Said:
    source, destination = str(question.source), str(question.destination)
    try:
        verdict = query(cluster, source, destination, port=question.whither, protocol=question.protocol)
    except (UnknownPeerError, UnknownPortError) as error:
        missing.append(error.message)
        return Said.ABSENT
    return _SAID[verdict.allowed]


def _exposed(cluster: Compiled, peer: str, missing: list[str]) -> tuple[Said, tuple[str, ...]]:
    try:
        answer = reach(cluster, destination=peer)
    except UnknownPeerError as error:
        missing.append(error.message)
        return Said.ABSENT, ()
    found = exposures(answer, answer.entries)
    allowed: Truth = any_of(allowed for allowed, _ in found.values())
    return _SAID[allowed], tuple(dict.fromkeys(who for _, by in found.values() for who in by))


_SIZE = 1 << 128


def fingerprint(cluster: Compiled) -> str:
    """Return a digest of the connections that ``reach`` lists.

    Both address families are asked about, so that a cluster without IPv6 addresses compares with one that has some.
    Sources that reach the same share the sum of their lines, less the one to themselves, which is not listed.
    """
    answer = reach(cluster.over(frozenset(Family)))
    whole = sha256()
    shared: dict[int, int] = {}
    for source, lines in answer.listed:
        if id(lines) not in shared:
            shared[id(lines)] = _sum(lines)
        rest = shared[id(lines)] - _sum(line for line in lines if line.destination == source)
        whole.update(f"{source}\t{rest % _SIZE:x}\n".encode())
    return whole.hexdigest()[:16]


def _sum(lines: Iterable[Line]) -> int:
    """Return a number that says which lines these are, whatever their order."""
    told = (f"{e.destination}\t{e.traffic}\t{e.unknown}\t{e.family}\t{e.network}" for e in lines)
    return sum(int.from_bytes(sha256(text.encode()).digest()[:16]) for text in told)
