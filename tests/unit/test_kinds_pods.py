"""Pod: its network, its ports, its owner."""

from ipaddress import ip_address

import pytest

from netsim.ir.objects import ContainerPort, Pod, Workload
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, kept, pod, problems, refused


def _read(metadata: str = "", spec: str = "containers: [{name: c}]", status: str = "") -> Pod:
    (found,) = ingested(pod("web", metadata=metadata, spec=spec, status=status)).pods
    return found


def test_a_bare_pod_is_its_own_workload() -> None:
    found = _read(metadata="labels: {app: web, empty: null}")
    assert (found.namespace, found.name, found.labels) == ("shop", "web", {"app": "web", "empty": ""})
    assert found.workload == Workload("shop", "web", "Pod")
    assert (found.ports, found.addresses, found.node) == ((), (), None)
    assert (found.host_network, found.finished, found.template) == (False, False, False)


@pytest.mark.parametrize(
    ("status", "addresses"),
    [
        ("podIP: 10.0.0.1", ["10.0.0.1"]),
        ("podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]", ["10.0.0.1", "fd00::1"]),
        ("podIP: '', podIPs: []", []),
        ("phase: Pending", []),
    ],
)
def test_the_addresses_of_a_pod_are_those_of_all_families(status: str, addresses: list[str]) -> None:
    assert list(_read(status=status).addresses) == [ip_address(text) for text in addresses]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_has_no_network(phase: str) -> None:
    assert _read(status=f"phase: {phase}").finished


@pytest.mark.parametrize("phase", ["Running", "Pending", "Unknown", "null"])
def test_any_other_pod_has_a_network(phase: str) -> None:
    assert not _read(status=f"phase: {phase}").finished


def test_a_pod_may_be_on_the_network_of_its_node() -> None:
    found = _read(spec="containers: [{name: c}], hostNetwork: true, nodeName: node-1")
    assert (found.host_network, found.node) == (True, "node-1")


def test_ports_are_those_of_containers_and_of_native_sidecars() -> None:
    found = _read(
        spec="containers: [{name: c, ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP}]}], "
        "initContainers: [{name: i, ports: [{containerPort: 1}]},"
        " {name: s, restartPolicy: Always, ports: [{containerPort: 90, name: metrics}]}]"
    )
    assert found.ports == (
        ContainerPort("http", Protocol.TCP, 80),
        ContainerPort(None, Protocol.UDP, 53),
        ContainerPort("metrics", Protocol.TCP, 90),
    )


@pytest.mark.parametrize(("bound", "opened"), [("", 8080), (", hostIP: 0.0.0.0", 8080), (", hostIP: 127.0.0.1", None)])
def test_a_port_of_the_node_leads_to_the_container_unless_the_node_alone_may_use_it(
    bound: str, opened: int | None
) -> None:
    found = _read(spec=f"containers: [{{name: c, ports: [{{containerPort: 80, hostPort: 8080{bound}}}]}}]")
    assert [port.host_port for port in found.ports] == [opened]


@pytest.mark.parametrize(
    ("owners", "workload"),
    [
        ("[{kind: StatefulSet, name: db, controller: true}]", ("db", "StatefulSet")),
        ("[{kind: Tree, name: a}, {kind: DaemonSet, name: b, controller: true}]", ("b", "DaemonSet")),
        ("[{name: db, controller: true}]", ("db", "Pod")),
        ("[{kind: StatefulSet, name: db}]", ("web", "Pod")),
        ("[{kind: StatefulSet, name: db, controller: false}]", ("web", "Pod")),
        ("[{kind: Node, name: node-1, controller: true}]", ("web", "Pod")),
    ],
)
def test_a_pod_belongs_to_its_controlling_owner(owners: str, workload: tuple[str, str]) -> None:
    assert _read(metadata=f"ownerReferences: {owners}").workload == Workload("shop", *workload)


@pytest.mark.parametrize(
    ("spec", "refusal"),
    [
        ("", ("NS108", "spec.containers")),
        ("containers: []", ("NS108", "spec.containers")),
        ("containers: [{name: c, ports: [{}]}]", ("NS108", "spec.containers[0].ports[0].containerPort")),
        ("containers: [{name: c, ports: [null]}]", ("NS108", "spec.containers[0].ports[0].containerPort")),
        (
            "containers: [{name: c, ports: [{containerPort: 65536}]}]",
            ("NS113", "spec.containers[0].ports[0].containerPort"),
        ),
        (
            "containers: [{name: c, ports: [{containerPort: 80, hostPort: -1}]}]",
            ("NS113", "spec.containers[0].ports[0].hostPort"),
        ),
        (
            "containers: [{name: c, ports: [{containerPort: 80, name: HTTP}]}]",
            ("NS113", "spec.containers[0].ports[0].name"),
        ),
        (
            "containers: [{name: c, ports: [{containerPort: 80, protocol: tcp}]}]",
            ("NS115", "spec.containers[0].ports[0].protocol"),
        ),
        (
            "containers: [{name: c, ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a, protocol: UDP}]}]",
            ("NS120", "spec.containers[0].ports[1].name"),
        ),
        (
            "containers: [{name: c}], initContainers: [{name: i, ports: [{containerPort: 0}]}]",
            ("NS108", "spec.initContainers[0].ports[0].containerPort"),
        ),
        (
            "containers: [{name: c}], initContainers: [{name: i, restartPolicy: Sometimes}]",
            ("NS123", "spec.initContainers[0].restartPolicy"),
        ),
        ("containers: [{name: c}], hostNetwork: 'true'", ("NS107", "spec.hostNetwork")),
        ("containers: [{name: c}], hostNetworks: true", ("NS106", "spec.hostNetworks")),
        ("containers: [{name: c, port: [{containerPort: 80}]}]", ("NS106", "spec.containers[0].port")),
        ("containers: [{name: c}], nodeName: A", ("NS109", "spec.nodeName")),
    ],
)
def test_a_pod_is_refused_for(spec: str, refusal: tuple[str, str]) -> None:
    assert refused(pod("web", spec=spec)) == [refusal]


def test_one_name_may_stand_in_two_containers() -> None:
    port = "ports: [{containerPort: 80, name: http}]"
    assert len(_read(spec=f"containers: [{{name: a, {port}}}, {{name: b, {port}}}]").ports) == 2


def test_an_empty_protocol_of_a_container_is_tcp() -> None:
    (port,) = _read(spec="containers: [{name: c, ports: [{containerPort: 80, protocol: ''}]}]").ports
    assert port.protocol is Protocol.TCP


def test_a_malformed_address_is_refused() -> None:
    assert refused(pod("web", status="podIP: 10.0.0")) == [("NS116", "status.podIP")]
    assert refused(pod("web", status="podIPs: [{ip: 10.0.0.1}, {ip: x}]")) == [("NS116", "status.podIPs[1].ip")]


@pytest.mark.parametrize(
    "field",
    [
        "hostname: a",
        "hostPID: true",
        "hostIPC: true",
        "hostUsers: true",
        "hostAliases: []",
        "nodeSelector: {}",
        "ephemeralContainers: []",
        "containers: [{name: c, restartPolicyRules: []}]",
        "containers: [{name: c, restartPolicy: OnFailure}]",
        "initContainers: [{name: i, restartPolicy: Never}]",
        "containers: [{name: c, ports: [{containerPort: 80, hostIP: 10.0.0.1}]}]",
        "somethingOfNextYear: 1",
    ],
)
def test_a_legal_field_that_is_not_read_is_no_mistake(field: str) -> None:
    spec = field if field.startswith("containers") else f"containers: [{{name: c}}], {field}"
    assert not problems(pod("web", spec=spec))


def test_a_misspelt_field_of_an_object_that_a_server_wrote_is_not_looked_for() -> None:
    # Servers drop what they do not know: whatever they wrote is a field, of this year or of next.
    assert not problems(pod("web", metadata="uid: u", spec="containers: [{name: c}], hostNetworks: true"))


def test_a_misspelt_field_says_what_was_meant() -> None:
    (problem,) = problems(pod("web", spec="containers: [{name: c}], hostnetwork: true"))
    assert problem.hint == "did you mean `hostNetwork`?"


def test_a_label_without_quotes_is_refused_and_read_as_it_was_meant() -> None:
    text = pod("web", metadata="labels: {a: 1, b: true}")
    assert refused(text) == [("NS107", "metadata.labels.a"), ("NS107", "metadata.labels.b")]
    assert [each.labels for each in kept(text).pods] == [{"a": "1", "b": "true"}]


def test_a_pod_of_the_wrong_types_is_left_out_and_a_badly_labelled_one_is_not() -> None:
    assert kept(pod("web", spec="containers: {}")).pods == ()
    assert [each.name for each in kept(pod("web", metadata="labels: {a: b c}")).pods] == ["web"]


def test_a_port_without_number_is_left_out_alone() -> None:
    (found,) = kept(pod("web", spec="containers: [{name: c, ports: [{containerPort: 80}, {name: a}]}]")).pods
    assert found.ports == (ContainerPort(None, Protocol.TCP, 80),)
