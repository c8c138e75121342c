"""Closures as people read them: the steps between vertices, without what stands between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from netsim.graph.horn import Closure, Fact, Rule
from netsim.graph.rights import EVERYWHERE
from netsim.graph.vertices import is_shown, kind_of, namespace_of, shown
from netsim.ir.access import Request
from netsim.ir.attack import Certainty, Guard, Step


@dataclass(slots=True)
class _Link:
    """What leads to one vertex: the step, and all that stands between it and the vertices that it comes from."""

    rule: Rule | None = None
    sources: list[Fact] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    certainty: Certainty = Certainty.CERTAIN

    def take(self, rule: Rule) -> None:
        """Take in a rule of what stands between."""
        if rule.kind and self.rule is None:
            self.rule = rule
        self.guards += rule.guards
        self.because += rule.because
        self.asked += rule.asked
        self.certainty = max(self.certainty, rule.certainty)


@dataclass(slots=True)
class Proofs:
    """The proofs of one closure, by vertex."""

    found: Closure
    _links: dict[Fact, _Link] = field(default_factory=dict)
    _steps: dict[Fact, Step | None] = field(default_factory=dict)

    def steps(self, goal: Fact) -> tuple[Step, ...]:
        """Return the steps of a fact's proof, each after those that it needs."""
        return tuple(step for fact in self._order(goal) if (step := self.last(fact)) is not None)

    def last(self, fact: Fact) -> Step | None:
        """Return the step that leads to a vertex; None for what was given, or follows without a step."""
        if fact not in self._steps:
            self._steps[fact] = self._step(fact)
        return self._steps[fact]

    def premises(self, fact: Fact) -> tuple[Fact, ...]:
        """Return the vertices that the last step to a vertex needs."""
        return tuple(self._link(fact).sources)

    def _order(self, goal: Fact) -> Iterator[Fact]:
        done: set[Fact] = set()
        todo = [(goal, False)]
        while todo:
            fact, ready = todo.pop()
            if fact in done:
                continue
            if ready:
                done.add(fact)
                yield fact
            else:
                todo.append((fact, True))
                todo += [(premise, False) for premise in reversed(self.premises(fact))]

    def _link(self, fact: Fact) -> _Link:
        if fact not in self._links:
            self._links[fact] = self._followed(fact)
        return self._links[fact]

    def _followed(self, fact: Fact) -> _Link:
        link = _Link()
        todo = [fact]
        seen: set[Fact] = set()
        while todo:
            current = todo.pop()
            if current in seen:
                continue
            seen.add(current)
            if current != fact and is_shown(current):
                link.sources.append(current)
                continue
            rule = self.found.why[current]
            if rule is not None:
                link.take(rule)
                todo += reversed(rule.premises)
        return link

    def _step(self, fact: Fact) -> Step | None:
        link = self._link(fact)
        if link.rule is None or not link.sources:
            return None
        source, *others = (_as_named(each, link.rule.kind) for each in link.sources)
        target = shown(fact)
        return Step(
            id=link.rule.kind,
            source=source,
            target=target,
            certainty=link.certainty,
            guards=tuple(dict.fromkeys(link.guards)),
            because=tuple(dict.fromkeys(link.because)),
            with_=tuple(dict.fromkeys(others)),
            asked=tuple(dict.fromkeys(placed(each, target) for each in link.asked)),
        )


def _as_named(fact: Fact, step: str) -> str:
    """Return a vertex as a step names it: pods connect, not their containers."""
    if kind_of(fact) == "container" and step.startswith("net.") and step not in ("net.mitm", "net.node-local"):
        return f"pod:{fact.partition(':')[2].rpartition('/')[0]}"
    return shown(fact)


def placed(request: Request, target: str) -> Request:
    """Return a request in the namespace where it is of use, where it may be made in all."""
    if request.namespace != EVERYWHERE:
        return request
    return replace(request, namespace=namespace_of(target))
