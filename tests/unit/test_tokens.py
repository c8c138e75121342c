"""The tokens that containers really hold."""

from io import StringIO
from textwrap import dedent

import pytest

import netsim
from netsim.access.tokens import Token, TokenSource
from netsim.ir.access import Subject

_ACCOUNT = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}%s}\n---\n"
_OF_ANOTHER = """\
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop, annotations: {kubernetes.io/service-account.name: other}}
type: kubernetes.io/service-account-token
---
"""


def _tokens(*texts: str) -> tuple[Token, ...]:
    return netsim.load(StringIO("".join(dedent(text) for text in texts))).tokens


def _pod(spec: str, metadata: str = "") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, {metadata}}}\nspec: {spec}\n"


def _plain(said: str = "") -> str:
    return _pod(f"{{serviceAccountName: web, {said}containers: [{{name: c}}]}}")


@pytest.mark.parametrize(
    ("pod", "account", "mounted"),
    [
        ("", "", True),
        ("", ", automountServiceAccountToken: false", False),
        ("automountServiceAccountToken: true, ", ", automountServiceAccountToken: false", True),
        ("automountServiceAccountToken: false, ", ", automountServiceAccountToken: true", False),
        ("automountServiceAccountToken: false, ", "", False),
    ],
)
def test_the_pods_word_counts_before_its_accounts_and_without_a_word_a_token_is_mounted(
    pod: str, account: str, *, mounted: bool
) -> None:
    found = _tokens(_ACCOUNT % account, _plain(pod))
    assert [token.account for token in found] == [Subject.account("shop", "web")] * mounted


def test_a_pod_without_an_account_runs_as_the_default_one_which_need_not_be_written() -> None:
    (found,) = _tokens(_pod("{containers: [{name: c}]}"))
    assert (found.account, found.source) == (Subject.account("shop", "default"), TokenSource.MOUNTED)


def test_the_token_goes_into_every_container_without_a_mount_of_its_own_there() -> None:
    spec = """{volumes: [{name: v, emptyDir: {}}], initContainers: [{name: i}], ephemeralContainers: [{name: e}],
  containers: [{name: c}, {name: d, volumeMounts:
    [{name: v, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}]}"""
    assert [token.container for token in _tokens(_pod(spec))] == ["i", "c"]


def test_of_a_pod_that_a_server_wrote_the_mounts_count_and_not_the_flag() -> None:
    bare = _pod("{containers: [{name: c}]}", "resourceVersion: '1'")
    assert _tokens(bare) == ()
    volume = "{name: kube-api-access-x, projected: {sources: [{serviceAccountToken: {path: token}}]}}"
    mount = "{name: kube-api-access-x, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}"
    spec = f"{{volumes: [{volume}], containers: [{{name: c, volumeMounts: [{mount}]}}, {{name: d}}]}}"
    (found,) = _tokens(_pod(spec, "resourceVersion: '1'"))
    assert (found.container, found.source) == ("c", TokenSource.PROJECTED)


@pytest.mark.parametrize(
    ("audience", "useful"),
    [
        ("", True),
        ("vault", False),
        ("https://kubernetes.default.svc.cluster.local", True),
        ("kubernetes.default.svc", True),
        ("https://kubernetes.default.svc.corp.example", True),
        ("https://example.com/kubernetes.default.svc", False),
    ],
)
def test_a_token_of_another_audience_is_of_no_use_at_the_api_server(audience: str, *, useful: bool) -> None:
    volume = f'{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t, audience: "{audience}"}}}}]}}}}'
    spec = (
        f"{{automountServiceAccountToken: false, volumes: [{volume}],"
        " containers: [{name: c, volumeMounts: [{name: t, mountPath: /t}]}]}"
    )
    (found,) = _tokens(_pod(spec))
    assert (found.for_api_server, found.at) == (useful, "/t")


@pytest.mark.parametrize(("below", "shown"), [("", True), ("t", True), ("t/", True), ("x", False), ("ca.crt", False)])
def test_a_sub_path_may_leave_the_token_out(below: str, *, shown: bool) -> None:
    volume = "{name: t, projected: {sources: [{serviceAccountToken: {path: t/token}}]}}"
    mount = f'{{name: t, mountPath: /t, subPath: "{below}"}}'
    spec = (
        f"{{automountServiceAccountToken: false, volumes: [{volume}],"
        f" containers: [{{name: c, volumeMounts: [{mount}]}}]}}"
    )
    assert len(_tokens(_pod(spec))) == shown


@pytest.mark.parametrize(
    ("volumes", "container", "source"),
    [
        ("[{name: v, secret: {secretName: s}}]", "volumeMounts: [{name: v, mountPath: /s}]", TokenSource.VOLUME),
        (
            "[{name: v, projected: {sources: [{secret: {name: s}}]}}]",
            "volumeMounts: [{name: v, mountPath: /s}]",
            TokenSource.VOLUME,
        ),
        ("[]", "env: [{name: T, valueFrom: {secretKeyRef: {name: s, key: token}}}]", TokenSource.ENVIRONMENT),
        ("[]", "envFrom: [{secretRef: {name: s}, prefix: P_}]", TokenSource.ENVIRONMENT),
    ],
)
def test_a_token_secret_gives_the_token_of_another_account(volumes: str, container: str, source: TokenSource) -> None:
    spec = f"{{automountServiceAccountToken: false, volumes: {volumes}, containers: [{{name: c, {container}}}]}}"
    (found,) = _tokens(_OF_ANOTHER, _pod(spec))
    assert (found.account, found.source, found.secret) == (Subject.account("shop", "other"), source, "s")


@pytest.mark.parametrize(
    ("volumes", "container"),
    [
        (
            "[{name: v, secret: {secretName: s, items: [{key: ca.crt, path: ca}]}}]",
            "volumeMounts: [{name: v, mountPath: /s}]",
        ),
        ("[{name: v, secret: {secretName: s}}]", "image: x"),
        ("[{name: v, secret: {secretName: t}}]", "volumeMounts: [{name: v, mountPath: /s}]"),
        ("[]", "env: [{name: T, valueFrom: {secretKeyRef: {name: s, key: ca.crt}}}]"),
    ],
)
def test_what_holds_no_token_gives_none(volumes: str, container: str) -> None:
    spec = f"{{automountServiceAccountToken: false, volumes: {volumes}, containers: [{{name: c, {container}}}]}}"
    assert _tokens(_OF_ANOTHER, _pod(spec)) == ()


def test_a_secret_of_an_older_server_is_known_by_its_account() -> None:
    account = _ACCOUNT % ", secrets: [{name: web-token-x2x4z}, {name: web-dockercfg-x2x4z}]"
    mounts = "[{name: v, mountPath: /v}, {name: w, mountPath: /w}]"
    spec = (
        "{automountServiceAccountToken: false, volumes: [{name: v, secret: {secretName: web-token-x2x4z}},"
        " {name: w, secret: {secretName: web-dockercfg-x2x4z}}],"
        f" containers: [{{name: c, volumeMounts: {mounts}}}]}}"
    )
    (found,) = _tokens(account, _pod(spec))
    assert (found.account, found.at) == (Subject.account("shop", "web"), "/v")


def test_a_template_has_the_tokens_that_its_pods_will_have() -> None:
    text = """\
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly, namespace: shop}
    spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: web, containers: [{name: c}]}}}}}
    """
    (found,) = _tokens(text)
    assert (found.kind, found.name, found.account.name) == ("CronJob", "nightly", "web")


def test_nonsense_in_a_pod_is_passed_over() -> None:
    spec = "{volumes: 5, containers: [{name: c, volumeMounts: [3, {name: x}], env: {}, envFrom: [null]}]}"
    given = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t"}, "template": {"spec": spec}}
    assert netsim.load(documents=[given]).tokens == ()


@pytest.mark.parametrize(
    "metadata",
    [
        "annotations: {kubernetes.io/config.mirror: 5d4c}",
        "ownerReferences: [{apiVersion: v1, kind: Node, name: cp, uid: u}]",
    ],
)
def test_a_pod_that_a_kubelet_runs_of_its_own_files_has_no_token_and_gives_its_node_none(metadata: str) -> None:
    text = _pod("{nodeName: cp, containers: [{name: c}]}", metadata)
    assert _tokens(text) == ()
    cluster = netsim.load(StringIO(text))
    assert not cluster.node_reach["cp"].accounts
    assert not [step for step in cluster.steps() if step.target.startswith("sa:") and step.source == "node:cp"]
