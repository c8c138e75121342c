"""What of the inputs the attack graph asks for by name: objects by resource, specs of pods, Pod Security."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

from netsim.access.nodes import NodeReach, add_reach, bound_volumes
from netsim.access.tokens import Token, token_secrets
from netsim.graph.catalogue import provisioners
from netsim.graph.flaws import flaws_of
from netsim.graph.mounts import claims_of
from netsim.graph.pods import PodFacts, facts_of
from netsim.ingest.document import Document, Path, T
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_spec
from netsim.ir.objects import Address, Node
from netsim.ir.place import NOWHERE, Place
from netsim.ir.release import Release
from netsim.ir.snapshot import Snapshot

_ENFORCE = "pod-security.kubernetes.io/enforce"
_LEVELS = ("privileged", "baseline", "restricted")
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_CLOUDS = ("aws://", "gce://", "azure://", "openstack://", "digitalocean://")
_MAKER = "system:serviceaccount:kube-system:"
_ETCD = "node-role.kubernetes.io/etcd"

#: Where the spec of a workload's pods stands in it.
_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Pod": ("spec",),
}


@dataclass(slots=True)
class Objects:
    """The objects of one cluster; built once.

    Attributes:
        named: The names of the objects of each resource in each namespace; the empty one is the cluster's.
        pods: What is known of each pod, in the order of the snapshot.
        cloud: Whether the nodes are known to be machines of a cloud that serves their credentials.
        api_endpoints: Where the API server listens: the endpoints of ``default/kubernetes``.
    """

    snapshot: Snapshot
    numbers: Mapping[tuple[str, str, str], int]
    manifests: Sequence[Manifest]
    tokens: Sequence[Token]
    named: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    pods: tuple[PodFacts, ...] = ()
    api_endpoints: tuple[tuple[Address, int], ...] = ()
    token_secrets: dict[tuple[str, str], str] = field(default_factory=dict)
    audit_policies: tuple[Manifest, ...] = ()
    exempt_namespaces: frozenset[str] = frozenset()
    exempt_makers: bool = False
    exempt_classes: bool = False
    default_level: str = "privileged"
    _kept: dict[str, list[Manifest]] = field(default_factory=dict)
    cloud: bool = False
    _masters: frozenset[str] = frozenset()
    _stores: frozenset[str] = frozenset()
    _flaws: dict[str, tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        for manifest in self.manifests:
            self._kept.setdefault(manifest.kind, []).append(manifest)
            self.named.setdefault((plural(manifest.kind), manifest.namespace or _scope(manifest)), set()).add(
                manifest.name
            )
        self.token_secrets = token_secrets(self.manifests, self.snapshot.accounts)
        self._read_endpoints()
        self._read_admission()
        self.pods = tuple(self._read_pods())
        self._stores = self._running("etcd")
        self._masters = self._running("kube-apiserver") | self._stores
        nodes = (each.body.get("spec") or {} for each in self.of_kind("Node"))
        self.cloud = any(str(spec.get("providerID") or "").startswith(_CLOUDS) for spec in nodes)

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        """Yield the objects of some kinds."""
        for kind in kinds:
            yield from self._kept.get(kind, ())

    def place(self, kind: str, namespace: str, name: str) -> Place:
        """Return where an object stands."""
        same = (each for each in self.of_kind(kind) if (each.namespace or "default", each.name) == (namespace, name))
        return next((each.place() for each in same), NOWHERE)

    def exist(self, resource: str, namespace: str) -> set[str]:
        """Return the names of the objects of a resource in a namespace; ``*`` is every namespace."""
        if namespace != "*":
            return self.named.get((resource, namespace), set())
        return {name for (each, _), names in self.named.items() if each == resource for name in names}

    def where(self, resource: str, names: frozenset[str] | None = None) -> tuple[str, ...]:
        """Return the namespaces that hold an object of a resource, of one of these names; sorted."""
        held = ((space, own) for (each, space), own in self.named.items() if each == resource)
        return tuple(sorted(space for space, own in held if names is None or names & own))

    @property
    def namespaces(self) -> Iterable[str]:
        """Every namespace that some object is in, read in full or not."""
        return {space for _, space in self.named if space}

    def _read_endpoints(self) -> None:
        found = []
        for manifest in self.of_kind("EndpointSlice", "Endpoints"):
            if (manifest.namespace or "default") != "default":
                continue
            body = manifest.body
            metadata = body.get("metadata") or {}
            service = (metadata.get("labels") or {}).get("kubernetes.io/service-name") or manifest.name
            if service == "kubernetes":
                found += list(_endpoints(body))
        self.api_endpoints = tuple(sorted(set(found), key=lambda pair: (pair[0].version, pair[0], pair[1])))

    def _read_admission(self) -> None:
        for manifest in self.of_kind("PodSecurityConfiguration", "AdmissionConfiguration"):
            for config in _pod_security(manifest.body):
                self.default_level = (config.get("defaults") or {}).get("enforce") or self.default_level
                exempt = config.get("exemptions") or {}
                self.exempt_namespaces |= frozenset(exempt.get("namespaces") or ())
                # Who may create a workload has its pods made by the controller's account; a class is named in a pod.
                self.exempt_makers |= any(str(user).startswith(_MAKER) for user in exempt.get("usernames") or ())
                self.exempt_classes |= bool(exempt.get("runtimeClasses"))
        self.audit_policies = tuple(m for m in self.of_kind("Policy") if m.group == "audit.k8s.io")

    def admits_privileged(self, namespace: str, resource: str = "pods") -> bool:
        """Return whether Pod Security lets privileged pods run in a namespace; an unknown level is the strictest.

        Args:
            resource: What makes them: ``pods`` itself, or whatever a controller makes pods of.
        """
        if namespace in self.exempt_namespaces or self.exempt_classes:
            return True
        if resource != "pods" and self.exempt_makers:
            return True
        known = self.snapshot.namespaces.get(namespace)
        level = known.labels.get(_ENFORCE) if known else None
        return (level if level is not None else self.default_level) == _LEVELS[0]

    def _read_pods(self) -> Iterator[PodFacts]:
        claims = claims_of(
            [m.body for m in self.of_kind("PersistentVolume")], [m.body for m in self.of_kind("PersistentVolumeClaim")]
        )
        accounts = {(account.namespace, account.name): account for account in self.snapshot.accounts}
        bound = bound_volumes(self.of_kind("PersistentVolume"))
        held: dict[tuple[str, str, str], dict[str, list[Token]]] = {}
        for token in self.tokens:
            own = held.setdefault((token.kind, token.namespace, token.name), {})
            own.setdefault(token.container, []).append(token)
        written = {(m.kind, m.namespace or "default", m.name): m for m in self.manifests if m.kind in _POD_MAKERS}
        for pod in self.snapshot.pods:
            if pod.finished:
                continue
            owner = pod.workload
            manifest = None if pod.template else written.get(("Pod", pod.namespace, pod.name))
            manifest = manifest or written.get((owner.kind, owner.namespace, owner.name))
            spec = _spec(manifest) if manifest else {}
            number = self.numbers[pod.namespace, pod.name, owner.kind]
            tokens = held.get((manifest.kind, manifest.namespace or "default", manifest.name), {}) if manifest else {}
            body = None if manifest is None else pod_spec(manifest, spec)
            reach = NodeReach()
            if body is not None:
                add_reach(body, accounts, bound, reach)
            static = body is not None and body.static
            yield facts_of(pod, number, spec, claims, tokens, frozenset(reach.secrets), static=static)

    def control_plane(self, node: Node) -> bool:
        """Return whether a node runs the control plane, or etcd."""
        return any(label in node.labels for label in (*_CONTROL_PLANE, _ETCD)) or node.name in self._masters

    def runs_etcd(self, node: Node) -> bool:
        """Return whether a node runs etcd: those that are seen to, or else those of the control plane."""
        return node.name in self._stores if self._stores else self.control_plane(node)

    def host_path_classes(self) -> Iterator[tuple[Manifest, str]]:
        """Yield the StorageClasses whose provisioner takes a path of the node from such a class, with how it does."""
        known = provisioners()
        for manifest in self.of_kind("StorageClass"):
            reason = known.get(str(manifest.body.get("provisioner") or ""))
            if reason:
                yield manifest, reason

    def flaws(self, node: str) -> tuple[str, ...]:
        """Return the known flaws of what a node says that it runs."""
        if self._flaws is None:
            self._flaws = {manifest.name: tuple(flaws_of(manifest.body)) for manifest in self.of_kind("Node")}
        return self._flaws.get(node, ())

    def _running(self, part: str) -> frozenset[str]:
        """Return the nodes that are seen to run one part of the control plane."""
        own = (facts.pod for facts in self.pods if facts.pod.node and facts.pod.namespace == "kube-system")
        named = (pod for pod in own if pod.labels.get("component") == part or pod.name.startswith(f"{part}-"))
        return frozenset(pod.node for pod in named if pod.node)


_POD_MAKERS = frozenset(
    [
        "Pod",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
        "Rollout",
    ]
)


def _scope(manifest: Manifest) -> str:
    return "" if manifest.kind in _CLUSTER_KINDS else "default"


_CLUSTER_KINDS = frozenset(
    [
        "Namespace",
        "Node",
        "PersistentVolume",
        "ClusterRole",
        "ClusterRoleBinding",
        "CertificateSigningRequest",
        "StorageClass",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "CustomResourceDefinition",
        "APIService",
    ]
)


def _spec(manifest: Manifest) -> dict[str, Any]:
    path = _TEMPLATES.get(manifest.kind, ("spec", "template", "spec"))
    found: Any = manifest.body
    for step in path:
        found = (found or {}).get(step)
    return _with_claims(manifest, found or {})


def _with_claims(manifest: Manifest, spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec of a StatefulSet's first pod: its claims are made from templates."""
    if manifest.kind != "StatefulSet":
        return spec
    templates = (manifest.body.get("spec") or {}).get("volumeClaimTemplates") or ()
    names = [(each.get("metadata") or {}).get("name") for each in templates]
    made = [
        {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{manifest.name}-0"}} for name in names if name
    ]
    return {**spec, "volumes": [*(spec.get("volumes") or ()), *made]} if made else spec


def _endpoints(body: Mapping[str, Any]) -> Iterator[tuple[Address, int]]:
    subsets = body.get("subsets") or ()
    for subset in subsets:
        for each in subset.get("addresses") or ():
            for port in subset.get("ports") or ():
                yield from _endpoint(each.get("ip"), port.get("port"))
    for endpoint in body.get("endpoints") or ():
        for text in endpoint.get("addresses") or ():
            for port in body.get("ports") or ():
                yield from _endpoint(text, port.get("port"))


def _endpoint(text: object, port: object) -> Iterator[tuple[Address, int]]:
    try:
        address = ip_address(str(text))
    except ValueError:
        return
    if isinstance(port, int):
        yield address, port


def _pod_security(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if body.get("kind") == "PodSecurityConfiguration":
        return (body,)
    plugins = body.get("plugins") or ()
    return [plugin.get("configuration") or {} for plugin in plugins if plugin.get("name") == "PodSecurity"]


def plural(kind: str) -> str:
    """Return the resource of a kind."""
    name = kind.lower()
    if name == "endpoints":
        return name
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch")) else f"{name}s"


#: Of more objects than this, only the line of each is told and not that of a field: to look it up takes a second parse.
MOST_PLACED = 2_000


class _Kept(Document):
    """A document that is parsed once for all who ask while the world is built, and then no longer kept."""

    __slots__ = ("_document", "_exact", "_tree")

    def __init__(self, document: Document, *, exact: bool) -> None:
        self.input, self.file, self.line = document.input, document.file, document.line
        self.api_version, self.kind = document.api_version, document.kind
        self._document, self._exact = document, exact
        self._tree: dict[str, Any] | None = None

    def typed(self, model: type[T]) -> T:
        return self._document.typed(model)

    def tree(self) -> dict[str, Any]:
        if self._tree is None:
            self._tree = self._document.tree()
        return self._tree

    def place(self, path: Path = ()) -> Place:
        return self._document.place(path) if self._exact else Place(self.file, self.line)

    def forget(self) -> None:
        """Keep the parsed object no longer."""
        self._tree = None


def kept(manifests: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """Return manifests that are parsed once, until ``forget``."""
    exact = len(manifests) <= MOST_PLACED
    return tuple(replace(each, document=_Kept(each.document, exact=exact)) for each in manifests)


def forget(manifests: Iterable[Manifest]) -> None:
    """Let go of what was parsed."""
    for each in manifests:
        if isinstance(each.document, _Kept):
            each.document.forget()


def kubelet_releases(manifests: Iterable[Manifest]) -> Iterator[Release]:
    """Yield the releases of the kubelets of the nodes."""
    for manifest in manifests:
        if manifest.kind == "Node" and not manifest.group:
            info = (manifest.body.get("status") or {}).get("nodeInfo") or {}
            found = re.match(r"v(\d+)\.(\d+)", str(info.get("kubeletVersion") or ""))
            if found:
                yield Release(int(found[1]), int(found[2]))
