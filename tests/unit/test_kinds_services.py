"""Service."""

import pytest

from netsim.ir.objects import Service, ServicePort
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, problems, refused


def _text(spec: str, name: str = "web") -> str:
    return f"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: shop}}, spec: {spec}}}"


def _read(spec: str) -> Service:
    (found,) = ingested(_text(spec)).services
    return found


def test_a_service_defaults_its_type_its_protocols_and_its_targets() -> None:
    found = _read("{selector: {app: web}, ports: [{port: 80}]}")
    assert (found.type, found.selector) == ("ClusterIP", {"app": "web"})
    assert found.ports == (ServicePort(name=None, protocol=Protocol.TCP, port=80, target=80),)


@pytest.mark.parametrize(("target", "meaning"), [("8080", 8080), ("http", "http"), ("0", 80), ("''", 80), ("null", 80)])
def test_a_target_is_a_number_or_a_name_or_the_port_itself(target: str, meaning: int | str) -> None:
    assert _read(f"{{ports: [{{port: 80, targetPort: {target}}}]}}").ports[0].target == meaning


@pytest.mark.parametrize("selector", ["{}", "null"])
def test_an_empty_selector_is_none(selector: str) -> None:
    assert _read(f"{{selector: {selector}, ports: [{{port: 80}}]}}").selector is None


def test_a_service_may_have_several_addresses() -> None:
    spec = "{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1'], ports: [{port: 80}]}"
    assert _read(spec).cluster_ips == ("10.0.0.1", "fd00::1")


@pytest.mark.parametrize(
    ("spec", "families"),
    [
        ("{ipFamilies: [IPv6], ports: [{port: 80}]}", {6}),
        ("{clusterIPs: [10.0.0.1, 'fd00::1'], ports: [{port: 80}]}", {4, 6}),
        ("{clusterIP: None, ports: [{port: 80}]}", set()),
    ],
)
def test_the_families_of_a_service_are_those_told_or_of_its_addresses(spec: str, families: set[int]) -> None:
    assert _read(spec).families == families


@pytest.mark.parametrize(
    "spec",
    [
        "{clusterIP: None}",
        "{clusterIPs: [None], selector: {a: b}}",
        "{type: ExternalName, externalName: example.com.}",
        "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}",
        "{ports: [{port: 53, protocol: UDP, name: u}, {port: 53, name: t, appProtocol: dns}]}",
        "{type: LoadBalancer, externalIPs: [10.0.0.1], externalTrafficPolicy: Local, ports: [{port: 80}]}",
        "{type: LoadBalancer, loadBalancerSourceRanges: [' 10.0.0.0/8'], ports: [{port: 80}]}",
        "{internalTrafficPolicy: Local, ports: [{port: 80}]}",
        "{ipFamilyPolicy: SingleStack, ports: [{port: 80}]}",
        "{externalTrafficPolicy: Local, externalIPs: [192.0.2.1], ports: [{port: 80}]}",
        "{type: NodePort, ports: [{port: 5, nodePort: 3, name: a}, {port: 5, protocol: UDP, nodePort: 3, name: b}]}",
    ],
)
def test_a_service_may_be(spec: str) -> None:
    assert not problems(_text(spec))


@pytest.mark.parametrize(
    ("spec", "refusals"),
    [
        ("{selector: {a: b}}", [("NS108", "spec.ports")]),
        ("{type: External, ports: [{port: 80}]}", [("NS123", "spec.type")]),
        ("{type: ExternalName}", [("NS108", "spec.externalName")]),
        ("{type: ExternalName, externalName: A_b}", [("NS109", "spec.externalName")]),
        ("{clusterIP: 10.0.0, ports: [{port: 80}]}", [("NS116", "spec.clusterIP")]),
        ("{ports: [{port: 0}]}", [("NS113", "spec.ports[0].port"), ("NS113", "spec.ports[0].targetPort")]),
        ("{ports: [{port: 80, targetPort: '8080'}]}", [("NS113", "spec.ports[0].targetPort")]),
        ("{ports: [{port: 80, targetPort: 70000}]}", [("NS113", "spec.ports[0].targetPort")]),
        ("{ports: [{port: 80, protocol: tcp}]}", [("NS115", "spec.ports[0].protocol")]),
        ("{ports: [{port: 80, name: A}]}", [("NS113", "spec.ports[0].name")]),
        ("{ports: [{port: 80, nodePort: 30080}]}", [("NS113", "spec.ports[0].nodePort")]),
        ("{externalIPs: [127.0.0.1], ports: [{port: 80}]}", [("NS116", "spec.externalIPs[0]")]),
        ("{externalTrafficPolicy: local, ports: [{port: 80}]}", [("NS123", "spec.externalTrafficPolicy")]),
        ("{externalTrafficPolicy: Local, ports: [{port: 80}]}", [("NS123", "spec.externalTrafficPolicy")]),
        ("{type: NodePort, clusterIP: None, ports: [{port: 80}]}", [("NS123", "spec.clusterIP")]),
        ("{type: LoadBalancer, clusterIPs: [None], ports: [{port: 80}]}", [("NS123", "spec.clusterIP")]),
        ("{type: ExternalName, externalName: a.io, clusterIP: 10.0.0.1}", [("NS123", "spec.clusterIP")]),
        ("{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2], ports: [{port: 80}]}", [("NS123", "spec.clusterIPs[0]")]),
        ("{ipFamilies: [IPv5], ports: [{port: 80}]}", [("NS123", "spec.ipFamilies[0]")]),
        (
            "{type: NodePort, allocateLoadBalancerNodePorts: true, ports: [{port: 80}]}",
            [("NS123", "spec.allocateLoadBalancerNodePorts")],
        ),
        (
            "{type: NodePort, ports: [{port: 80, nodePort: 30080, name: a}, {port: 81, nodePort: 30080, name: b}]}",
            [("NS120", "spec.ports[1].nodePort")],
        ),
        ("{loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}", [("NS123", "spec.loadBalancerSourceRanges")]),
        ("{type: LoadBalancer, ports: [{port: 10250}]}", [("NS113", "spec.ports[0].port")]),
        ("{ports: [{port: 80, name: a}, {port: 80, name: b}]}", [("NS120", "spec.ports[1]")]),
        ("{ports: [{port: 80, name: a}, {port: 81, name: a}]}", [("NS120", "spec.ports[1].name")]),
        ("{ports: [{port: 80, name: a}, {port: 81}]}", [("NS120", "spec.ports[1].name")]),
        ("{selector: {a: b c}, ports: [{port: 80}]}", [("NS111", "spec.selector")]),
        ("{selector: {matchLabels: {a: b}}, ports: [{port: 80}]}", [("NS107", "spec.selector.matchLabels")]),
        ("{ports: [{port: 80, targetport: 8080}]}", [("NS106", "spec.ports[0].targetport")]),
        ("{selectors: {a: b}, ports: [{port: 80}]}", [("NS106", "spec.selectors")]),
    ],
)
def test_a_service_is_refused_for(spec: str, refusals: list[tuple[str, str]]) -> None:
    assert refused(_text(spec)) == refusals


def test_a_service_says_who_comes_in_and_whether_they_are_seen() -> None:
    spec = (
        "{type: LoadBalancer, externalIPs: [192.0.2.1], loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]%s}"
    )
    found = _read(spec % "")
    assert ([str(each) for each in found.external_ips], found.keeps_source, found.node_ports) == (
        ["192.0.2.1"],
        False,
        True,
    )
    assert [str(each) for each in found.sources] == ["10.0.0.0/8"]
    other = _read(spec % ", externalTrafficPolicy: Local, allocateLoadBalancerNodePorts: false")
    assert (other.keeps_source, other.node_ports) == (True, False)


def test_the_annotation_for_sources_counts_where_the_field_is_absent() -> None:
    annotation = "annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 192.0.2.0/24'}"
    text = _text("{type: LoadBalancer, ports: [{port: 80}]}").replace(
        "namespace: shop", f"namespace: shop, {annotation}"
    )
    (found,) = ingested(text).services
    assert [str(each) for each in found.sources] == ["10.0.0.0/8", "192.0.2.0/24"]


def test_a_service_name_starts_with_a_letter() -> None:
    assert refused(_text("{ports: [{port: 80}]}", name="1web")) == [("NS109", "metadata.name")]
