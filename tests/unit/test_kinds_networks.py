"""Networks, what attaches pods to them, and the policies that are made for them."""

import json

import pytest

from netsim.ir.networks import Network
from netsim.ir.objects import Attachment
from netsim.ir.policy import Action, Tier
from netsim.ir.snapshot import Snapshot
from tests.unit.ingested import deployment, ingested, kept, pod, problems, refused

READY = "k8s.ovn.org/primary-user-defined-network"
ASKED = "k8s.v1.cni.cncf.io/networks"
SUBNETS = "subnets: [10.9.0.0/16]"
UNMANAGED = "ipam: {mode: Disabled}"


def namespace(name: str, labels: str = f'{READY}: ""') -> str:
    """Return a namespace that is ready for a primary network."""
    return f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n"


def udn(name: str, *, place: str = "shop", role: str = "Primary", topology: str = "Layer2") -> str:
    """Return a UserDefinedNetwork."""
    spec = f"{{topology: {topology}, {topology.lower()}: {{role: {role}, {SUBNETS}}}}}"
    meta = f"{{name: {name}, namespace: {place}}}"
    return f"---\napiVersion: k8s.ovn.org/v1\nkind: UserDefinedNetwork\nmetadata: {meta}\nspec: {spec}\n"


def cudn(name: str, selector: str, *, role: str = "Primary", topology: str = "Layer2") -> str:
    """Return a ClusterUserDefinedNetwork."""
    network = f"{{topology: {topology}, {topology.lower()}: {{role: {role}, {SUBNETS}}}}}"
    spec = f"{{namespaceSelector: {selector}, network: {network}}}"
    return (
        f"---\napiVersion: k8s.ovn.org/v1\nkind: ClusterUserDefinedNetwork\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )


def nad(name: str, config: str = '{"type": "macvlan"}', *, place: str = "shop", owner: str = "") -> str:
    """Return a NetworkAttachmentDefinition."""
    owners = f", ownerReferences: [{{apiVersion: v1, kind: {owner.replace('/', ', name: ')}, uid: u}}]" if owner else ""
    meta = f"{{name: {name}, namespace: {place}{owners}}}"
    spec = f"{{config: {json.dumps(config)}}}"
    return f"---\napiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {meta}\nspec: {spec}\n"


def mnp(networks: str | None, *, version: str = "v1beta1", spec: str = "{podSelector: {}}") -> str:
    """Return a MultiNetworkPolicy of the namespace shop."""
    notes = f", annotations: {{k8s.v1.cni.cncf.io/policy-for: '{networks}'}}" if networks is not None else ""
    head = f"---\napiVersion: k8s.cni.cncf.io/{version}\nkind: MultiNetworkPolicy\n"
    return f"{head}metadata: {{name: p, namespace: shop{notes}}}\nspec: {spec}\n"


def attached(name: str, networks: str, more: str = "") -> str:
    """Return a pod that asks for networks."""
    return pod(name, metadata=f"annotations: {{{ASKED}: '{networks}'{more}}}")


def _messages(found: Snapshot) -> list[str]:
    return [warning.message for warning in found.warnings]


def _labels(found: Snapshot) -> list[tuple[str, bool]]:
    return [(network.label, network.primary) for network in found.networks]


def _only(found: Snapshot) -> Network:
    (network,) = found.networks
    return network


def test_a_primary_network_is_of_its_namespace_and_denies_all_others() -> None:
    found = ingested(namespace("shop") + udn("own") + pod("web"))
    assert _only(found).namespaces == {"shop"}
    assert _labels(found) == [("UserDefinedNetwork shop/own", True)]
    (policy,) = found.policies
    assert (policy.kind, str(policy), policy.tier) == ("UserDefinedNetwork", "shop/own", Tier.NETWORK)
    assert str(policy.subject.namespaces) == "kubernetes.io/metadata.name=shop"
    assert {rule.action for rule in policy.rules} == {Action.DENY}


def test_a_cluster_network_is_of_the_ready_namespaces_that_it_selects() -> None:
    texts = namespace("a", f'{READY}: "", team: x') + namespace("b", "team: x") + namespace("c")
    found = ingested(texts + cudn("wide", "{matchLabels: {team: x}}"))
    assert _only(found).namespaces == {"a"}
    waiting, lacking = _messages(found)
    assert waiting.startswith("namespace c awaits a primary network, and the input has none for it")
    assert lacking.startswith(f"ClusterUserDefinedNetwork wide is not for namespace b, which lacks the label {READY}")
    (policy,) = found.policies
    assert str(policy.subject.namespaces) == f"{READY},team=x"
    peers = policy.rules[0].peers or ()
    assert [str(peer.namespaces) for peer in peers if hasattr(peer, "namespaces")] == [f"!{READY}", "team notin (x)"]


def test_a_network_that_selects_nothing_keeps_nobody_apart() -> None:
    found = ingested(cudn("wide", "{matchLabels: {team: x}}") + pod("web"))
    assert (found.networks, found.policies) == ((), ())
    assert _messages(found) == ["ClusterUserDefinedNetwork wide selects no namespace: no pod is on it"]


def test_a_namespace_has_one_primary_network() -> None:
    texts = namespace("shop") + udn("a") + cudn("b", "{}") + pod("web")
    (problem,) = problems(texts)
    assert problem.code == "NS120"
    assert "UserDefinedNetwork shop/a is a second primary network of namespace shop" in problem.message
    (policy,) = kept(texts).policies
    assert policy.kind == "ClusterUserDefinedNetwork"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (udn("default"), [("NS123", "metadata.name")]),
        (cudn("default", "{}"), [("NS123", "metadata.name")]),
        (udn("own", place="default"), [("NS123", "metadata.namespace")]),
        (udn("own", place="openshift-dns"), [("NS123", "metadata.namespace")]),
        (udn("own", place="default", role="Secondary"), []),
        (udn("own", role="Main"), [("NS123", "spec.layer2.role")]),
        (udn("own", topology="Localnet", role="Secondary"), [("NS123", "spec.topology")]),
        (cudn("own", "{}", topology="Localnet", role="Secondary"), []),
        (cudn("own", "{}", topology="Localnet"), [("NS123", "spec.network.localnet.role")]),
        (cudn("own", "{matchLabels: {'a b': c}}"), [("NS110", "spec.namespaceSelector.matchLabels")]),
        (udn("own").replace("layer2:", "layer3:"), [("NS108", "spec.layer2"), ("NS118", "spec.layer3")]),
        (udn("own").replace(SUBNETS, ""), [("NS108", "spec.layer2.subnets")]),
        (udn("own").replace(SUBNETS, "subnets: []"), [("NS108", "spec.layer2.subnets")]),
        (udn("own").replace(SUBNETS, UNMANAGED), [("NS123", "spec.layer2.ipam.mode")]),
        (udn("own", role="Secondary").replace(SUBNETS, UNMANAGED), []),
        (
            udn("own", role="Secondary").replace(SUBNETS, f"{SUBNETS}, {UNMANAGED}"),
            [("NS118", "spec.layer2.subnets")],
        ),
        (udn("own", topology="Layer3").replace(SUBNETS, UNMANAGED), [("NS108", "spec.layer3.subnets")]),
        (udn("own").replace("topology: Layer2, ", ""), [("NS108", "spec.topology")]),
        (cudn("own", "null"), [("NS108", "spec.namespaceSelector")]),
    ],
)
def test_what_a_network_may_be(text: str, codes: list[tuple[str, str]]) -> None:
    assert refused(text) == codes


def test_definitions_that_name_one_network_are_one() -> None:
    config = '{"name": "blue", "type": "ovn-k8s-cni-overlay", "topology": "layer2"}'
    found = ingested(nad("a", config) + nad("b", config, place="ops") + nad("c") + nad("c", place="ops"))
    assert _labels(found) == [("NetworkAttachmentDefinition blue", False), ("NetworkAttachmentDefinition c", False)]
    assert found.networks[0].definitions == {("shop", "a"), ("ops", "b")}
    assert found.networks[1].definitions == {("shop", "c"), ("ops", "c")}


def test_a_configuration_that_is_no_json_is_warned_of() -> None:
    found = ingested(nad("a", '{"name": "blue",}'))
    assert _labels(found) == [("NetworkAttachmentDefinition a", False)]
    (message,) = _messages(found)
    assert message.startswith("NetworkAttachmentDefinition shop/a: `spec.config` is no JSON")


def test_a_definition_that_was_generated_from_a_network_is_that_network() -> None:
    config = '{"name": "shop_own", "role": "primary", "type": "ovn-k8s-cni-overlay"}'
    generated = nad("own", config, owner="UserDefinedNetwork/own")
    assert _labels(ingested(namespace("shop") + udn("own") + generated)) == [("UserDefinedNetwork shop/own", True)]
    alone = ingested(namespace("shop") + generated)
    assert _labels(alone) == [("NetworkAttachmentDefinition shop_own", True)]
    assert _only(alone).namespaces == {"shop"}


def test_a_secondary_user_defined_network_is_attached_to_by_its_name() -> None:
    found = ingested(namespace("a", "team: x") + cudn("wide", "{matchLabels: {team: x}}", role="Secondary"))
    assert _only(found).definitions == {("a", "wide")}
    assert found.policies == ()


@pytest.mark.parametrize(
    ("asked", "definitions"),
    [
        ("fast", [("shop", "fast")]),
        ("ops/fast@eth1, slow", [("ops", "fast"), ("shop", "slow")]),
        ('[{"name": "fast"}, {"name": "slow", "namespace": "ops"}]', [("shop", "fast"), ("ops", "slow")]),
        ("", []),
    ],
)
def test_a_pod_asks_for_networks_in_one_of_two_forms(asked: str, definitions: list[tuple[str, str]]) -> None:
    (found,) = ingested(attached("web", asked)).pods
    assert [each.definition for each in found.attachments] == definitions


def test_the_addresses_of_an_attachment_are_those_noted_and_else_those_asked_for() -> None:
    asked = '[{"name": "fast", "ips": ["10.1.0.5/24", "nonsense"]}, {"name": "slow"}]'
    status = '[{"name": "shop/slow", "ips": ["10.2.0.5"]}, {"name": "cbr0", "ips": ["10.0.0.5"], "default": true}]'
    (found,) = ingested(attached("web", asked, f", k8s.v1.cni.cncf.io/network-status: '{status}'")).pods
    assert [[str(a) for a in each.addresses] for each in found.attachments] == [["10.1.0.5"], ["10.2.0.5"]]


def test_a_pod_on_a_primary_network_has_its_address_there_and_not_the_one_of_the_kubelet() -> None:
    noted = (
        '{"default": {"ip_addresses": ["10.0.0.5/23"]}, "shop/own": {"ip_address": "10.9.0.5/16", "role": "primary"}}'
    )
    metadata = f"annotations: {{k8s.ovn.org/pod-networks: '{noted}'}}"
    text = pod("web", metadata=metadata, status="podIP: 10.0.0.5")
    (found,) = ingested(namespace("shop") + udn("own") + text).pods
    assert ([str(address) for address in found.addresses], found.attachments) == (["10.9.0.5"], ())
    (bare,) = ingested(namespace("shop") + udn("own") + pod("web", status="podIP: 10.0.0.5")).pods
    assert bare.addresses == ()


@pytest.mark.parametrize("asked", ['[{"name": 1}]', '["fast"]', "[{"])
def test_an_annotation_that_cannot_be_read_is_warned_of_and_ignored(asked: str) -> None:
    found = ingested(attached("web", asked))
    assert found.pods[0].attachments == ()
    (message,) = _messages(found)
    assert message.startswith("Pod shop/web: ")


def test_a_network_that_pods_name_and_nobody_declares_is_one_all_the_same() -> None:
    found = ingested(attached("web", "fast") + attached("db", "fast"))
    assert _labels(found) == [("NetworkAttachmentDefinition fast", False)]
    assert _messages(found) == ["shop/web asks for the network shop/fast, which the input does not declare"]


def test_the_pods_of_a_template_are_attached_as_it_says() -> None:
    text = deployment("web", "{app: web}").replace(
        "template: {metadata: {", f"template: {{metadata: {{annotations: {{{ASKED}: fast}}, "
    )
    (found,) = ingested(text + nad("fast")).pods
    assert found.attachments == (Attachment(("shop", "fast")),)


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_a_multi_network_policy_is_a_policy_of_the_networks_that_it_names_and_of_no_other(version: str) -> None:
    found = ingested(nad("fast") + nad("slow") + mnp("fast, ops/other", version=version))
    (policy,) = found.networks[0].policies
    assert (policy.kind, str(policy), policy.tier) == ("MultiNetworkPolicy", "shop/p", Tier.NETWORK_POLICY)
    assert (found.networks[1].policies, found.policies) == ((), ())
    assert _messages(found) == ["MultiNetworkPolicy shop/p is for ops/other, which is no secondary network here"]


@pytest.mark.parametrize("networks", [None, "", " , "])
def test_a_multi_network_policy_that_names_no_network_applies_to_nothing(networks: str | None) -> None:
    found = ingested(nad("fast") + mnp(networks))
    assert found.networks[0].policies == ()
    (message,) = _messages(found)
    assert message.endswith("names no network in the annotation k8s.v1.cni.cncf.io/policy-for: it applies to nothing")


def test_a_multi_network_policy_is_checked_as_a_network_policy_is() -> None:
    assert refused(mnp("fast", spec="{policyTypes: [ingress]}")) == [("NS119", "spec.policyTypes[0]")]


def test_a_range_of_ports_came_with_the_later_version_of_a_multi_network_policy() -> None:
    spec = "{podSelector: {}, egress: [{ports: [{port: 1, endPort: 9}]}]}"
    (found,) = problems(mnp("fast", spec=spec))
    assert (found.code, found.field) == ("NS106", "spec.egress[0].ports[0].endPort")
    assert found.hint == "write apiVersion: k8s.cni.cncf.io/v1beta2"
    assert not problems(mnp("fast", version="v1beta2", spec=spec))


def test_a_network_of_another_group_is_said_aloud() -> None:
    text = udn("own").replace("k8s.ovn.org/v1", "nmstate.io/v1")
    assert _messages(ingested(text)) == ["1 nmstate.io/v1 UserDefinedNetwork is not modelled, and verdicts ignore them"]
