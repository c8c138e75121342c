"""How an attacker gets from here to there, what every way hangs on, and what still works once that is changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.graph.cuts import Cuts
from netsim.graph.export import digraph, step_edges
from netsim.graph.horn import Closure, Limits
from netsim.graph.proofs import Proofs
from netsim.graph.world import World
from netsim.ir.attack import CERTAINTIES, Certainty, Guard, Step
from netsim.ir.shapes import EndsShape
from netsim.queries.answer import Answer, frame, warnings_of
from netsim.queries.attack import (
    Asked,
    AttackStepShape,
    Detection,
    GuardShape,
    assumptions,
    goal_of,
    guard_dict,
    run,
    start_of,
    steps_dict,
    world_of,
)

GOAL = "goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPath:
    """One proof that the goal is in reach; its certainty is that of its least sure step.

    Attributes:
        logged: For each step, the audit level at which it is recorded; None where no API is asked or nothing is known.
        also: The kinds of steps of other paths that hang on the same: other techniques, no other fix.
    """

    steps: tuple[Step, ...]
    logged: tuple[str | None, ...] = ()
    also: tuple[tuple[str, ...], ...] = ()

    @property
    def guards(self) -> frozenset[Guard]:
        """What it hangs on."""
        return frozenset(guard for step in self.steps for guard in step.guards)

    @property
    def certainty(self) -> Certainty:
        """How sure it is."""
        return max((step.certainty for step in self.steps), default=Certainty.CERTAIN)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its steps, in order."""
        return tuple(step.id for step in self.steps)

    @property
    def target(self) -> str:
        """Where it ends."""
        return self.steps[-1].target if self.steps else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Something to change, and what still works then: the shortest path that is left, None where none is."""

    guard: Guard
    left: AttackPath | None


class AttackPathShape(TypedDict):
    """One path, the kinds of its steps, and other kinds that lead there by the same."""

    certainty: Annotated[str, CERTAINTIES]
    kinds: list[str]
    also: list[list[str]]
    steps: list[AttackStepShape]


class FixedShape(GuardShape):
    """Something to change, and the path that still works then."""

    left: AttackPathShape | None


class AttackPathsShape(EndsShape):
    """The ways from a source to a goal, what each of them hangs on, and what cuts them all: null for nothing."""

    reachable: bool
    paths: list[AttackPathShape]
    chokes: list[GuardShape]
    cut: list[GuardShape] | None
    fixes: list[FixedShape]
    exact: bool
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Paths(Answer):
    """The ways from a source to a goal. Iterating yields the shortest path of each kind, shortest first.

    Attributes:
        reachable: Whether there is any.
        shortest: For each minimal set of step kinds that is enough, the shortest path of those.
        chokes: What every path hangs on, each by itself, with what still works (nothing).
        cut: The smallest set of what is to be changed so that no path is left; None where some path hangs on nothing
            that can be changed.
        exact: Whether the chokes and the cut are proved; False where the bound on questions was met.
        complete: Whether every kind of path is among the shortest, or beside one that hangs on the same.
    """

    kind: ClassVar[str] = "AttackPaths"

    source: str
    target: str
    reachable: bool
    shortest: tuple[AttackPath, ...] = ()
    chokes: tuple[Guard, ...] = ()
    cut: tuple[Guard, ...] | None = ()
    fixes: tuple[Fix, ...] = ()
    exact: bool = True
    complete: bool = True
    owners: Mapping[str, str] = field(hash=False, default_factory=dict)

    def __iter__(self) -> Iterator[AttackPath]:
        return iter(self.shortest)

    def __len__(self) -> int:
        return len(self.shortest)

    def __bool__(self) -> bool:
        return self.reachable

    def facts(self) -> AttackPathsShape:
        """Return the paths as JSON values."""
        return {
            "from": self.source,
            "to": self.target,
            "reachable": self.reachable,
            "paths": [_path_dict(path) for path in self.shortest],
            "chokes": [guard_dict(guard) for guard in self.chokes],
            "cut": None if self.cut is None else [guard_dict(guard) for guard in self.cut],
            "fixes": [
                {**guard_dict(fix.guard), "left": None if fix.left is None else _path_dict(fix.left)}
                for fix in self.fixes
            ],
            "exact": self.exact,
            "complete": self.complete,
        }

    def to_frame(self) -> Any:
        """Return the steps of the paths as a pandas DataFrame: path, step, from, to, certainty, severity."""
        rows = (
            (number, step.id, step.source, step.target, step.certainty.label)
            for number, path in enumerate(self.shortest, start=1)
            for step in path.steps
        )
        return frame(("path", "step", "from", "to", "certainty"), rows)

    def to_networkx(self) -> Any:
        """Return the steps of the paths, each once, as the edges of a ``networkx.MultiDiGraph``."""
        steps = {step.key: step for path in self.shortest for step in path.steps}
        return digraph((), step_edges(steps.values()))


def _path_dict(path: AttackPath) -> AttackPathShape:
    return {
        "certainty": path.certainty.name.lower(),
        "kinds": list(path.kinds),
        "also": [list(kinds) for kinds in path.also],
        "steps": [steps_dict(step, logged) for step, logged in zip(path.steps, path.logged, strict=True)],
    }


def paths(cluster: Compiled, source: str, target: str, *, level: Certainty = Certainty.EXPLOIT) -> Paths:
    """Return how an attacker gets from a source to a goal.

    Args:
        source: A pod, a workload, ``sa:NS/NAME``, ``user:NAME``, ``node:NAME``, ``internet``.
        target: ``cluster-admin``, ``node`` (any), ``node:NAME``, ``etcd``, ``secret:NS/NAME``, ``namespace-admin:NS``,
            ``crown-jewels``, an account, a pod or a workload.
        level: No step that is less sure.

    Raises:
        UnknownPeerError: One of the two names nothing.
    """
    start, goal = start_of(cluster, source), goal_of(cluster, target)
    return _Search(cluster, world_of(cluster), start, goal, level).answer()


@dataclass(slots=True)
class _Search:
    """The work of one answer; used once, then dropped."""

    cluster: Compiled
    world: World
    start: Asked
    goal: Asked
    level: Certainty
    _detection: Detection = field(init=False)

    def __post_init__(self) -> None:
        self._detection = Detection.of(self.world)

    def again(self, removed: Collection[Guard], kinds: Collection[str] | None) -> Closure | None:
        """Return a closure in which the goal holds, without some guards; None where it does not."""
        limits = Limits(certainty=self.level, removed=frozenset(removed), kinds=kinds, goal=GOAL)
        found = run(self.world, self.start, limits, self.goal)
        return found if GOAL in found else None

    def answer(self) -> Paths:
        """Return the answer."""
        cuts = Cuts(self.again, lambda found: found.guards(GOAL), _kinds)
        chokes = cuts.chokes()
        first = self.again((), None)
        if first is None:
            return self._answer(reachable=False, shortest=(), chokes=(), cut=(), fixes=(), exact=True)
        cut = cuts.smallest()
        kinds = cuts.kinds(frozenset(self.world.kinds))
        # The shortest of all goes first: of those that hang on the same it is the one to be shown.
        found = [self._path(first)]
        found += [self._path(each) for own in kinds if (each := self.again((), own)) is not None]
        shortest = _merged(sorted(found, key=_by_length), {kind: n for n, kind in enumerate(self.world.kinds)})
        fixed = dict.fromkeys((*chokes, *(cut or ())))
        fixes = tuple(Fix(guard=guard, left=self._left(guard)) for guard in fixed)
        return self._answer(
            reachable=True,
            shortest=shortest,
            chokes=chokes,
            cut=cut,
            fixes=fixes,
            exact=cuts.exact,
            complete=cuts.complete,
        )

    def _answer(self, **parts: Any) -> Paths:
        steps = [step for path in parts["shortest"] for step in path.steps]
        return Paths(
            source=self.start.text,
            target=self.goal.text,
            owners={f"pod:{name}": facts.owner for name, facts in self.world.pods.items()},
            assumptions=assumptions(self.world, steps),
            warnings=warnings_of(self.cluster),
            **parts,
        )

    def _left(self, guard: Guard) -> AttackPath | None:
        found = self.again((guard,), None)
        return self._path(found) if found else None

    def _path(self, found: Closure) -> AttackPath:
        steps = Proofs(found).steps(GOAL)
        return AttackPath(steps=steps, logged=tuple(map(self._detection.level, steps)))


def _kinds(found: Closure) -> frozenset[str]:
    return frozenset(rule.kind for rule in found.proof(GOAL) if rule.kind)


def _merged(paths: Sequence[AttackPath], order: Mapping[str, int]) -> tuple[AttackPath, ...]:
    """Return the plainest of the paths that hang on the same, with the kinds of the others."""

    def plain(path: AttackPath) -> tuple[object, ...]:
        # Of those as short the surer one, then the technique that the catalogue names first.
        return *_by_length(path), sum(step.certainty for step in path.steps), [order[kind] for kind in path.kinds]

    alike: dict[frozenset[Guard], list[AttackPath]] = {}
    for path in paths:
        alike.setdefault(path.guards, []).append(path)
    told = []
    for each in alike.values():
        first = min(each, key=plain)
        others = dict.fromkeys(path.kinds for path in each if path.kinds != first.kinds)
        told.append(replace(first, also=tuple(others)))
    return tuple(told)


def _by_length(path: AttackPath) -> tuple[int, int]:
    return path.certainty, len(path.steps)
