"""Who may make pods, label namespaces and edit policies; each with the request, and the grants that allow it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypedDict

from netsim.cluster import Compiled
from netsim.ir.access import Grant, Request, Subject
from netsim.ir.policy import Policy
from netsim.queries.granted import GrantShape, PathShape, RequestShape, grant_dict, request_dict

_WRITES = ("create", "update", "patch")
#: What makes pods, each with the verbs that do: some of them one at a time, others by a template.
MAKES_PODS = (
    ("pods", "", _WRITES),
    ("replicationcontrollers", "", _WRITES),
    ("deployments", "apps", _WRITES),
    ("replicasets", "apps", _WRITES),
    ("statefulsets", "apps", _WRITES),
    ("daemonsets", "apps", _WRITES),
    ("jobs", "batch", ("create",)),
    ("cronjobs", "batch", _WRITES),
)
#: The group and the resource of each kind of policy.
_POLICIES = {
    "NetworkPolicy": ("networking.k8s.io", "networkpolicies"),
    "AdminNetworkPolicy": ("policy.networking.k8s.io", "adminnetworkpolicies"),
    "BaselineAdminNetworkPolicy": ("policy.networking.k8s.io", "baselineadminnetworkpolicies"),
    "ClusterNetworkPolicy": ("policy.networking.k8s.io", "clusternetworkpolicies"),
}


class HolderShape(TypedDict):
    """A subject, one request that it may make, and what allows it."""

    subject: str
    request: RequestShape | PathShape
    grants: list[GrantShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A subject, one request that it may make, and what allows it; no grant where it is in system:masters."""

    subject: str
    request: Request
    grants: tuple[Grant, ...]

    def to_dict(self) -> HolderShape:
        """Return it as JSON values."""
        return {
            "subject": self.subject,
            "request": request_dict(self.request),
            "grants": [grant_dict(grant) for grant in self.grants],
        }


def holders(cluster: Compiled, requests: Iterable[Request], subject: Subject | None = None) -> tuple[Holder, ...]:
    """Return who may make one of some requests, each with the first that it may.

    Args:
        subject: Ask about this one alone.
    """
    access = cluster.access
    found: dict[str, Holder] = {}
    for request in requests:
        for each in access.who_can(request) if subject is None else (subject,):
            if str(each) not in found and (decision := access.allows(each, request)).allowed:
                found[str(each)] = Holder(subject=str(each), request=request, grants=decision.grants)
    return tuple(found[name] for name in sorted(found))


def making_pods(namespace: str) -> Iterator[Request]:
    """Yield the requests each of which makes a pod of any labels in a namespace."""
    for resource, group, verbs in MAKES_PODS:
        yield from (Request(verb=verb, group=group, resource=resource, namespace=namespace) for verb in verbs)


def labelling(namespace: str | None) -> Iterator[Request]:
    """Yield the requests each of which labels a namespace; a new one where None."""
    if namespace is None:
        yield Request(verb="create", resource="namespaces")
        return
    for verb in ("update", "patch"):
        # The namespace is both what is asked for and where: a role within it may be enough.
        yield Request(verb=verb, resource="namespaces", namespace=namespace, name=namespace)


def writing(policy: Policy, *verbs: str) -> Iterator[Request]:
    """Yield the requests that write a policy."""
    group, resource = _POLICIES[policy.kind]
    for verb in verbs:
        name = "" if verb == "create" else policy.name
        yield Request(verb=verb, group=group, resource=resource, namespace=policy.namespace or "", name=name)
