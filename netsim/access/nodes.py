"""What the node authorizer lets a node do: read what its own pods use, ask for tokens of their accounts, report.

Of its writes NodeRestriction, which is admission, leaves those that are about itself and its own pods.

Source:
    kubernetes/plugin/pkg/auth/authorizer/node: ``graph.go`` for what a pod leads to, ``node_authorizer.go``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsim.access.identity import Identity, node_of
from netsim.access.rules import RuleTable, as_sent
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import PodSpec, mapping, mappings, pod_specs, text
from netsim.ir.access import Request, Rule, ServiceAccount

NODES = "system:nodes"

#: A namespace and a name; of what is in no namespace the first is empty.
Named = tuple[str, str]
#: Claims, each with the volume bound to it and the Secrets that the volume names.
Bound = Mapping[Named, tuple[str, list[Named]]]

#: Volumes that name a Secret of the pod's namespace in another way than `secretName`: the field of each.
_SECRET_FIELDS = {
    "azureFile": "secretName",
    "csi": "nodePublishSecretRef",
    "cephfs": "secretRef",
    "flexVolume": "secretRef",
    "iscsi": "secretRef",
    "rbd": "secretRef",
    "scaleIO": "secretRef",
    "storageos": "secretRef",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReach:
    """The pods bound to a node, and what they use: Secrets, ConfigMaps, claims, volumes, accounts."""

    pods: set[Named] = field(default_factory=set)
    secrets: set[Named] = field(default_factory=set)
    configmaps: set[Named] = field(default_factory=set)
    claims: set[Named] = field(default_factory=set)
    volumes: set[Named] = field(default_factory=set)
    accounts: set[Named] = field(default_factory=set)

    def allows(self, request: Request) -> bool:
        """Return whether a request for one of these objects is one that a node may make."""
        sent = as_sent(request)
        key = (sent.namespace, sent.name)
        reads = sent.verb in ("get", "list", "watch") and bool(sent.name) and not sent.subresource
        match (sent.group, sent.resource):
            case ("", "secrets"):
                return reads and key in self.secrets
            case ("", "configmaps"):
                return reads and key in self.configmaps
            case ("", "persistentvolumeclaims"):
                return sent.verb == "get" and not sent.subresource and key in self.claims
            case ("", "persistentvolumes"):
                return sent.verb == "get" and not sent.subresource and key in self.volumes
            case ("", "serviceaccounts"):
                return sent.verb == "create" and sent.subresource == "token" and key in self.accounts
            case _:
                return False


#: What is told apart by the pods of a node; of all else the rules of ClusterRole system:node decide.
_OF_PODS = frozenset({"secrets", "configmaps", "persistentvolumeclaims", "persistentvolumes", "serviceaccounts"})
#: What a node has one of, of its own name; of leases, in a namespace for them.
_OWN = frozenset({("coordination.k8s.io", "leases"), ("storage.k8s.io", "csinodes")})
_LEASES = "kube-node-lease"
_READS = frozenset({"get", "list", "watch"})


def node_may(node: str, reach: NodeReach, rules: Iterable[Rule], request: Request, *, selecting: bool) -> bool:
    """Return whether the node authorizer lets a node make a request.

    Args:
        rules: Those of ClusterRole system:node as the server has them in its code, whatever the cluster holds.
        selecting: Whether nodes read themselves and their own pods alone (AuthorizeNodeWithSelectors).
    """
    sent = as_sent(request)
    key = (sent.group, sent.resource)
    if sent.path or key == ("storage.k8s.io", "volumeattachments"):  # which are its own is not read
        return False
    if not sent.group and sent.resource in _OF_PODS:
        return reach.allows(sent)
    if key in _OWN and (sent.subresource or (sent.verb != "create" and sent.name != node)):
        return False
    if sent.resource == "leases" and sent.namespace != _LEASES:
        return False
    if selecting and sent.verb in _READS and not sent.subresource:
        if key == ("", "nodes"):
            return sent.name == node
        if key == ("", "pods"):
            return (sent.namespace, sent.name) in reach.pods
    return bool(RuleTable(rules).matching(sent))


def is_node(caller: Identity) -> str | None:
    """Return the node that a caller is to the node authorizer, or None."""
    return node_of(caller.user) if NODES in caller.groups else None


def node_reach(manifests: Sequence[Manifest], accounts: Iterable[ServiceAccount]) -> dict[str, NodeReach]:
    """Return what each node may read, by its name; only nodes that some pod is bound to."""
    known = {(account.namespace, account.name): account for account in accounts}
    bound = bound_volumes(manifests)
    found: dict[str, NodeReach] = defaultdict(NodeReach)
    for pod in pod_specs(manifests):
        if pod.kind == "Pod" and pod.node:
            add_reach(pod, known, bound, found[pod.node])
    return dict(found)


def add_reach(pod: PodSpec, accounts: Mapping[Named, ServiceAccount], bound: Bound, to: NodeReach) -> None:
    """Add what the node of a pod may read because of it."""
    to.pods.add((pod.namespace, pod.name))
    if pod.static:  # what it names would be the node's own choice: it counts for nothing
        return
    to.accounts.add((pod.namespace, pod.account))
    pulled = [text(each, "name") for each in mappings(pod.body, "imagePullSecrets")]
    account = accounts.get((pod.namespace, pod.account))
    if not pulled and not pod.served and account:
        pulled = list(account.pull_secrets)  # admission copies them
    for kind, name in [*(("secret", name) for name in pulled), *_named(pod)]:
        holder = {"secret": to.secrets, "configmap": to.configmaps, "claim": to.claims}[kind]
        if name:
            holder.add((pod.namespace, name))
        if kind == "claim" and (pod.namespace, name) in bound:
            volume, secrets = bound[pod.namespace, name]
            to.volumes.add(("", volume))
            to.secrets.update(secrets)


def _named(pod: PodSpec) -> Iterator[tuple[str, str]]:
    """Yield the Secrets, ConfigMaps and claims that a pod names."""
    for volume in mappings(pod.body, "volumes"):
        yield "secret", text(mapping(volume, "secret"), "secretName")
        yield "configmap", text(mapping(volume, "configMap"), "name")
        yield "claim", text(mapping(volume, "persistentVolumeClaim"), "claimName")
        if "ephemeral" in volume:
            yield "claim", f"{pod.name}-{text(volume, 'name')}"
        for source in mappings(mapping(volume, "projected"), "sources"):
            yield "secret", text(mapping(source, "secret"), "name")
            yield "configmap", text(mapping(source, "configMap"), "name")
        for kind, where in _SECRET_FIELDS.items():
            yield "secret", _reference(mapping(volume, kind), where)
    for container in pod.containers:
        for variable in mappings(container.body, "env"):
            yield "secret", text(mapping(mapping(variable, "valueFrom"), "secretKeyRef"), "name")
            yield "configmap", text(mapping(mapping(variable, "valueFrom"), "configMapKeyRef"), "name")
        for group in mappings(container.body, "envFrom"):
            yield "secret", text(mapping(group, "secretRef"), "name")
            yield "configmap", text(mapping(group, "configMapRef"), "name")


def _reference(volume: Mapping[str, Any], where: str) -> str:
    return text(volume, where) or text(mapping(volume, where), "name")


def bound_volumes(manifests: Iterable[Manifest]) -> Bound:
    """Return each claim with the volume bound to it and the Secrets that the volume names."""
    return dict(_bound_volumes(manifests))


def _bound_volumes(manifests: Iterable[Manifest]) -> Iterator[tuple[Named, tuple[str, list[Named]]]]:
    for manifest in manifests:
        if (manifest.group, manifest.kind) != ("", "PersistentVolume"):
            continue
        spec = mapping(manifest.body, "spec")
        claim = mapping(spec, "claimRef")
        if not text(claim, "name"):
            continue
        references = [
            mapping(volume, where) for volume in spec.values() if isinstance(volume, Mapping) for where in volume
        ]
        secrets = [
            (text(each, "namespace") or text(claim, "namespace"), text(each, "name"))
            for each in references
            if text(each, "name")
        ]
        yield (text(claim, "namespace"), text(claim, "name")), (manifest.name, secrets)
