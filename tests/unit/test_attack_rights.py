"""What rights lead to, and what is nearly the same and does not."""

from typing import Any

import pytest

import netsim
from tests.unit.attacked import account, cluster, found, namespace, pod, right

RBAC = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
BASE = [namespace("lab"), namespace("bank"), account("x"), account("rich"), account("rich", "bank"), pod(), pod("q")]
BASE += [pod("p", at="bank")]
TOKEN = {
    "apiVersion": "v1",
    "kind": "Secret",
    "type": "kubernetes.io/service-account-token",
    "metadata": {"name": "t", "namespace": "lab", "annotations": {"kubernetes.io/service-account.name": "rich"}},
}
AUTH = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}}
CRD = "kubernetes.io/kube-apiserver-client"


def _class(provisioner: str) -> dict[str, Any]:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "s"},
        "provisioner": provisioner,
    }


CLASS_AND_PODS = [
    *right("create", "storageclasses", group="storage.k8s.io"),
    *right("create", "persistentvolumeclaims pods", at="lab"),
]

#: A name, the rights of the account, a step, its target, whether it is there.
RIGHTS: dict[str, tuple[list[Any], str, str, bool]] = {
    "exec": (right("create", "pods/exec", at="lab"), "rbac.pod-exec", "pod:lab/p", True),
    "exec elsewhere": (right("create", "pods/exec", at="lab"), "rbac.pod-exec", "pod:bank/p", False),
    "exec everywhere": (right("create", "pods/exec"), "rbac.pod-exec", "pod:bank/p", True),
    "exec of one name": (right("create", "pods/exec", at="lab", names="q"), "rbac.pod-exec", "pod:lab/p", False),
    "exec of that name": (right("create", "pods/exec", at="lab", names="q"), "rbac.pod-exec", "pod:lab/q", True),
    "pods without the subresource": (right("create", "pods", at="lab"), "rbac.pod-exec", "", False),
    "a subresource by a star that is none": (right("create", "pods/*", at="lab"), "rbac.pod-exec", "", False),
    "a subresource of everything": (right("create", "*/exec", at="lab"), "rbac.pod-exec", "pod:lab/p", True),
    "exec in another group": (right("create", "pods/exec", at="lab", group="apps"), "rbac.pod-exec", "", False),
    "to swap an image": (right("patch", "pods", at="lab"), "rbac.pod-patch", "pod:lab/p", True),
    "to create": (right("create", "pods", at="lab"), "rbac.workload-sa", "sa:lab/rich", True),
    "to create elsewhere": (right("create", "pods", at="lab"), "rbac.workload-sa", "sa:bank/rich", False),
    "to create a name, which nobody knows": (
        right("create", "pods", at="lab", names="p"),
        "rbac.workload-sa",
        "",
        False,
    ),
    "a controller in the core group": (right("create", "deployments", at="lab"), "rbac.workload-sa", "", False),
    "a controller in its own": (
        right("create", "deployments", at="lab", group="apps"),
        "rbac.workload-sa",
        "sa:lab/rich",
        True,
    ),
    "to change controllers where none is": (
        right("update", "deployments", at="lab", group="apps"),
        "rbac.workload-sa",
        "",
        False,
    ),
    "secrets by name": (right("get", "secrets", at="lab", names="t"), "rbac.secret-token", "sa:lab/rich", True),
    "secrets by another name": (right("get", "secrets", at="lab", names="u"), "rbac.secret-token", "", False),
    "secrets by deletion": (right("delete", "secrets", at="lab"), "rbac.secret-read", "", False),
    "a token Secret, made and read": (
        right("create list", "secrets", at="lab"),
        "rbac.token-secret",
        "sa:lab/rich",
        True,
    ),
    "one made and not read": (right("create", "secrets", at="lab"), "rbac.token-secret", "", False),
    "one made here and read there": (
        [*right("create", "secrets", at="lab"), *right("get", "secrets", at="bank")],
        "rbac.token-secret",
        "",
        False,
    ),
    "one made by one role and read by another": (
        [*right("create", "secrets", at="lab"), *right("get", "secrets")],
        "rbac.token-secret",
        "sa:lab/rich",
        True,
    ),
    "a token": (right("create", "serviceaccounts/token", at="lab"), "rbac.token-request", "sa:lab/rich", True),
    "a role bound": (
        [
            *right("create", "clusterrolebindings", group=RBAC),
            *right("bind", "clusterroles", group=RBAC, names="cluster-admin"),
        ],
        "rbac.bind-cluster",
        "clusterrole:cluster-admin",
        True,
    ),
    "bind on bindings, which means nothing": (
        right("create bind", "clusterrolebindings", group=RBAC),
        "rbac.bind-cluster",
        "",
        False,
    ),
    "bind without a binding": (right("bind", "clusterroles", group=RBAC), "rbac.bind-cluster", "", False),
    "everywhere by a right of one namespace": (
        right("create bind", "clusterrolebindings clusterroles", group=RBAC, at="lab"),
        "rbac.bind-cluster",
        "",
        False,
    ),
    "bound in a namespace": (
        right("create bind", "rolebindings clusterroles", group=RBAC, at="lab"),
        "rbac.bind-namespace",
        "clusterrole:admin@lab",
        True,
    ),
    "escalate without update": (right("escalate", "clusterroles", group=RBAC), "rbac.escalate", "", False),
    "another account": (right("impersonate", "serviceaccounts", at="lab"), "rbac.impersonate", "sa:lab/rich", True),
    "a group without a user": (right("impersonate", "groups"), "rbac.impersonate", "", False),
    "a group and a user": (right("impersonate", "groups users"), "rbac.impersonate", "group:system:masters", True),
    "a certificate": (
        [
            *right("create", "certificatesigningrequests", group=CERTIFICATES),
            *right("update", "certificatesigningrequests/approval", group=CERTIFICATES),
            *right("approve", "signers", group=CERTIFICATES, names=CRD),
        ],
        "rbac.csr",
        "user:system:kube-scheduler",
        True,
    ),
    "a certificate of another signer": (
        [
            *right("create", "certificatesigningrequests", group=CERTIFICATES),
            *right("update", "certificatesigningrequests/approval", group=CERTIFICATES),
            *right("approve", "signers", group=CERTIFICATES, names="example.com/*"),
        ],
        "rbac.csr",
        "",
        False,
    ),
    "a namespace's own labels": (
        right("patch", "namespaces", at="lab"),
        "rbac.relabel-namespace",
        "namespace:lab",
        True,
    ),
    "another's": (right("patch", "namespaces", at="lab"), "rbac.relabel-namespace", "namespace:bank", False),
    "the map of cloud roles": (
        [AUTH, *right("update", "configmaps", at="kube-system", names="aws-auth")],
        "rbac.aws-auth",
        "group:system:masters",
        True,
    ),
    "a map that is not there": (right("update", "configmaps", at="kube-system"), "rbac.aws-auth", "", False),
    "nodes by the API server": (right("create", "nodes/proxy"), "rbac.nodes-proxy", "pod:lab/p", True),
    "nodes in a namespace": (right("create", "nodes/proxy", at="lab"), "rbac.nodes-proxy", "", False),
    "policies of a vendor": (
        right("create", "ciliumnetworkpolicies", group="cilium.io", at="lab"),
        "rbac.netpol-write",
        "namespace:lab",
        True,
    ),
    "policies of no vendor": (
        right("create", "networkpolicies", group="example.com", at="lab"),
        "rbac.netpol-write",
        "",
        False,
    ),
    "a pod maker of an operator": (
        right("create", "workflows", group="argoproj.io", at="lab"),
        "rbac.workload-sa",
        "sa:lab/rich",
        True,
    ),
    "hosts of others": (
        right("create", "ingresses", group="networking.k8s.io", at="lab"),
        "rbac.mitm-service",
        "connections",
        True,
    ),
    "a node for pods of one's own": (right("create", "pods/binding pods", at="lab"), "rbac.pods-binding", "", True),
    "a node for no pod": (right("create", "pods/binding", at="lab"), "rbac.pods-binding", "", False),
    "a certificate of a node that approves itself": (
        right("create", "certificatesigningrequests certificatesigningrequests/nodeclient", group=CERTIFICATES),
        "rbac.csr-approved",
        "user:system:node:n1",
        True,
    ),
    "one of its own alone": (
        right("create", "certificatesigningrequests certificatesigningrequests/selfnodeclient", group=CERTIFICATES),
        "rbac.csr-approved",
        "",
        False,
    ),
    "a class of storage where no provisioner takes a path": (
        [*CLASS_AND_PODS],
        "rbac.storageclass-create",
        "",
        False,
    ),
    "a class of storage where one does": (
        [_class("rancher.io/local-path"), *CLASS_AND_PODS],
        "rbac.storageclass-create",
        "node:n1",
        True,
    ),
    "a class of storage of disks": (
        [_class("ebs.csi.aws.com"), *CLASS_AND_PODS],
        "rbac.storageclass-create",
        "",
        False,
    ),
    "a class of storage without a claim": (
        [_class("rancher.io/local-path"), *CLASS_AND_PODS[:2], *right("create", "pods", at="lab")],
        "rbac.storageclass-create",
        "",
        False,
    ),
    "volumes of one's own": (
        [*right("create", "persistentvolumes"), *right("create", "persistentvolumeclaims pods", at="lab")],
        "rbac.pv-create",
        "node:n1",
        True,
    ),
    "webhooks": (
        right("patch", "mutatingwebhookconfigurations", group="admissionregistration.k8s.io"),
        "rbac.webhook",
        "cluster",
        True,
    ),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_right_leads_where_the_catalogue_says(name: str) -> None:
    rights, step, target, expected = RIGHTS[name]
    assert found(cluster(*BASE, TOKEN, rights), step, "sa:lab/x", target) is expected


def _deployment(name: str, at: str) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": at}, "spec": spec}


def _targets(of: netsim.Cluster, step: str) -> list[str]:
    return sorted({each.target for each in of.steps() if each.id == step and each.source == "sa:lab/x"})


@pytest.mark.parametrize(
    ("names", "expected"), [("", ["sa:lab/default", "sa:lab/rich", "sa:lab/x"]), ("none-of-it", [])]
)
@pytest.mark.parametrize("step", ["rbac.workload-sa", "rbac.workload-node"])
def test_who_may_change_controllers_everywhere_changes_them_where_they_are(
    step: str, names: str, expected: list[str]
) -> None:
    spaces = [namespace("lab", "baseline"), namespace("bank")]
    rights = right("patch", "deployments", group="apps", names=names)
    changing = cluster(spaces, account("x"), account("rich"), _deployment("d", "lab"), rights)
    assert _targets(changing, step) == (expected if step == "rbac.workload-sa" else [])


def test_a_controller_of_one_name_is_changed_in_each_namespace_that_has_it() -> None:
    rights = right("patch", "deployments", group="apps", names="d")
    changing = cluster(BASE, _deployment("d", "bank"), _deployment("e", "lab"), rights)
    assert _targets(changing, "rbac.workload-sa") == ["sa:bank/default", "sa:bank/rich"]


#: Of a right to connect: the pods that it leads to, of `a` behind a Service and `b` that a policy closes.
CONNECTING: dict[str, tuple[list[Any], str, list[str]]] = {
    "ports of one pod": (right("create", "pods/portforward", at="lab", names="a"), "rbac.pod-portforward", ["a"]),
    "ports past a policy": (right("create", "pods/portforward", at="lab"), "rbac.pod-portforward", ["a", "b"]),
    "from the API server, which a policy keeps out": (right("get", "pods/proxy", at="lab"), "rbac.pods-proxy", ["a"]),
    "a name with a port": (right("get", "pods/proxy", at="lab", names="a:80"), "rbac.pods-proxy", ["a"]),
    "one with a scheme": (right("get", "pods/proxy", at="lab", names="https:a:80"), "rbac.pods-proxy", ["a"]),
    "one of nobody": (right("get", "pods/proxy", at="lab", names="https:c:80"), "rbac.pods-proxy", []),
    "by a Service": (right("create", "services/proxy", at="lab"), "rbac.pods-proxy", ["a"]),
    "by a Service of one name": (right("get", "services/proxy", names="s:80"), "rbac.pods-proxy", ["a"]),
    "by another": (right("get", "services/proxy", at="lab", names="t"), "rbac.pods-proxy", []),
}


@pytest.mark.parametrize("name", CONNECTING)
def test_a_right_to_connect_leads_to_the_pods_that_it_names(name: str) -> None:
    rights, step, expected = CONNECTING[name]
    ports = {"selector": {"app": "a"}, "ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "lab"}, "spec": ports}
    closed = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "closed", "namespace": "lab"},
        "spec": {"podSelector": {"matchLabels": {"app": "b"}}, "policyTypes": ["Ingress"]},
    }
    connecting = cluster(namespace("lab"), account("x"), pod("a", port=80), pod("b", port=80), service, closed, rights)
    assert _targets(connecting, step) == [f"pod:lab/{each}" for each in expected]


def test_a_container_added_to_one_pod_takes_the_node_of_that_one() -> None:
    rights = right("patch", "pods/ephemeralcontainers", at="lab", names="p")
    adding = cluster(namespace("lab"), account("x"), pod(), pod("q", node="cp"), rights)
    assert _targets(adding, "rbac.pod-ephemeral") == ["node:n1", "pod:lab/p"]
    strict = cluster(namespace("lab", "baseline"), account("x"), pod(), pod("q", node="cp"), rights)
    assert _targets(strict, "rbac.pod-ephemeral") == ["pod:lab/p"]


def test_a_role_that_one_may_rewrite_joins_one_that_aggregates_and_that_one_is_bound_to() -> None:
    whole = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"joins": "yes"}}]}}
    summed, bound = right("get", "pods", serial=1)
    part = right("get", "pods", serial=2)[0]
    rewriting = right("update escalate", "clusterroles", group=RBAC, names=part["metadata"]["name"])
    joined = cluster(namespace("lab"), account("x"), [{**summed, **whole}, bound, part], rewriting)
    assert joined.paths("sa:lab/x", "cluster-admin").reachable
    assert not cluster(namespace("lab"), account("x"), [summed, bound, part], rewriting).paths(
        "sa:lab/x", "cluster-admin"
    )
    elsewhere = {**bound, "subjects": [{"kind": "User", "name": "somebody"}]}
    assert not cluster(namespace("lab"), account("x"), [{**summed, **whole}, elsewhere, part], rewriting).paths(
        "sa:lab/x", "cluster-admin"
    )


def test_a_right_over_users_is_none_over_accounts() -> None:
    acting = cluster(BASE, right("impersonate", "users", names="system:serviceaccount:lab:rich ann"))
    assert _targets(acting, "rbac.impersonate") == ["user:ann"]


def test_a_namespace_that_only_a_secret_names_is_one() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "vault"}}
    assert found(cluster(BASE, secret, right("get", "secrets")), "rbac.secret-read", "sa:lab/x", "secret:vault/s")


@pytest.mark.parametrize(
    ("level", "expected"),
    [("", True), ("privileged", True), ("baseline", False), ("restricted", False), ("bad", False)],
)
def test_pod_security_decides_whether_pods_own_nodes(level: str, *, expected: bool) -> None:
    creating = cluster(namespace("lab", level), account("x"), right("create", "pods", at="lab"))
    assert found(creating, "rbac.workload-node", "sa:lab/x", "node:cp") is expected


def test_who_may_also_change_the_namespace_owns_nodes_in_spite_of_pod_security() -> None:
    rights = [*right("create", "pods", at="lab"), *right("patch", "namespaces", at="lab")]
    assert found(cluster(namespace("lab", "baseline"), account("x"), rights), "rbac.workload-node", "sa:lab/x")


@pytest.mark.parametrize(("minor", "expected"), [(34, True), (35, False)])
def test_get_is_enough_to_exec_before_one_35(minor: int, *, expected: bool) -> None:
    base = cluster(*BASE, right("get", "pods/exec", at="lab"), kubernetes=f"1.{minor}")
    assert found(base, "rbac.pod-exec", "sa:lab/x") is expected


def test_a_role_that_one_may_rewrite_gives_everything_only_to_those_who_are_bound_to_it() -> None:
    rights = right("update escalate", "clusterroles", group=RBAC, names="other", serial=1)
    other = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "other"}, "rules": []}
    start = [*BASE, rights, other, pod("own", serviceAccountName="x")]
    assert not cluster(*start).paths("lab/own", "cluster-admin")
    bound = right("get", "pods", who="x", serial=2)[1]
    bound["roleRef"] = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "other"}
    assert cluster(*start, bound).paths("lab/own", "cluster-admin")


def _of_group(name: str, *roles: str) -> list[dict[str, Any]]:
    """Return bindings of a group to ClusterRoles that every API server has."""
    return [
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"joins-{number}"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": name}],
        }
        for number, role in enumerate(roles)
    ]


@pytest.mark.parametrize("approved", [True, False])
def test_a_bootstrap_token_is_a_node_where_its_certificate_is_approved_by_itself(*, approved: bool) -> None:
    signer = "system:certificates.k8s.io:certificatesigningrequests:nodeclient"
    group = "system:bootstrappers:kubeadm:default-node-token"
    joins = _of_group(group, "system:node-bootstrapper", *([signer] if approved else []))
    rights = right("create", "secrets", at="kube-system")
    asked = cluster(*BASE, namespace("kube-system"), *joins, rights)
    assert found(asked, "rbac.bootstrap-token", "sa:lab/x", f"group:{group}")
    assert asked.paths("sa:lab/x", "user:system:node:n1").reachable is approved
    assert not found(cluster(*BASE, namespace("kube-system"), rights), "rbac.bootstrap-token")


@pytest.mark.parametrize(
    ("verbs", "resources", "at", "expected"),
    [
        ("create", "serviceaccounts/token", "kube-system", True),
        ("create", "pods", "kube-system", True),
        ("create", "serviceaccounts/token", "lab", False),
        ("get", "serviceaccounts", "kube-system", False),
    ],
)
def test_who_takes_any_account_of_kube_system_is_likely_to_have_the_cluster(
    verbs: str, resources: str, at: str, *, expected: bool
) -> None:
    # Pod Security keeps the nodes out of it
    spaces = [namespace("lab", "restricted"), namespace("kube-system", "restricted")]
    asked = cluster(*spaces, account("x"), right(verbs, resources, at=at))
    assert asked.paths("sa:lab/x", "cluster-admin", level="likely").reachable is expected
    assert not asked.paths("sa:lab/x", "cluster-admin", level="certain")


@pytest.mark.parametrize(("version", "expected"), [("1.35", False), ("1.36", True)])
def test_admission_policies_that_change_objects_are_there_where_they_are_on(version: str, *, expected: bool) -> None:
    rights = right("create", "mutatingadmissionpolicies", group="admissionregistration.k8s.io")
    assert found(cluster(*BASE, rights, kubernetes=version), "rbac.webhook", "sa:lab/x") is expected


ON, AUTH_GROUP = "impersonate-on:serviceaccount:create", "authentication.k8s.io"
#: What the account may in the name of others, whether it is enough to run a command in lab/p, where lab/rich may.
CONSTRAINED: dict[str, tuple[list[Any], str, bool]] = {
    "whom and what": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab", names="rich"),
            *right(ON, "pods/exec", at="lab"),
        ],
        "1.36",
        True,
    ),
    "before there was such a thing": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab"),
            *right(ON, "pods/exec", at="lab"),
        ],
        "1.35",
        False,
    ),
    "whom alone": (
        right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab"),
        "1.36",
        False,
    ),
    "what alone": (right(ON, "pods/exec", at="lab"), "1.36", False),
    "somebody else": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab", names="x"),
            *right(ON, "pods/exec", at="lab"),
        ],
        "1.36",
        False,
    ),
    "something else": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab"),
            *right("impersonate-on:serviceaccount:get", "pods/exec", at="lab"),
        ],
        "1.36",
        False,
    ),
    "in another mode": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab"),
            *right("impersonate-on:user-info:create", "pods/exec", at="lab"),
        ],
        "1.36",
        False,
    ),
    "in the group of the old verb": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", at="lab"),
            *right(ON, "pods/exec", at="lab"),
        ],
        "1.36",
        False,
    ),
    "elsewhere": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP, at="lab"),
            *right(ON, "pods/exec", at="bank"),
        ],
        "1.36",
        False,
    ),
    "everything of every group": (
        [
            *right("impersonate:serviceaccount", "serviceaccounts", group=AUTH_GROUP),
            *right(ON, "*", group="*"),
        ],
        "1.36",
        True,
    ),
}


@pytest.mark.parametrize("name", CONSTRAINED)
def test_in_anothers_name_goes_what_both_are_let_do(name: str) -> None:
    rights, version, expected = CONSTRAINED[name]
    held = right("create", "pods/exec", at="lab", who="rich")
    asked = cluster(*BASE, rights, held, kubernetes=version)
    assert found(asked, "rbac.pod-exec", "sa:lab/x", "pod:lab/p") is expected
    assert not found(asked, "rbac.pod-exec", "sa:lab/x", "pod:bank/p")
    answer = asked.paths("sa:lab/x", "lab/p")
    assert answer.reachable is expected
    # every one of the bindings is needed, that of the other as well
    assert len(answer.chokes) == (3 if expected else 0)
    assert "sa:lab/rich" not in asked.blast("sa:lab/x")


def test_a_user_is_impersonated_in_the_mode_of_users() -> None:
    rights = [
        *right("impersonate:user-info", "users", group=AUTH_GROUP, names="ann"),
        *right("impersonate-on:user-info:create", "pods/exec"),
    ]
    _, bound = right("create", "pods/exec", at="lab", who="rich", serial=7)
    bound["subjects"] = [{"apiGroup": RBAC, "kind": "User", "name": "ann"}]
    asked = cluster(*BASE, rights, right("create", "pods/exec", at="lab", who="rich", serial=7)[0], bound)
    assert not found(asked, "rbac.pod-exec", "sa:lab/x")  # the nodes run 1.34
    stated = cluster(
        *BASE, rights, right("create", "pods/exec", at="lab", who="rich", serial=7)[0], bound, kubernetes="1.36"
    )
    assert found(stated, "rbac.pod-exec", "sa:lab/x", "pod:lab/p")


IRSA = {"eks.amazonaws.com/role-arn": "r"}
#: What ties an account to a role of a cloud.
CLOUDS: dict[str, list[Any]] = {
    "an annotation": [{**account("x"), "metadata": {"name": "x", "namespace": "lab", "annotations": IRSA}}],
    "a controller of the cloud": [
        account("x"),
        {
            "apiVersion": "eks.services.k8s.aws/v1alpha1",
            "kind": "PodIdentityAssociation",
            "metadata": {"name": "a", "namespace": "ack"},
            "spec": {"clusterName": "c", "namespace": "lab", "serviceAccount": "x", "roleARN": "r"},
        },
    ],
    "a provider of another": [
        account("x"),
        {
            "apiVersion": "eks.aws.upbound.io/v1beta1",
            "kind": "PodIdentityAssociation",
            "metadata": {"name": "a"},
            "spec": {"forProvider": {"namespace": "lab", "serviceAccount": "x", "roleArn": "r"}},
        },
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CLOUDS)
def test_an_account_has_the_role_of_a_cloud_that_something_ties_it_to(name: str) -> None:
    tied = cluster(CLOUDS[name], account("y"))
    assert [(each.source, each.target) for each in tied.steps() if each.id == "cred.cloud"] == [("sa:lab/x", "cloud:r")]
