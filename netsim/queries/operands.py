"""What a claim is about: the policies of a cluster, or of two in one world; one policy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.objects import Pod
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Notice, Snapshot
from netsim.queries.proof import Over

if TYPE_CHECKING:  # z3 is imported on first use, so that `netsim --help` stays fast
    from netsim.smt.question import Side


def side_of(cluster: Compiled) -> Side:
    """Return a cluster's policies, as a claim is about them."""
    from netsim.smt.question import Side

    return Side(snapshot=cluster.snapshot, profile=cluster.profile, policies=cluster.snapshot.policies)


def sides_of(cluster: Compiled, other: Compiled, over: Over) -> tuple[Side, Side, tuple[Notice, ...]]:
    """Return both in one world, and where they differ: the pods and namespaces of both, as the second has them."""
    own, others = cluster.snapshot, other.snapshot
    spaces = {**own.namespaces, **others.namespaces}
    pods = tuple({str(pod): pod for pod in (*own.pods, *others.pods)}.values())
    one, two = (
        replace(side_of(each), snapshot=replace(each.snapshot, namespaces=spaces, pods=pods))
        for each in (cluster, other)
    )
    told = [*_relabelled(own, others), *(_changed(own.pods, others.pods) if over is Over.PODS else ())]
    return one, two, tuple(told)


def _relabelled(own: Snapshot, others: Snapshot) -> Iterator[Notice]:
    """Yield the namespaces that two inputs label otherwise."""
    for name in sorted(own.namespaces.keys() & others.namespaces.keys()):
        if dict(own.namespaces[name].labels) != dict(others.namespaces[name].labels):
            told = f"the labels of namespace {name} differ: they are taken as in the second input"
            yield Notice(told, others.namespaces[name].place)


def _changed(own: Sequence[Pod], others: Sequence[Pod]) -> Iterator[Notice]:
    """Yield the pods of two inputs that policies may take for others."""
    before = {str(pod): pod for pod in own}
    for pod in others:
        old = before.get(str(pod), pod)
        if (dict(old.labels), old.ports, old.addresses) != (dict(pod.labels), pod.ports, pod.addresses):
            yield Notice(
                f"pod {pod} differs in labels, ports or addresses: it is taken as in the second input", pod.place
            )


def by_name(cluster: Compiled) -> dict[str, Policy]:
    """Return the policies of a cluster by what tells them apart."""
    return {f"{policy.kind} {policy}": policy for policy in cluster.snapshot.policies}


def with_policies(cluster: Compiled, policies: Sequence[Policy]) -> Compiled:
    """Return a cluster with these policies alone."""
    return Compiled(replace(cluster.snapshot, policies=tuple(policies)), cluster.profile)


def only(cluster: Compiled, name: str) -> Compiled:
    """Return a cluster with one of its policies alone.

    Args:
        name: ``NAMESPACE/NAME``, or ``NAME`` for one of no namespace; ``KIND/...`` where several kinds have it.

    Raises:
        UsageError: No policy, or several, are called so.
    """
    every = cluster.snapshot.policies
    found = [policy for policy in every if name in (str(policy), f"{policy.kind}/{policy}")]
    if len(found) != 1:
        known = ", ".join(sorted(str(policy) for policy in every)[:5]) or "none"
        told = "several policies are" if found else "no policy is"
        hint = f"write {found[0].kind}/{found[0]}" if found else f"the input holds {known}"
        raise UsageError(f"{told} called `{name}`", hint=hint)
    return with_policies(cluster, found)
