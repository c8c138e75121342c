"""MultiNetworkPolicy of k8s.cni.cncf.io: a NetworkPolicy for secondary networks, which an annotation names.

Source:
    multi-networkpolicy of the Network Plumbing Working Group; v1beta2 adds endPort.
"""

from netsim.ingest.kinds.attachments import definition
from netsim.ingest.kinds.kind import Kind, PolicyElsewhere, Reading
from netsim.ingest.kinds.networkpolicies import WrittenPolicy, check_policy, read_policy
from netsim.ingest.validation import dns_subdomain

FOR = "k8s.v1.cni.cncf.io/policy-for"


def _read(policy: WrittenPolicy, reading: Reading) -> PolicyElsewhere:
    annotations = (policy.metadata.annotations if policy.metadata else None) or {}
    named = [part for part in (annotations.get(FOR) or "").split(",") if part.strip()]
    if not named:
        reading.warn((), f"names no network in the annotation {FOR}: it applies to nothing")
    return PolicyElsewhere(
        policy=read_policy(policy, reading),
        definitions=tuple(dict.fromkeys(definition(part, reading.namespace) for part in named)),
        place=reading.place(),
    )


MULTI_NETWORK_POLICY = Kind(
    api_versions=("k8s.cni.cncf.io/v1beta2",),
    also_served=("k8s.cni.cncf.io/v1beta1",),
    name="MultiNetworkPolicy",
    naming=dns_subdomain,
    model=WrittenPolicy,
    check=check_policy,
    read=_read,
)
