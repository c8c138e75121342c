"""Answers about attacks as what the report's map can follow."""

from collections.abc import Iterable, Mapping

from netsim.ir.attack import Step
from netsim.queries.blast import BlastRadius
from netsim.queries.paths import Paths
from netsim.queries.report import Highlight, Hop
from netsim.render.attack import follows_from_admin

#: Vertices that are objects in a namespace, as ends of rows name such: ``shop/web[ServiceAccount]``.
_KINDS = {"sa": "ServiceAccount", "secret": "Secret", "service": "Service", "role": "Role"}


def blast_highlight(answer: BlastRadius, names: Iterable[str]) -> Highlight:
    """Return a blast radius to follow: the proof of what falls, but for what an admin of the cluster has anyway.

    Args:
        names: The ends of the report's rows, by which the map knows workloads.
    """
    ends = _Ends(answer.owners, names)
    fallen = [each for each in answer.fallen if not follows_from_admin(answer, each)]
    steps = [answer.steps[number] for each in fallen for number in each.proof]
    return Highlight(
        title=f"blast radius of {answer.source}", start=ends.of(_vertex(answer.source)), hops=ends.hops(steps)
    )


def path_highlights(answer: Paths, names: Iterable[str]) -> tuple[Highlight, ...]:
    """Return the shortest paths to follow, each on its own."""
    ends = _Ends(answer.owners, names)
    return tuple(
        Highlight(
            title=f"path {number} from {answer.source} to {answer.target}",
            start=ends.of(path.steps[0].source) if path.steps else answer.source,
            hops=ends.hops(path.steps),
        )
        for number, path in enumerate(answer.shortest, start=1)
    )


def _vertex(source: str) -> str:
    """Return what was asked about as a vertex: what has no kind and a namespace is a pod."""
    return f"pod:{source}" if "/" in source and ":" not in source else source


class _Ends:
    """Vertices of the attack graph by the names of ends of rows."""

    def __init__(self, owners: Mapping[str, str], names: Iterable[str]) -> None:
        self._owners = owners
        self._rows: dict[str, str] = {}
        for name in names:
            self._rows.setdefault(name.partition("[")[0], name)

    def of(self, vertex: str) -> str:
        """Return the end that stands for a vertex: a workload for its pods and containers."""
        kind, _, rest = vertex.partition(":")
        if kind == "container":
            kind, rest = "pod", rest.rpartition("/")[0]
        if kind == "pod":
            owner = self._owners.get(f"pod:{rest}", rest)
            return self._rows.get(owner.partition("[")[0], owner)
        return f"{rest}[{_KINDS[kind]}]" if kind in _KINDS and "/" in rest else vertex

    def hops(self, steps: Iterable[Step]) -> tuple[Hop, ...]:
        """Return steps between two ends, each once."""
        found = (
            Hop(source=self.of(step.source), target=self.of(step.target), how=step.id, certainty=step.certainty)
            for step in steps
        )
        return tuple(dict.fromkeys(hop for hop in found if hop.source != hop.target))
