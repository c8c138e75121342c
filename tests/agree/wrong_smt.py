"""Deliberately wrong encodings: each is one function of the symbolic form, as one might write it wrongly."""

from collections.abc import Callable
from typing import Any

from netsim.ir.labels import NAME_LABEL, Operator
from netsim.ir.policy import Direction, NamedPort, Tier
from netsim.smt import claims, endpoints, question, terms
from netsim.smt.encode import Encoder, Flow, Possible
from netsim.smt.endpoints import AnyAddress, AnyPod
from tests.agree.wrong import Wrong


def _operator(operator: Operator, answer: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Return a wrapper that reads one operator otherwise."""
    return lambda right: (
        lambda requirement, choices: (
            answer(requirement, choices) if requirement.operator is operator else right(requirement, choices)
        )
    )


def _listed(requirement: Any, choices: Any) -> Any:
    return terms.any_of(choices[value] for value in requirement.values)


def _present(choices: Any) -> Any:
    return terms.any_of(choices.values())


def _without_other(right: Any) -> Any:
    """Leave out that a label may have a value that nobody mentions."""

    def choices(self: AnyPod, what: str, key: str, values: tuple[str, ...]) -> Any:
        found = right(self, what, key, values)
        if key == NAME_LABEL or not values:
            return found
        return {value: term if value is not None else False for value, term in found.items()}

    return choices


def _either_side(_: Any) -> Any:
    return lambda egress, ingress: Possible(
        allowed=terms.any_of([egress.allowed, ingress.allowed]),
        denied=terms.all_of([egress.denied, ingress.denied]),
    )


def _only(direction: Direction) -> Callable[[Any], Any]:
    def make(right: Any) -> Any:
        return lambda self, asked: right(self, asked) if asked is direction else Possible(allowed=True, denied=False)

    return make


def _skipping(tier: Tier) -> Callable[[Any], Any]:
    def make(right: Any) -> Any:
        return lambda self, asked, direction, subject, reached: (
            ([], False, reached) if asked is tier else right(self, asked, direction, subject, reached)
        )

    return make


def _no_default(right: Any) -> Any:
    """Let what isolates deny nothing."""

    def isolators(self: Encoder, direction: Direction, subject: Any, reached: Any) -> Any:
        found, _, left = right(self, direction, subject, reached)
        return found, False, left

    return isolators


def _always_isolated(right: Any) -> Any:
    return lambda self, subject, direction: (right(self, subject, direction), True)[1]


def _rule_matches(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda self, rule: change(right(self, rule))


def _first_port_only(right: Any) -> Any:
    def carries(self: Encoder, port: Any) -> Any:
        if isinstance(port, NamedPort):
            return right(self, port)
        return terms.all_of([self.flow.protocols[port.protocol], terms.between(self.flow.port, port.first, port.first)])

    return carries


def _any_protocol(right: Any) -> Any:
    def carries(self: Encoder, port: Any) -> Any:
        if isinstance(port, NamedPort):
            return right(self, port)
        return terms.between(self.flow.port, port.first, port.last)

    return carries


def _no_named(right: Any) -> Any:
    return lambda self, port: False if isinstance(port, NamedPort) else right(self, port)


WRONG = (
    Wrong("an absent key does not match NotIn", "S2.5", endpoints, "_satisfied",
          _operator(Operator.NOT_IN, lambda r, c: terms.all_of([_present(c), terms.negation(_listed(r, c))]))),
    Wrong("In matches any value", "S2.5", endpoints, "_satisfied", _operator(Operator.IN, lambda _, c: _present(c))),
    Wrong("NotIn is In", "S2.5", endpoints, "_satisfied", _operator(Operator.NOT_IN, _listed)),
    Wrong("Exists always holds", "S2.5", endpoints, "_satisfied", _operator(Operator.EXISTS, lambda *_: True)),
    Wrong("DoesNotExist is Exists", "S2.5", endpoints, "_satisfied",
          _operator(Operator.DOES_NOT_EXIST, lambda _, c: _present(c))),
    Wrong("either side may allow", "S1.2", claims, "joined", _either_side),
    Wrong("egress is not asked", "S1.2", Encoder, "side", _only(Direction.INGRESS)),
    Wrong("ingress is not asked", "S1.2", Encoder, "side", _only(Direction.EGRESS)),
    Wrong("the admin tier is not asked", "S1.3", Encoder, "_tier", _skipping(Tier.ADMIN)),
    Wrong("NetworkPolicies are not asked", "S1.3", Encoder, "_tier", _skipping(Tier.NETWORK_POLICY)),
    Wrong("the baseline tier is not asked", "S1.3", Encoder, "_tier", _skipping(Tier.BASELINE)),
    Wrong("being isolated denies nothing", "S2.1", Encoder, "_isolators", _no_default),
    Wrong("every pod is isolated", "S2.1", Encoder, "isolated", _always_isolated),
    Wrong("every rule matches", "S2.4", Encoder, "matches", _rule_matches(lambda _: (True, True))),
    Wrong("no rule matches", "S2.4", Encoder, "matches", _rule_matches(lambda _: (False, False))),
    Wrong("what may match surely does", "S3.5", Encoder, "matches", _rule_matches(lambda two: (two[0], two[0]))),
    Wrong("what may match does not", "S3.5", Encoder, "matches", _rule_matches(lambda two: (two[1], two[1]))),
    Wrong("a range is its first port", "S2.7", Encoder, "_carries", _first_port_only),
    Wrong("ports are of every protocol", "S2.7", Encoder, "_carries", _any_protocol),
    Wrong("port names match nothing", "S2.8", Encoder, "_carries", _no_named),
    Wrong("excepts are not left out", "S2.6", endpoints, "_within",
          lambda right: lambda value, family, block, _: right(value, family, block, ())),
    Wrong("blocks match no address", "S2.6", AnyAddress, "within", lambda _: lambda *_: (False, False)),
    Wrong("selectors mean addresses, too", "S2.4", AnyAddress, "selected", lambda _: lambda *_: True),
    Wrong("namespace selectors are not asked", "S2.4", AnyPod, "_in_spaces", lambda _: lambda *_: True),
    Wrong("pod selectors are not asked", "S2.4", AnyPod, "_has", lambda _: lambda *_: True),
    Wrong("no label has a value that nobody mentions", "S2.5", AnyPod, "_choices", _without_other),
    Wrong("there are no new namespaces", "S2.5", question, "_namespaces", lambda _: lambda _, known: tuple(known)),
    Wrong("protocols are all one", "S2.7", Flow, "carries", lambda _: lambda *_: True),
)  # fmt: skip
