"""A truth table for one port, pod by pod."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Family, Pod
from netsim.ir.truth import Truth, agreed
from netsim.lower.program import Program
from netsim.queries.answer import Answer, frame, warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.focus import Focus, Peers, products
from netsim.queries.peers import Chosen
from netsim.queries.query import common_families, family_of

Table = Mapping[str, Mapping[str, Truth]]


class MatrixShape(TypedDict):
    """Source to destination to whether the one may connect to the other; null for unknown."""

    port: str
    matrix: Mapping[str, Mapping[str, bool | None]]


@dataclass(frozen=True, kw_only=True)
class Matrix(Answer):
    """Whether each pod may open a connection to each other pod on one port.

    ``table[source][destination]`` is True, False, or None for unknown; also None where two address families do not
    agree. Where the port is a name, destinations that do not declare it are left out.
    """

    kind: ClassVar[str] = "Matrix"

    port: str
    table: Table

    def facts(self) -> MatrixShape:
        """Return the table as JSON values."""
        return {"port": self.port, "matrix": self.table}

    def to_frame(self) -> Any:
        """Return a row for each pair of pods as a pandas DataFrame: from, to, allowed."""
        rows = ((source, to, allowed) for source, row in self.table.items() for to, allowed in row.items())
        return frame(("from", "to", "allowed"), rows)


def matrix(
    cluster: Compiled,
    *,
    port: int | str,
    protocol: str | None = None,
    family: str | Family | None = None,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
) -> Matrix:
    """Return the truth table of one port.

    Args:
        source, destination: The pods of these peers alone, as rows and as columns.
        workload: The cells of which either end is one of these peers; the others are left out of the table.
        port: A number or the name of a container port, each with an optional ``/PROTOCOL``; TCP where none is named.
        family: ``IPv4`` or ``IPv6``; both where not given and both are in use.
    """
    only = family_of(family)
    cluster = cluster if only is None else cluster.over(frozenset({only}))
    program = cluster.program
    wanted = asked(port, protocol).of_one_protocol()
    focus = Focus(source=source, destination=destination, workload=workload)
    table: dict[str, dict[str, Truth]] = {}
    for ((sources, destinations),) in products(focus, cluster):  # two of them have no row in common
        columns = _pods(program, destinations)
        for number, opening in _pods(program, sources):
            table[str(opening)] = {
                str(accepting): truth
                for other, accepting in columns
                if (truth := _truth(cluster, number, other, wanted, only)) is not _ABSENT
            }
    return Matrix(
        port=str(wanted),
        table=dict(sorted(table.items())),
        assumptions=of_listing(cluster),
        warnings=warnings_of(cluster),
    )


def _pods(program: Program, chosen: Chosen) -> list[tuple[int, Pod]]:
    return [(number, pod) for number in chosen.endpoints if isinstance(pod := program.endpoints[number], Pod)]


_ABSENT = object()


def _truth(cluster: Compiled, source: int, destination: int, wanted: Asked, family: Family | None) -> Any:
    program = cluster.program
    one, other = program.endpoints[source], program.endpoints[destination]
    traffic = wanted.traffic(other)
    if not traffic:
        return _ABSENT
    families = common_families(program, one, other) if family is None else (family,)
    found: list[Truth] = []
    for version in families:
        allowed, unknown = cluster.reachability.between(source, destination, version)
        if not traffic - allowed:
            found.append(True)
        else:
            found.append(None if traffic & (allowed | unknown) else False)
    return agreed(found)
