"""What is found on either side of a diff, as far as it may differ: the same objects make the same findings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netsim.cluster import Compiled
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_specs
from netsim.ir.finding import Finding
from netsim.posture.areas import Area, Inputs
from netsim.queries.both import Both, Key, Part, by_key
from netsim.queries.gaps.accepted import accepted
from netsim.queries.gaps.answer import QUICK, findings_of
from netsim.queries.gaps.proved import proved
from netsim.queries.posture import findings_in, inputs_of

#: What no area of posture looks at: its objects may differ, and its findings do not.
_OF_NETWORK = frozenset({
    "networking.k8s.io", "policy.networking.k8s.io", "gateway.networking.k8s.io", "route.openshift.io",
    "k8s.cni.cncf.io", "k8s.ovn.org",
})  # fmt: skip
#: What the findings of a pod hang on, beside the pod itself.
_OF_ACCOUNTS = frozenset({"ServiceAccount", "RoleBinding", "ClusterRoleBinding"})
#: What is compared and is no finding.
_NO_FINDINGS = frozenset({Part.CONNECTIONS, Part.STEPS, Part.PATHS})


def found(both: Both) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """Return the findings of both sides; those that are the same on both may be left out."""
    if both.parts <= _NO_FINDINGS or not both.whole or both.same:
        return (), ()
    old, new = (tuple(_of_side(both, side)) for side in (both.old, both.new))
    return old, new


def _of_side(both: Both, side: Compiled) -> Iterator[Finding]:
    if checks := [*(QUICK if Part.GAPS in both.parts else ()), *((proved,) if Part.PROOFS in both.parts else ())]:
        own = findings_of(side, checks)
        keys, _ = accepted(side.manifests, own, both.now.date())
        yield from (each for each in own if each.key not in keys)
    given = inputs_of(side, both.now)
    # Of posture, etcd alone hangs on the network, too.
    looked = tuple(Area) if _concerns_posture(both) else (Area.ETCD,)
    areas = [area for area in looked if Part(area.value) in both.parts]
    yield from findings_in(side, areas, lambda area: _narrowed(both, side, given, area))[0]


def _concerns_posture(both: Both) -> bool:
    return not all(map(is_of_network, both.differing[1])) or bool(both.old.artifacts or both.new.artifacts)


def is_of_network(manifest: Manifest) -> bool:
    """Return whether no area of posture looks at an object."""
    return manifest.group in _OF_NETWORK or (manifest.group, manifest.kind) == ("", "Service")


def _narrowed(both: Both, side: Compiled, given: Inputs, area: Area) -> Inputs:
    """Return the inputs of an area; of pods by themselves those that differ, for the others fare as they did."""
    keys, forms = both.differing
    if area is not Area.PODSEC or any(each.kind in _OF_ACCOUNTS for each in forms):
        return given
    return replace(given, manifests=tuple(_without_alike(side.manifests, keys)))


def _without_alike(manifests: Iterable[Manifest], differing: frozenset[Key]) -> Iterator[Manifest]:
    """Yield objects without the pods that both sides have; one of each namespace stays, for it makes the namespace."""
    kept: set[str] = set()
    for key, manifest in by_key(manifests).items():
        if key in differing or not any(True for _ in pod_specs([manifest])):
            yield manifest
        elif manifest.namespace not in kept:
            kept.add(manifest.namespace)
            yield manifest
