"""What admission leaves of the steps that create pods: the nodes, accounts and Secrets that some pod may still take."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from netsim.graph.catalogue import Together
from netsim.graph.groups import spread
from netsim.graph.horn import Fact
from netsim.graph.rights import EVERYWHERE, Names
from netsim.graph.world import World
from netsim.ir.attack import Certainty
from netsim.posture.creation import FREE, Creation

#: The fact that policies can be changed or taken away.
OFF = "admission-off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a step still leads to.

    Attributes:
        gate: What must be changed first; empty where it is admitted as things stand.
        doubts: Why that is not sure.
    """

    head: Fact
    gate: tuple[Fact, ...] = ()
    doubts: tuple[str, ...] = ()

    def certainty(self, own: Certainty) -> Certainty:
        """Return how sure a step is that is as sure as ``own`` where nobody objects."""
        return max(own, Certainty.LIKELY) if self.doubts else own


def made(together: Together) -> str:
    """Return the resource that a request makes; empty where it changes what is there."""
    return together[-1].resource if together[-1].verb == "create" else ""


def left(
    world: World,
    step: str,
    scope: str,
    names: Names,
    resource: str,
    heads: Sequence[Fact],
    where: Sequence[str] | None = None,
) -> Iterator[Left]:
    """Yield what is left of a step to accounts or Secrets, one by one where policies tell them apart.

    Args:
        where: The namespaces in which the step may be taken; None for all of the scope.
    """
    group, members, ask = _asked(world, step)
    if ask is None:
        yield from (Left(head=head) for head in heads)
        return
    spaces = where if where is not None else world.namespaces if scope == EVERYWHERE else (scope,)
    found = [
        (space, name, ask(space, resource, name))
        for space in spaces
        for name in sorted(members(space) if names is None else names & members(space))
    ]
    if all(creation is FREE for _, _, creation in found):
        yield from (Left(head=head) for head in heads)
        return
    for space, name, creation in found:
        for head in spread(group, space, frozenset({name}), world):
            yield from _of(head, space, creation)


def _asked(
    world: World, step: str
) -> tuple[str, Callable[[str], frozenset[str]], Callable[[str, str, str], Creation] | None]:
    def accounts(space: str) -> frozenset[str]:
        return world.account_names.get(space, frozenset())

    def secrets(space: str) -> frozenset[str]:
        return world.secret_names.get(space, frozenset())

    if not world.creations.policies:
        return "", accounts, None
    match step:
        case "rbac.workload-sa":
            return "accounts", accounts, world.creations.account
        case "rbac.workload-secret" if world.secret_names:
            return "secrets", secrets, world.creations.secret
        case _:
            return "", accounts, None


def _of(head: Fact, space: str, creation: Creation) -> Iterator[Left]:
    if not creation.refused_by:
        yield Left(head=head, doubts=creation.doubts)
        return
    yield Left(head=head, gate=(OFF,))
    if creation.selected:  # whoever changes the labels of the namespace changes what the policy is about
        yield Left(head=head, gate=(f"relabel:{space}",))


def to_nodes(world: World, space: str, resource: str) -> Iterator[Left]:
    """Yield what is needed so that a pod which takes its node may run in a namespace; heads are left empty."""
    creation = world.creations.node(space, resource)
    relabel = () if world.objects.admits_privileged(space, resource) else (f"relabel:{space}",)
    for each in _of("", space, creation):
        yield Left(head="", gate=tuple(dict.fromkeys((*relabel, *each.gate))), doubts=each.doubts)
