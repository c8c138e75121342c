"""What an audit policy sees of attacks, and the smallest policy that sees every step of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.access import identity
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.graph.catalogue import catalogue
from netsim.graph.listing import Listing
from netsim.graph.vertices import kind_of
from netsim.graph.world import World
from netsim.ingest.manifests import Manifest
from netsim.ir.access import Request, Subject
from netsim.ir.attack import Certainty, Step
from netsim.ir.audit import AuditLevel, AuditPolicy, AuditRequest
from netsim.ir.shapes import EndsShape
from netsim.posture.auditcover import Need, boxes, forms_of, need_of, policy
from netsim.posture.auditloader import loader_faults
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.queries.answer import Answer
from netsim.queries.attack import seen, world_of
from netsim.queries.paths import paths

_SUBJECTS = ("sa", "user", "group")


class WatchedShape(EndsShape):
    """An attack step, the level at which its quietest way is written (null: nobody is asked), and what of it is not."""

    id: str
    level: Annotated[str | None, tuple(level.label for level in AuditLevel)]
    unrecorded: list[str]


class WatchedPathShape(TypedDict):
    """An attack path: how many of its steps ask the API server and are written, and which is the first."""

    asked: int
    logged: int
    firstLogged: int | None
    steps: list[WatchedShape]


class CoverageSummary(TypedDict):
    """How many steps there are, ask the API server, and leave a trace however they are taken."""

    steps: int
    asked: int
    logged: int


_AskedShape = TypedDict("_AskedShape", {"from": str | None, "to": str | None})


class CoverageShape(_AskedShape):
    """What an audit policy sees of attacks: on paths from one to another, or by whoever the input names."""

    summary: CoverageSummary
    paths: list[WatchedPathShape]


class SimulatedShape(TypedDict):
    """How many steps, in how many forms of requests, were tried."""

    steps: int
    requests: int


class DraftShape(TypedDict):
    """An audit policy, the kinds of steps that each of its rules records, and the steps that no policy does."""

    policy: dict[str, Any]
    records: list[list[str]]
    simulated: SimulatedShape
    beside: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An attack step, and what is written of it.

    Attributes:
        ways: How it can be taken: for each way, what the audit log would see of it.
        level: What is written of the quietest way; None where the API server is not asked.
        quiet: What of the quietest way nothing is written of.
    """

    step: Step
    ways: tuple[tuple[Request, ...], ...]
    level: AuditLevel | None
    quiet: tuple[Request, ...] = ()

    @property
    def requests(self) -> Iterator[Request]:
        """Everything that the audit log may see of it."""
        return (each for way in self.ways for each in way)

    def facts(self) -> WatchedShape:
        """Return the step as JSON values."""
        return {
            "id": self.step.id,
            "from": self.step.source,
            "to": self.step.target,
            "level": None if self.level is None else self.level.label,
            "unrecorded": [shown(each) for each in self.quiet],
        }


def shown(request: Request) -> str:
    """Return a request as a rule would name it: ``create pods/exec``, ``list deployments.apps``."""
    verb, group, resource = need_of(request)
    return f"{verb} {resource}{f'.{group}' if group else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPath:
    """An attack path, and what is written of each of its steps."""

    steps: tuple[Watched, ...]

    @property
    def asked(self) -> tuple[Watched, ...]:
        """The steps that ask the API server."""
        return tuple(each for each in self.steps if each.level is not None)

    @property
    def logged(self) -> int:
        """How many steps leave a trace however they are taken."""
        return sum(bool(each.level) for each in self.steps)

    @property
    def first(self) -> int | None:
        """The number of the first step that leaves a trace, from 1; None where none does."""
        return next((number for number, each in enumerate(self.steps, start=1) if each.level), None)


@dataclass(frozen=True, kw_only=True)
class Coverage(Answer):
    """What an audit policy sees of attacks; true in a condition iff every step that asks the API server leaves a trace.

    Attributes:
        source, target: Where the paths start and end; empty where every step of the input was looked at.
        paths: The paths, or one of every step.
        policies: How many audit policies were asked.
    """

    kind: ClassVar[str] = "AuditCoverage"

    source: str
    target: str
    paths: tuple[WatchedPath, ...]
    policies: int

    @property
    def steps(self) -> tuple[Watched, ...]:
        """Every step once."""
        return tuple({each.step.key: each for path in self.paths for each in path.steps}.values())

    @property
    def asked(self) -> tuple[Watched, ...]:
        """Every step once that asks the API server."""
        return tuple(each for each in self.steps if each.level is not None)

    @property
    def unseen(self) -> tuple[Watched, ...]:
        """The steps that can be taken without a trace, though they ask the API server."""
        return tuple(each for each in self.asked if not each.level)

    def __bool__(self) -> bool:
        return not self.unseen

    def __iter__(self) -> Iterator[Watched]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def facts(self) -> CoverageShape:
        """Return the coverage as JSON values."""
        asked = len(self.asked)
        return {
            "from": self.source or None,
            "to": self.target or None,
            "summary": {"steps": len(self.steps), "asked": asked, "logged": asked - len(self.unseen)},
            "paths": [
                {
                    "asked": len(path.asked),
                    "logged": path.logged,
                    "firstLogged": path.first,
                    "steps": [each.facts() for each in path.steps],
                }
                for path in self.paths
            ],
        }


@dataclass(frozen=True, kw_only=True)
class Drafted(Answer):
    """The smallest audit policy that records every step of attacks, and of nothing a body.

    Attributes:
        body: The policy as it is written.
        steps: For each rule, the kinds of steps that it records, sorted.
        covers: How many steps, in how many forms of requests, were simulated against it.
        beside: The steps that no policy records: the API server is not asked.
    """

    kind: ClassVar[str] = "AuditPolicyDraft"

    body: Mapping[str, Any] = field(hash=False)
    steps: tuple[tuple[str, ...], ...]
    covers: tuple[int, int]
    beside: tuple[Step, ...] = ()

    def facts(self) -> DraftShape:
        """Return the draft as JSON values."""
        return {
            "policy": dict(self.body),
            "records": [list(each) for each in self.steps],
            "simulated": {"steps": self.covers[0], "requests": self.covers[1]},
            "beside": [str(each) for each in self.beside],
        }


def coverage(cluster: Compiled, source: str = "", target: str = "") -> Coverage:
    """Return what the audit policy of the input sees of attacks.

    Args:
        source, target: Those of ``paths``; without them, every step of whoever the input names is looked at.

    Raises:
        UsageError: The input holds no audit policy, or one that the API server refuses; or one of the two is missing.
        UnknownPeerError: One of the two names nothing.
    """
    policies = list(_policies(cluster))
    if not policies:
        hint = "add the policy to the input, or let `netsim posture audit generate` write one"
        raise UsageError("the input holds no audit policy", hint=hint)
    watching = _Watching(world_of(cluster), policies)
    found = tuple(WatchedPath(steps=watching.watched(steps)) for steps in _attacks(cluster, source, target))
    return Coverage(source=source, target=target, paths=found, policies=len(policies))


def draft(cluster: Compiled, source: str = "", target: str = "") -> Drafted:
    """Return the smallest audit policy that records every step of attacks, whatever the input's own records.

    It is simulated: that each request is written, at Metadata, is looked at and not assumed.

    Raises:
        UsageError: No step asks the API server for anything, or one of the two is missing.
        UnknownPeerError: One of the two names nothing.
    """
    watching = _Watching(world_of(cluster), ())
    steps = {step.key: step for path in _attacks(cluster, source, target) for step in path}
    watched = watching.watched(tuple(steps.values()))
    needs: dict[Need, set[str]] = {}
    for each in watched:
        for request in each.requests:
            needs.setdefault(need_of(request), set()).add(each.step.id)
    if not needs:
        raise UsageError("no attack step asks the API server for anything: there is nothing to record")
    found = boxes(needs)
    body = policy(found)
    asked = tuple(each for each in watched if each.ways)
    _prove(policy_of(body), asked, watching)
    kinds = tuple(tuple(sorted({kind for need in needs if need in box for kind in needs[need]})) for box in found)
    beside = tuple(each.step for each in watched if not each.ways and _is_of_subject(each.step))
    return Drafted(body=body, steps=kinds, covers=(len(asked), len(needs)), beside=beside)


def _prove(made: AuditPolicy, watched: Iterable[Watched], watching: "_Watching") -> None:
    for each in watched:
        for request in each.requests:
            if recorded(made, watching.seen(each.step, request)).level is not AuditLevel.METADATA:
                raise AssertionError(f"the policy that was made does not record {shown(request)}")


def _policies(cluster: Compiled) -> Iterator[AuditPolicy]:
    for manifest in cluster.manifests:
        if manifest.kind == "Policy" and manifest.group == "audit.k8s.io":
            yield _read(manifest)


def _read(manifest: Manifest) -> AuditPolicy:
    if refused := next(iter(loader_faults(manifest.body)), None):
        raise UsageError(f"{manifest.place()}: the API server refuses this policy: {refused.message}")
    return policy_of(manifest.body)


def _attacks(cluster: Compiled, source: str, target: str) -> list[tuple[Step, ...]]:
    """Return the steps of each path; of every step of whoever the input names, where no path is asked for."""
    if bool(source) is not bool(target):
        raise UsageError("--from and --to belong together", hint="leave both out to look at every attack step")
    if source:
        return [path.steps for path in paths(cluster, source, target, level=Certainty.EXPLOIT)]
    world = world_of(cluster)
    listing = Listing(world)
    named = set(_bound(world))
    own = [fact for fact in listing.subjects() if world.subject(fact) in named]
    return [tuple({step.key: step for fact in own for step in listing.of_subject(fact)}.values())]


def _bound(world: World) -> Iterator[Subject]:
    """Yield the subjects of every binding of the input: those that every cluster has are the cluster's own parts."""
    for binding in world.access.rights.bindings:
        if not binding.shipped:
            yield from binding.subjects


def _is_of_subject(step: Step) -> bool:
    return catalogue().kinds[step.id].source == "subject" and step.id != "rbac.bound"


@dataclass(slots=True)
class _Watching:
    """Steps under some policies; used once, then dropped."""

    world: World
    policies: Sequence[AuditPolicy]
    _ways: dict[str, dict[str, list[tuple[Request, ...]]]] = field(default_factory=dict)

    def watched(self, steps: Sequence[Step]) -> tuple[Watched, ...]:
        """Return the steps, each with what is written of it."""
        return tuple(map(self._watched, steps))

    def _watched(self, step: Step) -> Watched:
        ways = tuple(dict.fromkeys(way for asked in self._asked(step) for way in _variants(asked)))
        if not ways:
            return Watched(step=step, ways=(), level=None)
        levels = {way: max(self._level(step, each) for each in way) for way in ways}
        quietest = min(ways, key=lambda way: levels[way])
        level = levels[quietest]
        return Watched(step=step, ways=ways, level=level, quiet=() if level else quietest)

    def _asked(self, step: Step) -> list[tuple[Request, ...]]:
        """Return the requests of a step, for each right of its source that allows it."""
        if not _is_of_subject(step):
            return []
        if kind_of(step.source) not in _SUBJECTS:
            return [step.asked] if step.asked else []
        if step.source not in self._ways:
            known = self._ways[step.source] = {}
            for each in Listing(self.world).of_subject(step.source):
                known.setdefault(each.key, []).append(each.asked)
        return [asked for asked in (*self._ways[step.source].get(step.key, ()), step.asked) if asked]

    def _level(self, step: Step, request: Request) -> AuditLevel:
        seen = self.seen(step, request)
        found = [recorded(each, seen) for each in self.policies]
        return max((each.level for each in found if each.is_written), default=AuditLevel.NONE)

    def seen(self, step: Step, request: Request) -> AuditRequest:
        """Return what the audit log sees of a request of a step."""
        # Who holds a role that was gained is not known here: somebody of whom no policy speaks.
        return seen(self.world.caller(step.source) or identity(Subject.user("somebody")), request)


def _variants(asked: tuple[Request, ...]) -> Iterator[tuple[Request, ...]]:
    """Yield how the requests of a way may look: each of them in one form of its own."""
    forms = [list(forms_of(each)) for each in asked]
    for number in range(max(map(len, forms))):
        yield tuple(each[min(number, len(each) - 1)] for each in forms)
