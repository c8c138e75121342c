"""Pod Security beyond the fixtures of upstream: fields that are empty, defaults that are none, policies of old."""

from typing import Any

import pytest

import netsim
from netsim.ir.podsecurity import Level
from netsim.posture.mending import mended
from netsim.posture.namespaces import closest_level
from netsim.posture.podsecurity import failures
from netsim.queries.levels import level_trial

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _pod(context: dict[str, Any], of_pod: dict[str, Any] | None = None) -> dict[str, Any]:
    containers = [{"name": "web", "image": "web", "securityContext": {**RESTRICTED, **context}}]
    return {"metadata": {"name": "web"}, "spec": {"securityContext": of_pod or {}, "containers": containers}}


def _failing(pod: dict[str, Any], level: Level) -> list[str]:
    return [each.control.id for each in failures(pod, level)]


@pytest.mark.parametrize("profile", [{}, {"type": None}, {"type": ""}, {"type": "Unconfined"}, {"type": "localhost"}])
def test_a_profile_that_says_no_type_is_none_of_those_that_are_allowed(profile: dict[str, Any]) -> None:
    pod = _pod({"seccompProfile": profile}, {"seccompProfile": {"type": "RuntimeDefault"}})
    assert _failing(pod, Level.BASELINE) == ["seccompProfile_baseline"]
    assert _failing(pod, Level.RESTRICTED) == ["seccompProfile_restricted"]
    assert _failing(_pod({}, {"appArmorProfile": profile}), Level.BASELINE) == ["appArmorProfile"]


def test_a_profile_that_is_null_is_absent() -> None:
    assert not _failing(_pod({"seccompProfile": None}, {"seccompProfile": {"type": "Localhost"}}), Level.RESTRICTED)


def test_a_patch_takes_out_a_profile_whole_since_the_server_refuses_one_without_type() -> None:
    result = mended(_pod({"appArmorProfile": {"type": "Unconfined"}}), Level.BASELINE, "latest")
    assert result.patch == {"spec": {"containers": [{"name": "web", "securityContext": {"appArmorProfile": None}}]}}
    assert not result.left


#: What Kubernetes' documentation showed as a restricted policy.
STRICT: dict[str, Any] = {
    "privileged": False,
    "allowPrivilegeEscalation": False,
    "requiredDropCapabilities": ["ALL"],
    "volumes": ["configMap", "emptyDir", "projected", "secret", "downwardAPI", "csi", "persistentVolumeClaim"],
    "runAsUser": {"rule": "MustRunAsNonRoot"},
    "seLinux": {"rule": "RunAsAny"},
}


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, Level.RESTRICTED),
        ({"allowedCapabilities": ["NET_BIND_SERVICE"]}, Level.RESTRICTED),
        ({"allowedCapabilities": ["CHOWN"]}, Level.BASELINE),
        ({"volumes": ["nfs"]}, Level.BASELINE),
        ({"allowPrivilegeEscalation": None}, Level.BASELINE),
        ({"runAsUser": {"rule": "RunAsAny"}}, Level.BASELINE),
        ({"allowedCapabilities": ["SYS_ADMIN"]}, Level.PRIVILEGED),
        ({"allowedCapabilities": ["*"]}, Level.PRIVILEGED),
        ({"volumes": ["*"], "allowedHostPaths": [{"pathPrefix": "/var/log"}]}, Level.PRIVILEGED),
        ({"hostPorts": [{"min": 1, "max": 65535}]}, Level.PRIVILEGED),
        ({"allowedUnsafeSysctls": ["kernel.msg*"]}, Level.PRIVILEGED),
        ({"allowedProcMountTypes": ["Unmasked"]}, Level.PRIVILEGED),
        ({"hostPID": True}, Level.PRIVILEGED),
    ],
)
def test_the_level_that_is_closest_to_a_policy_asks_for_nothing_that_it_did_not(
    change: dict[str, Any], level: Level
) -> None:
    assert closest_level({**STRICT, **change}) is level


def _configured(**written: Any) -> dict[str, Any]:
    return {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "metadata": {"name": "configuration"},
        **written,
    }


def test_a_default_that_is_none_is_told_and_takes_nothing_with_it() -> None:
    written = {"enforce": "baseline", "enforce-version": "v1.031", "audit": "Strict", "warnVersion": "latest"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    found = netsim.load(documents=[_configured(defaults=written), space]).posture("podsec")
    told = {each.identity for each in found.findings if each.code == "NS307"}
    assert told == {"defaults.enforce-version", "defaults.audit", "defaults.warnVersion"}
    assert "NS301" not in {each.code for each in found.findings}  # baseline is enforced there


def test_a_pod_of_an_exempt_runtime_class_does_not_break() -> None:
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"runtimeClassName": name, "containers": [{"name": "web", "image": "web"}]},
        }
        for name in ("kata", "runc")
    ]
    cluster = netsim.load(documents=[_configured(exemptions={"runtimeClasses": ["kata"]}), *pods])
    assert [each.object for each in level_trial(cluster, "restricted")] == ["Pod shop/runc"]


def test_a_patch_of_items_that_no_key_tells_apart_replaces_the_list() -> None:
    ports = [{"containerPort": 53, "protocol": each, "hostPort": 53} for each in ("TCP", "UDP")]
    pod = {"spec": {"containers": [{"name": "dns", "image": "dns", "ports": ports}]}}
    result = mended(pod, Level.BASELINE, "latest")
    bare = [{"containerPort": 53, "protocol": each} for each in ("TCP", "UDP")]
    assert result.patch["spec"]["containers"] == [{"name": "dns", "ports": [{"$patch": "replace"}, *bare]}]
    assert not result.left


def _cluster(*specs: dict[str, Any], **labels: str) -> netsim.Cluster:
    prefix = "pod-security.kubernetes.io/"
    own = {f"{prefix}{key.replace('_', '-')}": value for key, value in labels.items()}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": own}}
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"pod-{number}", "namespace": "shop"},
            "spec": {"containers": [{"name": "web", "image": "web"}], **spec},
        }
        for number, spec in enumerate(specs)
    ]
    return netsim.load(documents=[space, *pods])


def test_what_is_refused_already_is_neither_broken_nor_passing() -> None:
    probe = {"livenessProbe": {"httpGet": {"host": "10.0.0.1", "port": 80}}}
    newly = {"containers": [{"name": "web", "image": "web", **probe}]}
    cluster = _cluster({}, {"hostPID": True}, newly, enforce="baseline", enforce_version="v1.33")
    found = level_trial(cluster, "v1.34")
    assert ([each.object for each in found], found.passing, found.refused) == (["Pod shop/pod-2"], 1, 1)


def test_a_patch_tells_which_volumes_it_empties() -> None:
    volumes = [{"name": "host", "hostPath": {"path": "/"}}, {"name": "own", "emptyDir": {}}]
    (broken,) = level_trial(_cluster({"volumes": volumes}), "baseline")
    assert broken.emptied == ("host",)


def test_a_namespace_without_workloads_is_no_answer() -> None:
    with pytest.raises(netsim.errors.UsageError, match="prod"):
        level_trial(_cluster({}), "restricted", namespace="prod")
