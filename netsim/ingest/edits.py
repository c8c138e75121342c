"""A snapshot with one policy more, or one less: what reading everything again would say of the policies."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from netsim.errors import InputError, UsageError
from netsim.ingest.assemble import assemble
from netsim.ingest.documents import Given, read_documents
from netsim.ingest.limits import DEFAULT_LIMITS, Problems
from netsim.ir.policy import Policy, Tier
from netsim.ir.snapshot import Snapshot


def with_policy(snapshot: Snapshot, document: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot with a policy in it, in the place of the one of its kind, namespace and name.

    Raises:
        InputError: The API server, or strict field checking, would refuse it.
        UsageError: It is no policy of the pod network.
    """
    problems = Problems(DEFAULT_LIMITS)
    found = assemble(read_documents([Given(documents=[document])], problems), problems)
    if problems:
        raise InputError(problems.all())
    if len(found.policies) != 1:
        kind = document.get("kind")
        raise UsageError(f"a {kind} is no policy of the pod network", hint="give a NetworkPolicy or a cluster-wide one")
    (policy,) = found.policies
    others = (each for each in snapshot.policies if _key(each) != _key(policy))
    namespaces = {**found.namespaces, **snapshot.namespaces}
    return replace(
        snapshot, namespaces=dict(sorted(namespaces.items())), policies=tuple(sorted([*others, policy], key=_key))
    )


def without_policy(snapshot: Snapshot, name: str, kind: str | None = None) -> Snapshot:
    """Return the snapshot without the policy ``namespace/name``, or ``name`` where it is cluster-wide.

    Raises:
        UsageError: There is no such policy, or there are several kinds of it and none is named.
    """
    written = [policy for policy in snapshot.policies if policy.tier is not Tier.NETWORK]
    found = [policy for policy in written if str(policy) == name and kind in (None, policy.kind)]
    if not found:
        raise UsageError(f"there is no policy `{name}`{f' of kind {kind}' if kind else ''}", hint=_near(name, written))
    if len(found) > 1:
        kinds = " or ".join(policy.kind for policy in found)
        raise UsageError(f"`{name}` may be a {kinds}", hint="name the kind, too")
    return replace(snapshot, policies=tuple(each for each in snapshot.policies if each is not found[0]))


def _key(policy: Policy) -> tuple[str, str, str]:
    return policy.kind, policy.namespace or "", policy.name


def _near(name: str, policies: Iterable[Policy]) -> str:
    near = get_close_matches(name, sorted({str(policy) for policy in policies}), n=3)
    return f"did you mean {' or '.join(near)}?" if near else "a policy of a namespace is named namespace/name"
