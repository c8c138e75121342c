"""What falls if this falls: everything that an attacker reaches from one place, each with its shortest proof."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.graph.export import digraph, step_edges
from netsim.graph.horn import Closure, Fact, Limits
from netsim.graph.proofs import Proofs
from netsim.graph.vertices import FALLS, kind_of, namespace_of, shown
from netsim.graph.world import World
from netsim.ir.attack import CERTAINTIES, Certainty, Step
from netsim.ir.still import still
from netsim.queries.answer import Answer, frame, warnings_of
from netsim.queries.attack import (
    Asked,
    AttackStepShape,
    Detection,
    assumptions,
    run,
    start_of,
    steps_dict,
    world_of,
)

#: What each kind is worth in a score, out of a hundred in all.
_WORTH: Mapping[str, float] = {"cluster-admin": 40, "node": 20, "secret": 15, "sa": 10, "pod": 15}
#: How much of its worth counts what falls at a level.
_SHARE = {Certainty.CERTAIN: 1.0, Certainty.LIKELY: 0.75, Certainty.EXPLOIT: 0.35}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """One thing that falls.

    Attributes:
        vertex: ``pod:shop/web``, ``sa:ci/runner``, ``cluster-admin``.
        certainty: How sure the surest way to it is.
        proof: The numbers of the steps of its shortest proof at that level, in the answer's ``steps``.
    """

    vertex: str
    certainty: Certainty
    proof: tuple[int, ...]

    @property
    def last(self) -> int | None:
        """The number of the step that it falls by."""
        return self.proof[-1] if self.proof else None


class FallenShape(TypedDict):
    """One thing that falls, and the numbers of the steps that it falls by."""

    vertex: str
    certainty: Annotated[str, CERTAINTIES]
    proof: list[int]


class PodsShape(TypedDict):
    """How many pods a namespace has, and how many fall."""

    pods: int
    fallen: int


FromShape = TypedDict("FromShape", {"from": str})


class BlastRadiusShape(FromShape):
    """What falls: counts by certainty and kind, then each thing, the nearest first."""

    score: float
    summary: dict[str, dict[str, int]]
    namespaces: dict[str, PodsShape]
    fallen: list[FallenShape]
    steps: list[AttackStepShape]


@dataclass(frozen=True, kw_only=True)
class BlastRadius(Answer):
    """What falls, nearest first. Iterating yields it.

    Attributes:
        source: As it was asked.
        steps: Every step of some proof, once.
        logged: For each step, the audit level at which it is recorded; None where nothing is known or no API is asked.
        score: 0 to 100: the part of what the cluster is worth that falls; compare it before and after a change.
        namespaces: For each namespace, how many pods fall in it, and how many it has.
    """

    kind: ClassVar[str] = "BlastRadius"

    source: str
    fallen: tuple[Fallen, ...]
    steps: tuple[Step, ...]
    logged: tuple[str | None, ...]
    score: float
    namespaces: Mapping[str, tuple[int, int]] = field(hash=False)
    owners: Mapping[str, str] = field(hash=False, default_factory=dict)

    def __iter__(self) -> Iterator[Fallen]:
        return iter(self.fallen)

    def __len__(self) -> int:
        return len(self.fallen)

    def __contains__(self, vertex: str) -> bool:
        return any(each.vertex == vertex for each in self.fallen)

    def proof(self, vertex: str) -> tuple[Step, ...]:
        """Return the steps by which a vertex falls; none for what was given.

        Raises:
            KeyError: It does not fall.
        """
        found = {each.vertex: each for each in self.fallen}[vertex]
        return tuple(self.steps[number] for number in found.proof)

    @property
    def summary(self) -> dict[str, dict[str, int]]:
        """How many of each kind fall at each level."""
        counts = Counter((each.certainty, kind_of(each.vertex)) for each in self.fallen)
        return {
            level.name.lower(): {kind: counts[level, kind] for kind in sorted(FALLS) if counts[level, kind]}
            for level in Certainty
        }

    def facts(self) -> BlastRadiusShape:
        """Return the blast radius as JSON values."""
        return {
            "from": self.source,
            "score": self.score,
            "summary": self.summary,
            "namespaces": {name: {"pods": all_, "fallen": down} for name, (down, all_) in self.namespaces.items()},
            "fallen": [
                {"vertex": each.vertex, "certainty": each.certainty.name.lower(), "proof": list(each.proof)}
                for each in self.fallen
            ],
            "steps": [
                steps_dict(step, logged, number)
                for number, (step, logged) in enumerate(zip(self.steps, self.logged, strict=True))
            ],
        }

    def to_frame(self) -> Any:
        """Return what falls as a pandas DataFrame: vertex, certainty, steps, last."""
        rows = (
            (each.vertex, each.certainty.label, len(each.proof), self.steps[each.proof[-1]].id if each.proof else "")
            for each in self.fallen
        )
        return frame(("vertex", "certainty", "steps", "by"), rows)

    def to_networkx(self) -> Any:
        """Return what falls as a ``networkx.MultiDiGraph``: vertices with ``certainty``, steps as edges."""
        return digraph(((each.vertex, {"certainty": each.certainty.label}) for each in self), step_edges(self.steps))


def blast(cluster: Compiled, source: str, *, max_steps: int | None = None) -> BlastRadius:
    """Return what falls if something is taken.

    Args:
        source: A pod, a workload, ``sa:NS/NAME``, ``user:NAME``, ``node:NAME``, ``internet``.
        max_steps: Count no proof that is longer.

    Raises:
        UnknownPeerError: The source names nothing.
    """
    with still():  # a hundred thousand facts, none of them cyclic
        start = start_of(cluster, source)
        world = world_of(cluster)
        work = _Gathering(world, start, max_steps)
        for level in Certainty:
            work.take(level, run(world, start, Limits(certainty=level)))
        return work.answer(cluster)


@dataclass(slots=True)
class _Gathering:
    """The work of one answer; used once, then dropped."""

    world: World
    start: Asked
    max_steps: int | None
    fallen: dict[Fact, Fallen] = field(default_factory=dict)
    _numbers: dict[Step, int] = field(default_factory=dict)

    def take(self, level: Certainty, found: Closure) -> None:
        """Take in what falls at a level and did not at a surer one."""
        proofs = Proofs(found)
        for fact in found.why:
            if kind_of(fact) in FALLS and fact not in self.fallen and fact not in self.start.facts:
                proof = proofs.steps(fact)
                if proof and (self.max_steps is None or len(proof) <= self.max_steps):
                    self.fallen[fact] = Fallen(
                        vertex=shown(fact), certainty=level, proof=tuple(self._number(step) for step in proof)
                    )

    def _number(self, step: Step) -> int:
        return self._numbers.setdefault(step, len(self._numbers))

    def answer(self, cluster: Compiled) -> BlastRadius:
        """Return the answer."""
        detection = Detection.of(self.world)
        steps = tuple(self._numbers)
        fallen = sorted(self.fallen.values(), key=lambda each: (each.certainty, len(each.proof)))
        return BlastRadius(
            source=self.start.text,
            fallen=tuple(fallen),
            steps=steps,
            logged=tuple(map(detection.level, steps)),
            score=score(self.world, fallen),
            namespaces=self._namespaces(fallen),
            owners={f"pod:{name}": facts.owner for name, facts in self.world.pods.items()},
            assumptions=assumptions(self.world, steps),
            warnings=warnings_of(cluster),
        )

    def _namespaces(self, fallen: Iterable[Fallen]) -> dict[str, tuple[int, int]]:
        down = Counter(namespace_of(each.vertex) for each in fallen if kind_of(each.vertex) == "pod")
        down.update(namespace_of(fact) for fact in self.start.facts if kind_of(fact) == "pod")
        return {name: (down[name], len(self.world.by_namespace[name])) for name in sorted(self.world.by_namespace)}


def score(world: World, fallen: Iterable[Fallen]) -> float:
    """Return the part of what the cluster is worth that falls: 0 to 100, one decimal.

    Each kind is worth a fixed part, shared by all of the kind; what falls less surely counts less.
    """
    all_ = {
        "cluster-admin": 1,
        "node": len(world.nodes) or 1,
        "secret": sum(map(len, world.secret_names.values())) or len(world.namespaces),  # (any) of each
        "sa": sum(map(len, world.account_names.values())),
        "pod": len(world.pods),
    }
    total = sum(
        _WORTH[kind] * _SHARE[each.certainty] / all_[kind]
        for each in fallen
        if (kind := kind_of(each.vertex)) in all_ and all_[kind]
    )
    return round(min(total, 100.0), 1)
