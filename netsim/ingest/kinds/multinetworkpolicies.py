"""MultiNetworkPolicy of k8s.cni.cncf.io: a NetworkPolicy for secondary networks, which an annotation names.

Source:
    multi-networkpolicy of the Network Plumbing Working Group; v1beta2 adds endPort.
"""

from netsim.ingest.kinds.attachments import definition
from netsim.ingest.kinds.kind import Kind, PolicyElsewhere, Reading
from netsim.ingest.kinds.networkpolicies import WrittenPolicy, check_policy, ports_of, read_policy
from netsim.ingest.validation import dns_subdomain

FOR = "k8s.v1.cni.cncf.io/policy-for"
_WITHOUT_RANGES, _WITH_RANGES = "k8s.cni.cncf.io/v1beta1", "k8s.cni.cncf.io/v1beta2"


def _check(policy: WrittenPolicy, reading: Reading) -> None:
    check_policy(policy, reading)
    for port, path in ports_of(policy) if policy.api_version == _WITHOUT_RANGES else ():
        if port.end_port is not None:
            hint = f"write apiVersion: {_WITH_RANGES}"
            reading.refuse("NS106", (*path, "endPort"), f"is no field of {_WITHOUT_RANGES}", hint=hint)


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
    api_versions=(_WITH_RANGES,),
    also_served=(_WITHOUT_RANGES,),
    name="MultiNetworkPolicy",
    naming=dns_subdomain,
    model=WrittenPolicy,
    check=_check,
    read=_read,
)
