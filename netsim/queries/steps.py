"""Every attack step of a cluster, whether anything leads to its source or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.graph.export import digraph, step_edges
from netsim.graph.listing import Listing
from netsim.graph.world import World
from netsim.ir.access import SubjectKind
from netsim.ir.attack import Step
from netsim.queries.answer import Answer, frame, warnings_of
from netsim.queries.attack import AttackStepShape, Detection, steps_dict, world_of
from netsim.queries.both import Both, Part


class StepsShape(TypedDict):
    """Every attack step."""

    steps: list[AttackStepShape]


@dataclass(frozen=True, kw_only=True)
class Steps(Answer):
    """The steps; iterating finds them anew, for from pod to pod there may be very many.

    Attributes:
        connections: Whether steps from pod to pod are among them.
    """

    kind: ClassVar[str] = "AttackSteps"

    world: World
    connections: bool = True

    def __iter__(self) -> Iterator[Step]:
        seen: set[Step] = set()
        for step in Listing(self.world).all(connections=self.connections):
            if step not in seen:
                seen.add(step)
                yield step

    def facts(self) -> StepsShape:
        """Return the steps as JSON values."""
        detection = Detection.of(self.world)
        return {"steps": [steps_dict(step, detection.level(step)) for step in self]}

    def to_frame(self) -> Any:
        """Return the steps as a pandas DataFrame: step, from, to, certainty."""
        rows = ((step.id, step.source, step.target, step.certainty.label) for step in self)
        return frame(("step", "from", "to", "certainty"), rows)

    def to_networkx(self) -> Any:
        """Return the steps as the edges of a ``networkx.MultiDiGraph``: ``step``, ``certainty``, ``needs``."""
        return digraph((), step_edges(self))


def steps(cluster: Compiled, *, connections: bool = True) -> Steps:
    """Return every attack step; without ``connections``, none from pod to pod."""
    return Steps(world=world_of(cluster), connections=connections, warnings=warnings_of(cluster))


def compared_steps(both: Both) -> tuple[Sequence[Step], Sequence[Step]]:
    """Return the steps of both sides that a diff compares, where the objects were kept whole and some differ."""
    if Part.STEPS not in both.parts or not both.whole or both.same:
        return (), ()
    old, new = (tuple(_of_side(side)) for side in (both.old, both.new))
    return old, new


def _of_side(cluster: Compiled) -> Iterator[Step]:
    """Yield the steps of one side.

    Those over the network are left out, for a diff lists connections; so are those of the built-in users and groups,
    and tokens of accounts that no binding names: every pod has one.
    """
    bound = {
        f"sa:{subject.namespace}/{subject.name}"
        for binding in cluster.snapshot.bindings
        for subject in binding.subjects
        if subject.kind is SubjectKind.ACCOUNT
    }
    for step in dict.fromkeys(Listing(world_of(cluster)).held()):
        idle = step.id.startswith(("tok.", "node.token", "node.pods", "node.kubelet", "node.traffic", "net."))
        if step.source.startswith(("user:system:", "group:system:")) or (idle and step.target not in bound):
            continue
        yield step
