"""What follows from what: a fixpoint over rules with several premises, each fact with its shortest proof."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from netsim.ir.access import Request
from netsim.ir.attack import Certainty, Guard

#: A vertex of the attack graph, or something between two of them: ``pod:shop/web``, ``pods@shop``.
Fact = str


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """``head`` holds where all of ``body`` holds.

    Attributes:
        kind: The step's id; empty where the rule only says in other words what its body says.
        guards: What can be changed so that the rule is gone.
        asked: The requests to the API server that it takes.
        gate: Premises of the body that are needed but are no part of the way: that the API server can be reached.
    """

    head: Fact
    body: tuple[Fact, ...]
    kind: str = ""
    certainty: Certainty = Certainty.CERTAIN
    guards: tuple[Guard, ...] = ()
    because: tuple[str, ...] = ()
    gate: tuple[Fact, ...] = ()
    asked: tuple[Request, ...] = ()

    @property
    def premises(self) -> tuple[Fact, ...]:
        """All that must hold."""
        return self.body + self.gate


#: Returns the rules of whose body a fact is the first.
Rules = Callable[[Fact], Iterable[Rule]]


@dataclass(slots=True)
class Closure:
    """All that follows from some facts.

    Attributes:
        costs: For each fact that holds, the steps of its shortest proof, a step that is needed twice counted twice.
        why: The last rule of that proof; None for what was given.

    Source:
        Knuth, A generalization of Dijkstra's algorithm, IPL 1977.
    """

    costs: dict[Fact, int] = field(default_factory=dict)
    why: dict[Fact, Rule | None] = field(default_factory=dict)

    def __contains__(self, fact: Fact) -> bool:
        return fact in self.why

    def proof(self, goal: Fact) -> tuple[Rule, ...]:
        """Return the rules of a fact's proof, premises before what follows from them, each once."""
        found: dict[int, Rule] = {}
        done: set[Fact] = set()
        todo: list[tuple[Fact, bool]] = [(goal, False)]
        while todo:
            fact, ready = todo.pop()
            rule = self.why[fact]
            if rule is None or fact in done:
                continue
            if ready:
                done.add(fact)
                found[id(rule)] = rule
            else:
                todo.append((fact, True))
                todo += [(premise, False) for premise in reversed(rule.premises)]
        return tuple(found.values())

    def guards(self, goal: Fact) -> frozenset[Guard]:
        """Return all of what the proof of a fact hangs on and can be changed."""
        return frozenset(guard for rule in self.proof(goal) for guard in rule.guards)


@dataclass(slots=True)
class Limits:
    """What a closure may use.

    Attributes:
        certainty: No rule that is less sure.
        removed: No rule that hangs on one of these.
        kinds: No step of another kind; None for all.
        goal: Stop when this holds.
    """

    certainty: Certainty = Certainty.EXPLOIT
    removed: Collection[Guard] = frozenset()
    kinds: Collection[str] | None = None
    goal: Fact | None = None

    def admit(self, rule: Rule) -> bool:
        """Return whether a rule may be used."""
        return (
            rule.certainty <= self.certainty
            and (self.kinds is None or not rule.kind or rule.kind in self.kinds)
            and not (self.removed and any(guard in self.removed for guard in rule.guards))
        )


def closure(given: Iterable[Fact], rules: Rules, limits: Limits) -> Closure:
    """Return all that follows from what is given, by rules that are asked for as facts come to hold."""
    work = _Work(rules, limits)
    for fact in given:
        work.push(0, fact, None)
    while work.heap:
        cost, _, fact, rule = heappop(work.heap)
        if fact not in work.found.why:
            work.hold(cost, fact, rule)
            if fact == limits.goal:
                break
    return work.found


@dataclass(slots=True)
class _Work:
    """The work of one closure; used once, then dropped.

    ``waiting`` are the rules that miss a fact, and ``missing`` is how many facts each of them misses.
    """

    rules: Rules
    limits: Limits
    found: Closure = field(default_factory=Closure)
    heap: list[tuple[int, int, Fact, Rule | None]] = field(default_factory=list)
    waiting: dict[Fact, list[Rule]] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)
    serial: int = 0

    def push(self, cost: int, fact: Fact, rule: Rule | None) -> None:
        """Let a fact come to hold in its turn; of equal costs the first is the first."""
        self.serial += 1
        heappush(self.heap, (cost, self.serial, fact, rule))

    def hold(self, cost: int, fact: Fact, rule: Rule | None) -> None:
        """Let a fact hold, and every rule that waited for nothing else."""
        self.found.costs[fact], self.found.why[fact] = cost, rule
        for waiter in self.waiting.pop(fact, ()):
            self.missing[id(waiter)] -= 1
            if not self.missing[id(waiter)]:
                self._ready(waiter)
        for each in self.rules(fact):
            if each.head not in self.found.why and self.limits.admit(each):
                self._wait(each)

    def _wait(self, rule: Rule) -> None:
        absent = {premise for premise in rule.premises if premise not in self.found.why}
        if not absent:
            self._ready(rule)
            return
        self.missing[id(rule)] = len(absent)
        for premise in absent:
            self.waiting.setdefault(premise, []).append(rule)

    def _ready(self, rule: Rule) -> None:
        cost = _cost(rule, self.found.costs)
        if rule.head not in self.found.why:
            self.push(cost, rule.head, rule)


def _cost(rule: Rule, costs: Mapping[Fact, int]) -> int:
    own = sum(costs[fact] for fact in rule.body) + bool(rule.kind)
    return max(own, *(costs[fact] for fact in rule.gate)) if rule.gate else own


def fixpoint(given: Iterable[Fact], rules: Iterable[Rule]) -> frozenset[Fact]:
    """Return all that follows, by the definition: every rule is tried until nothing is new. ``closure`` must agree."""
    held = set(given)
    known = list(rules)
    while new := {rule.head for rule in known if rule.head not in held and held.issuperset(rule.premises)}:
        held |= new
    return frozenset(held)


def every_rule(given: Iterable[Fact], rules: Rules) -> Iterator[Rule]:
    """Yield every rule whose first premise can be named from what is given, whether its others hold or not."""
    todo = list(given)
    seen = set(todo)
    while todo:
        for rule in rules(todo.pop()):
            yield rule
            for fact in (rule.head, *rule.premises):
                if fact not in seen:
                    seen.add(fact)
                    todo.append(fact)
