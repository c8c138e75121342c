"""Whatever a manifest holds, it is read or refused: nothing else is raised, and what is refused is never half read."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netsim.ingest import Given, snapshot

#: One whole object of each kind.
MANIFESTS: list[dict[str, Any]] = yaml.safe_load("""
- apiVersion: v1
  kind: Pod
  metadata:
    name: a
    namespace: b
    labels: {a: b}
    ownerReferences: &owners [{apiVersion: v1, kind: A, name: a, uid: u, controller: true}]
  spec: &pod
    hostNetwork: true
    nodeName: n
    containers: [{name: c, ports: [{containerPort: 80, name: http, protocol: TCP, hostPort: 80}]}]
    initContainers: [{name: i, restartPolicy: Always, ports: [{containerPort: 81}]}]
  status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: p, annotations: {a: b}, finalizers: [a/b], ownerReferences: *owners}
  spec:
    podSelector: &selector {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}
    policyTypes: [Ingress, Egress]
    ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, endPort: 90}]}]
    egress: [{to: [{podSelector: {}, namespaceSelector: *selector}], ports: [{port: a, protocol: UDP}]}]
- apiVersion: policy.networking.k8s.io/v1alpha1
  kind: AdminNetworkPolicy
  metadata: {name: p}
  spec:
    priority: 5
    subject: {pods: &pods {namespaceSelector: *selector, podSelector: {}}}
    ingress: [{name: a, action: Pass, from: [{namespaces: *selector}, {pods: *pods}], ports: [{namedPort: a}]}]
    egress:
    - action: Allow
      to: [{networks: [10.0.0.0/8]}, {nodes: {}}, {domainNames: [a.b]}]
      ports: [{portNumber: {port: 80}}]
    - {action: Deny, to: [{namespaces: {}}], ports: [{portRange: {protocol: UDP, start: 1, end: 2}}]}
- apiVersion: policy.networking.k8s.io/v1alpha1
  kind: BaselineAdminNetworkPolicy
  metadata: {name: default}
  spec: {subject: {namespaces: *selector}, egress: [{action: Deny, to: [{networks: ["::/0"]}]}]}
- apiVersion: policy.networking.k8s.io/v1alpha2
  kind: ClusterNetworkPolicy
  metadata: {name: p}
  spec:
    tier: Baseline
    priority: 5
    subject: {namespaces: {}}
    ingress: [{action: Accept, from: [{pods: *pods}], protocols: [{tcp: {destinationPort: {number: 80}}}]}]
    egress: [{action: Pass, to: [{nodes: {}}], protocols: [{udp: {destinationPort: {range: {start: 1, end: 2}}}}]}]
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: d}
  spec: {selector: *selector, template: &template {metadata: {labels: {a: b}}, spec: *pod}}
- apiVersion: v1
  kind: ReplicationController
  metadata: {name: d}
  spec: {selector: {a: b}, template: *template}
- apiVersion: batch/v1
  kind: Job
  metadata: {generateName: d-}
  spec: {template: *template}
  status: {conditions: [{type: Complete, status: "True"}]}
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: d}
  spec: {jobTemplate: {spec: {template: *template}}}
- apiVersion: v1
  kind: Service
  metadata: {name: d}
  spec:
    type: NodePort
    clusterIPs: [10.0.0.1]
    selector: {a: b}
    ports: [{name: a, port: 80, targetPort: http, nodePort: 30000, protocol: TCP}]
- apiVersion: v1
  kind: Node
  metadata: {name: d}
  status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: r}
  aggregationRule: {clusterRoleSelectors: [*selector]}
  rules:
  - {apiGroups: [a], resources: [b], resourceNames: [c], verbs: [get]}
  - {nonResourceURLs: [/a], verbs: [get]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: r}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
  subjects: [{kind: ServiceAccount, name: a, namespace: b}, {kind: User, name: a}]
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: a}
  automountServiceAccountToken: true
  secrets: [{name: s}]
  imagePullSecrets: [{name: s}]
- apiVersion: v1
  kind: Namespace
  metadata: {name: d, labels: {a: b}}
""")

NONSENSE: list[Any] = [
    *[None, True, 0, -1, 65536, 2**70, 1.5, "", "x", "A b", "é", "\n", "10.0.0.0/8", "None", "TCP"],
    *[[], [None], [{}], [[]], {}, {"a": None}, {"x": {"z": 1}}],
]


def unshared(tree: Any) -> Any:
    """Return a copy in which no two places share a value, as YAML's aliases do."""
    return json.loads(json.dumps(tree))


def _places(tree: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything below the root."""
    steps = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else []
    below = [(*above, step) for step in steps]
    return below + [path for step, here in zip(steps, below, strict=True) for path in _places(tree[step], here)]


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a manifest in which some values are replaced by nonsense, and some fields misspelt."""
    tree = draw(st.sampled_from(MANIFESTS).map(unshared))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(_places(tree)))
        holder: Any = tree
        for step in above:
            holder = holder[step]
        value = draw(st.sampled_from(NONSENSE).map(unshared))
        misspelt = draw(st.sampled_from(["", "x", "hostNetworks", "Ports"])) if isinstance(holder, dict) else ""
        holder[misspelt or last] = value
    return tree


@given(manifests())
def test_nonsense_is_read_or_refused(manifest: dict[str, Any]) -> None:
    found, problems = snapshot([Given([manifest])], keep_going=True)
    values = (
        *found.roles,
        *found.bindings,
        *found.accounts,
        *found.pods,
        *found.policies,
        *found.services,
        *found.nodes,
        *found.unmodelled,
    )
    assert values or found.namespaces or problems or manifest["kind"] == "Job"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_the_manifests_themselves_are_fine(manifest: dict[str, Any]) -> None:
    assert snapshot([Given([manifest])])[1] == ()
