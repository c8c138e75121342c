"""Whether admission policies let somebody create what he is after: a pod that takes a node, an account, a Secret.

A policy refuses a form of pods if it refuses it on every pod that was tried and admits one of those pods without it.
One that refuses each pod that was tried, as for its labels or its registry, tells nothing of the form: whoever writes
the pod can comply. What cannot be evaluated tells nothing either.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_specs
from netsim.ir.admission import Action, Outcome, Review
from netsim.posture.forms import Form, account_forms, node_forms, secret_forms
from netsim.posture.policies import Policy, policies
from netsim.posture.probes import hardened

#: No more pods of a namespace than this are tried as what a form is added to.
_TRIED = 6
_GROUPS = {"apps": ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"), "batch": ("Job", "CronJob")}
_MAKERS: Mapping[str, tuple[str, str]] = {
    **{f"{kind.lower()}s": (group, kind) for group, kinds in _GROUPS.items() for kind in kinds},
    "replicationcontrollers": ("", "ReplicationController"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """Whether something can be created.

    Attributes:
        refused_by: The policies of which some refuse each form; empty where a form is left.
        doubts: Why it is not sure that the form that is left is admitted.
        selected: Whether some policy that refuses goes by the labels of namespaces.
    """

    refused_by: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    selected: bool = False


FREE = Creation()


@dataclass(slots=True)
class Creations:
    """What the enforced policies of one input let be created; answers are kept.

    Attributes:
        labels: Those of each namespace.
        windows: Whether some node may run Windows.
    """

    manifests: Sequence[Manifest]
    labels: Mapping[str, Mapping[str, str]]
    windows: bool = False
    policies: tuple[Policy, ...] = field(init=False)
    _texts: tuple[str, ...] = field(init=False)
    _tried: dict[str, list[Mapping[str, Any]]] | None = None
    _known: dict[tuple[str, str, str], Creation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.policies = tuple(each for each in policies(self.manifests) if each.action is Action.DENY)
        self._texts = tuple(
            " ".join(json.dumps(part.body, default=str) for part in (each.manifest, *each.parts))
            for each in self.policies
        )

    def node(self, namespace: str, resource: str) -> Creation:
        """Return whether a pod can be created that takes its node.

        Args:
            resource: What is created: ``pods``, ``deployments``, ...; empty where it is there and is changed.
        """
        return self._kept(namespace, resource, "node", lambda: node_forms(windows=self.windows))

    def account(self, namespace: str, resource: str, name: str) -> Creation:
        """Return whether a pod can be created that holds a token of an account."""
        if not self._mention("serviceaccount", "automount"):
            return FREE
        return self._kept(namespace, resource, f"account {name}", lambda: account_forms(name))

    def secret(self, namespace: str, resource: str, name: str) -> Creation:
        """Return whether a pod can be created that holds the values of a Secret."""
        if not self._mention("secret", "volume"):
            return FREE
        return self._kept(namespace, resource, f"secret {name}", lambda: secret_forms(name))

    def _mention(self, *words: str) -> bool:
        return any(word in text.lower() for text in self._texts for word in words)

    def _kept(self, namespace: str, resource: str, purpose: str, forms: Any) -> Creation:
        if not self.policies:
            return FREE
        key = (namespace, resource, purpose)
        if key not in self._known:
            self._known[key] = self._of(namespace, resource, forms())
        return self._known[key]

    def _of(self, namespace: str, resource: str, forms: Iterable[Form]) -> Creation:
        tried = _Trial(self, namespace, resource)
        refusing: dict[str, Policy] = {}
        best: tuple[str, ...] | None = None
        for form in forms:
            against = [policy for policy in self.policies if tried.refuses(policy, form)]
            refusing |= {each.subject: each for each in against}
            doubts = () if against else tuple(filter(None, (tried.doubt(each, form) for each in self.policies)))
            if not against and (best is None or len(doubts) < len(best)):
                best = doubts
            if best == ():
                return FREE
        if best is not None:
            return Creation(doubts=best)
        selected = any(
            "namespaceSelector" in text or "namespaceObject" in text
            for policy, text in zip(self.policies, self._texts, strict=True)
            if policy.subject in refusing
        )
        return Creation(refused_by=tuple(sorted(refusing)), selected=selected)

    def tried(self, namespace: str) -> Sequence[Mapping[str, Any]]:
        """Return the pods that forms are added to: a hardened one, and those of the namespace."""
        if self._tried is None:
            self._tried = {}
            for spec in pod_specs(self.manifests):
                own = self._tried.setdefault(spec.namespace, [])
                if len(own) < _TRIED:
                    own.append(_pod_of(spec.manifest, spec.path[:-1], spec.body))
        return [hardened(), *self._tried.get(namespace, ())]


@dataclass(slots=True)
class _Trial:
    """The forms of one purpose in one namespace; used once, then dropped."""

    creations: Creations
    namespace: str
    resource: str
    _bases: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)

    def refuses(self, policy: Policy, form: Form) -> bool:
        """Return whether a policy refuses a form for its own sake, whatever pod it is added to."""
        return bool(self._admitted(policy)) and all(
            self._says(policy, form.of(base)) is Outcome.FAIL for base in self._admitted(policy)
        )

    def doubt(self, policy: Policy, form: Form) -> str:
        """Return why it is not known whether a policy admits a form that it does not refuse; empty where it does."""
        bases = self._admitted(policy)
        if not bases:
            return f"{policy.subject} refuses every pod that was tried: one that complies was assumed to exist"
        found = [self._says(policy, form.of(base)) for base in bases]
        if {Outcome.PASS, Outcome.SKIP} & set(found):
            return ""
        why = self._why(policy, form.of(bases[0]))
        return f"{policy.subject} was not evaluated ({why}) and assumed to admit it"

    def _admitted(self, policy: Policy) -> list[Mapping[str, Any]]:
        """Return the pods that a policy does not refuse without any form."""
        if id(policy) not in self._bases:
            tried = self.creations.tried(self.namespace)
            self._bases[id(policy)] = [each for each in tried if self._says(policy, each) is not Outcome.FAIL]
        return self._bases[id(policy)]

    def _reviews(self, pod: Mapping[str, Any]) -> list[Review]:
        labels = {**self.creations.labels.get(self.namespace, {}), "kubernetes.io/metadata.name": self.namespace}
        metadata = {**(pod.get("metadata") or {}), "namespace": self.namespace}
        body = {"apiVersion": "v1", "kind": "Pod", **pod, "metadata": metadata}
        found = [_review("", "Pod", body, self.namespace, labels)]
        if self.resource in _MAKERS:
            group, kind = _MAKERS[self.resource]
            template: dict[str, Any] = {"template": {"metadata": metadata, "spec": pod.get("spec")}}
            spec = {"jobTemplate": {"spec": template}} if kind == "CronJob" else template
            version = f"{group}/v1" if group else "v1"
            made = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
            found.append(_review(group, kind, made, self.namespace, labels))
        return found

    def _says(self, policy: Policy, pod: Mapping[str, Any]) -> Outcome:
        said = [policy.refuses(each).outcome for each in self._reviews(pod)]
        return next((each for each in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS) if each in said), Outcome.SKIP)

    def _why(self, policy: Policy, pod: Mapping[str, Any]) -> str:
        found = [policy.refuses(each) for each in self._reviews(pod)]
        return next((each.why for each in found if each.outcome is Outcome.UNKNOWN), "")


def _review(group: str, kind: str, body: Mapping[str, Any], namespace: str, labels: Mapping[str, str]) -> Review:
    name = str((body.get("metadata") or {}).get("name") or "probe")
    return Review(group=group, version="v1", kind=kind, namespace=namespace, name=name, object=body, labels=labels)


def _pod_of(manifest: Manifest, path: Sequence[Any], spec: Mapping[str, Any]) -> Mapping[str, Any]:
    template: Any = manifest.body
    for step in path:
        template = (template or {}).get(step)
    metadata = {"name": manifest.name, **((template or {}).get("metadata") or {})}
    return {
        "metadata": {key: metadata[key] for key in ("name", "labels", "annotations") if key in metadata},
        "spec": spec,
    }
