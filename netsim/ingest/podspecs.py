"""The pod specs of an input, whole, wherever they stand, and a careful way through them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.manifests import Manifest
from netsim.ir.place import Place

#: Where each kind that holds a pod spec has it, by API group and kind.
_SPECS: Mapping[tuple[str, str], Path] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "ReplicaSet"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
}
_MIRROR = "kubernetes.io/config.mirror"
#: Where a pod's containers stand, and whether the server mounts a token into them.
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a pod spec; ``field`` is the list that it stands in."""

    name: str
    field: str
    index: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSpec:
    """A pod, or the template of a workload's pods.

    Attributes:
        path: Where the spec stands in its object.
        served: Whether a server wrote it, as a pod: what admission adds is there already.
        static: Whether a kubelet runs it of its own files: no server adds to it, and it has no account's token.
    """

    manifest: Manifest
    body: Mapping[str, Any]
    path: Path
    served: bool
    static: bool = False

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.manifest.kind

    @property
    def namespace(self) -> str:
        """The namespace of the pods."""
        return self.manifest.namespace or "default"

    @property
    def name(self) -> str:
        """The name of the object."""
        return self.manifest.name

    @property
    def account(self) -> str:
        """The name of the account that the pods run as."""
        return text(self.body, "serviceAccountName") or text(self.body, "serviceAccount") or "default"

    @property
    def node(self) -> str:
        """The node that it is bound to; empty where that is not said."""
        return text(self.body, "nodeName")

    @property
    def containers(self) -> Iterator[Container]:
        """Every container: those that start first, the others, and those added later."""
        for field in _CONTAINERS:
            for index, body in enumerate(mappings(self.body, field)):
                yield Container(name=text(body, "name"), field=field, index=index, body=body)

    def place(self, *path: str | int) -> Place:
        """Return where a field of the spec stands."""
        return self.manifest.place((*self.path, *path))


def pod_specs(manifests: Iterable[Manifest]) -> Iterator[PodSpec]:
    """Yield every pod and every template of pods, in the order of the manifests."""
    for manifest in manifests:
        path = _SPECS.get((manifest.group, manifest.kind))
        if path is None:
            continue
        whole = manifest.body
        body: Mapping[str, Any] = whole
        for step in path:
            body = mapping(body, str(step))
        yield pod_spec(manifest, body, path)


def pod_spec(manifest: Manifest, body: Mapping[str, Any], path: Path = ()) -> PodSpec:
    """Return the pod spec of an object."""
    written = mapping(manifest.body, "metadata")
    served = manifest.kind == "Pod" and bool(text(written, "resourceVersion") or text(written, "uid"))
    static = manifest.kind == "Pod" and _is_static(written)
    return PodSpec(manifest=manifest, body=body, path=path, served=served, static=static)


def _is_static(metadata: Mapping[str, Any]) -> bool:
    """Return whether a pod is the API server's mirror of one that a kubelet runs of its own files."""
    owners = mappings(metadata, "ownerReferences")
    return _MIRROR in mapping(metadata, "annotations") or any(text(each, "kind") == "Node" for each in owners)


def mapping(holder: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """Return a field that is a mapping; an empty one where it is anything else."""
    value = holder.get(field)
    return value if isinstance(value, Mapping) else {}


def mappings(holder: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """Return a field that is a list of mappings, what is none as an empty one, so that places are kept."""
    value = holder.get(field)
    return [each if isinstance(each, Mapping) else {} for each in value] if isinstance(value, list) else []


def text(holder: Mapping[str, Any], field: str) -> str:
    """Return a field that is a text; an empty one where it is anything else."""
    value = holder.get(field)
    return value if isinstance(value, str) else ""
