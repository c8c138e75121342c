"""The questions over several networks: who shares one, under which policies."""

import pytest

import netsim
from netsim.ir.objects import Family
from netsim.ir.traffic import NONE, Protocol, Traffic
from netsim.ir.verdict import Flow
from netsim.render import written
from netsim.spec import judge
from tests.conformance.manifests import cluster, policy
from tests.unit.test_kinds_networks import attached, cudn, mnp, nad, namespace, udn

NAMESPACES = namespace("blue") + namespace("red", 'k8s.ovn.org/primary-user-defined-network: "", team: x')
DENY = "---\n" + policy("{podSelector: {}}", namespace="shop")
ONLY_80 = mnp("fast", spec="{podSelector: {}, ingress: [{ports: [{port: 80}]}]}")


def pod(name: str, place: str, more: str = "", status: str = "") -> str:
    """Return a pod."""
    meta = f"{{name: {name}, namespace: {place}, labels: {{app: {name}}}{more}}}"
    return (
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {meta}\nspec: {{containers: [{{name: c}}]}}\nstatus: {{{status}}}\n"
    )


#: ``web``, ``db`` are on the pod network, ``a``, ``b`` on blue's own, ``far`` on red's; ``web`` and ``a`` share one.
FAST = ", annotations: {k8s.v1.cni.cncf.io/networks: shop/fast}"
PODS = pod("web", "shop", FAST) + pod("db", "shop") + pod("a", "blue", FAST) + pod("b", "blue") + pod("far", "red")
WHOLE = NAMESPACES + udn("own", place="blue") + cudn("wide", "{matchLabels: {team: x}}") + nad("fast") + PODS


def _rows(found: netsim.Cluster, **asked: str) -> set[tuple[str, str, str, str | None]]:
    rows = {(r.source, r.destination, str(r.traffic), r.network) for r in found.reach(pods=True, **asked)}
    return {row for row in rows if "0.0.0.0/0" not in row}


def test_pods_reach_each_other_on_the_networks_that_they_share_and_on_no_other() -> None:
    fast, own = "NetworkAttachmentDefinition fast", "UserDefinedNetwork blue/own"
    assert _rows(cluster(WHOLE + ONLY_80)) == {
        ("shop/web", "shop/db", "all", "pod-network"),
        ("shop/db", "shop/web", "all", "pod-network"),
        ("blue/a", "blue/b", "all", own),
        ("blue/b", "blue/a", "all", own),
        ("blue/a", "shop/web", "TCP 80", fast),
        ("shop/web", "blue/a", "all", fast),
    }


def test_addresses_outside_are_reached_from_the_pod_network_and_from_those_that_take_its_place() -> None:
    networks = {row.network for row in cluster(WHOLE).reach() if "0.0.0.0/0" in (row.source, row.destination)}
    assert networks == {"pod-network", "UserDefinedNetwork blue/own", "ClusterUserDefinedNetwork wide"}


@pytest.mark.parametrize(
    ("source", "destination", "port", "allowed", "network"),
    [
        ("blue/a", "blue/b", 80, True, "UserDefinedNetwork blue/own"),
        ("blue/b", "red/far", 80, False, None),
        ("shop/db", "blue/b", 80, False, None),
        ("blue/a", "shop/web", 80, True, "NetworkAttachmentDefinition fast"),
        ("blue/a", "shop/web", 81, False, "NetworkAttachmentDefinition fast"),
        ("shop/web", "shop/db", 80, True, "pod-network"),
        ("red/far", "203.0.113.7", 80, True, "ClusterUserDefinedNetwork wide"),
        ("203.0.113.7", "shop/web", 80, True, "pod-network"),
    ],
)
def test_a_verdict_is_of_a_network_that_the_two_share(
    source: str, destination: str, port: int, *, allowed: bool, network: str | None
) -> None:
    verdict = cluster(WHOLE + ONLY_80).query(source, destination, port=port)
    assert (verdict.allowed, verdict.network) == (allowed, network)
    assert verdict.to_dict().get("network") == network


def test_a_verdict_without_a_shared_network_names_the_network_that_keeps_the_two_apart() -> None:
    text = str(cluster(WHOLE).query("shop/db", "blue/b", port=80))
    assert "ingress of blue/b: denied by the network it is on\n  UserDefinedNetwork blue/own" in text
    assert "keeps its pods apart from other networks" in text


def test_a_listing_a_verdict_and_a_truth_table_agree_on_every_pair() -> None:
    found = cluster(WHOLE + ONLY_80)
    names = [str(pod) for pod in found.snapshot.pods]
    listed = {(row.source, row.destination) for row in found.reach(pods=True, port="80/TCP")}
    table = found.matrix(port=80)
    for source in names:
        for destination in set(names) - {source}:
            allowed = found.query(source, destination, port=80).allowed
            assert allowed is ((source, destination) in listed) is table[source][destination]


def test_a_connection_is_allowed_where_one_of_two_shared_networks_allows_it() -> None:
    both = pod("web", "shop", FAST) + pod("db", "shop", FAST)
    verdict = cluster(nad("fast") + both + DENY).query("shop/web", "shop/db", port=80)
    assert (verdict.allowed, verdict.network) == (True, "NetworkAttachmentDefinition fast")


def test_policies_of_the_pod_network_mean_nothing_on_another_and_the_reverse() -> None:
    both = nad("fast") + pod("web", "shop", FAST) + pod("db", "shop", FAST)
    assert {row[3] for row in _rows(cluster(both + DENY))} == {"NetworkAttachmentDefinition fast"}
    assert {row[3] for row in _rows(cluster(both + mnp("fast")))} == {"pod-network"}


def test_a_block_means_the_addresses_that_pods_have_on_the_network_of_the_policy() -> None:
    asked = ', annotations: {{k8s.v1.cni.cncf.io/networks: \'[{{"name": "fast", "ips": ["{}"]}}]\'}}'
    pods = pod("web", "shop", asked.format("10.1.0.1"), "podIP: 10.0.0.1")
    pods += pod("db", "shop", asked.format("10.1.0.2"), "podIP: 10.0.0.2")
    spec = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.1/32}}]}]}"
    found = cluster(nad("fast") + pods + mnp("fast", spec=spec))
    assert ("shop/web", "shop/db", "all", "NetworkAttachmentDefinition fast") in _rows(found)
    wrong = cluster(nad("fast") + pods + mnp("fast", spec=spec.replace("10.1.0.1", "10.0.0.1")))
    assert {row[:2] for row in _rows(wrong) if row[3] != "pod-network"} == {("shop/db", "shop/web")}


def test_an_address_of_a_secondary_network_is_the_pod_that_has_it_there() -> None:
    asked = ', annotations: {k8s.v1.cni.cncf.io/networks: \'[{"name": "fast", "ips": ["10.1.0.2"]}]\'}'
    found = cluster(nad("fast") + pod("web", "shop", FAST) + pod("db", "shop", asked) + mnp("fast"))
    verdict = found.query("shop/web", "10.1.0.2", port=80)
    assert (verdict.allowed, verdict.network) == (False, "NetworkAttachmentDefinition fast")


def test_a_pod_on_the_network_of_its_node_is_on_no_other() -> None:
    host = pod("agent", "blue", FAST).replace("{containers", "{hostNetwork: true, containers")
    found = cluster(WHOLE + host)
    assert not any("blue/agent" in row[:2] and row[3] == "NetworkAttachmentDefinition fast" for row in _rows(found))
    assert found.query("blue/b", "blue/agent", port=80).allowed
    entering = found.query("blue/agent", "blue/b", port=80)
    assert entering.allowed is None  # b may be on the agent's node, whose kubelet probes it
    assert "the source may be the pod's own node" in str(entering)


def test_questions_about_some_peers_are_asked_of_the_networks_that_they_are_on() -> None:
    found = cluster(WHOLE)
    assert {row[3] for row in _rows(found, source="blue/a")} == {
        "UserDefinedNetwork blue/own",
        "NetworkAttachmentDefinition fast",
    }
    assert {row[3] for row in _rows(found, destination="shop/db")} == {"pod-network"}
    with pytest.raises(netsim.UsageError):
        found.reach(source="blue/nobody")


def test_networks_do_not_count_as_policies_and_their_policies_do() -> None:
    assert cluster(WHOLE).reach().policies == 0
    assert cluster(WHOLE + ONLY_80).reach().policies == 1


def test_a_pod_that_moves_to_a_network_of_its_own_loses_those_that_stay() -> None:
    pods = pod("a", "blue") + pod("web", "shop")
    changes = netsim.diff(cluster(NAMESPACES + pods), cluster(NAMESPACES + pods + udn("own", place="blue")))
    assert {(c.source, c.destination, c.change) for c in changes} == {
        ("blue/a[Pod]", "shop/web[Pod]", "removed"),
        ("shop/web[Pod]", "blue/a[Pod]", "removed"),
    }
    assert {cause.object for change in changes for cause in change.because} == {"UserDefinedNetwork blue/own"}


def test_a_change_on_a_secondary_network_says_which_and_why() -> None:
    old, new = cluster(WHOLE), cluster(WHOLE + ONLY_80)
    (change,) = netsim.diff(old, new)
    assert (change.source, change.destination, str(change.new)) == ("blue/a[Pod]", "shop/web[Pod]", "TCP 80")
    assert change.network == "NetworkAttachmentDefinition fast"
    assert {cause.object for cause in change.because} == {"MultiNetworkPolicy shop/p"}


def test_a_pod_that_is_newly_attached_has_changed_and_has_not_come() -> None:
    before = nad("fast") + pod("web", "shop") + pod("db", "shop", FAST)
    after = nad("fast") + pod("web", "shop", FAST) + pod("db", "shop", FAST)
    changes = netsim.diff(cluster(before), cluster(after))
    assert {(c.change, c.network) for c in changes} == {("added", "NetworkAttachmentDefinition fast")}
    assert {(x.object, x.what) for c in changes for x in c.because} == {("Pod shop/web", "changed")}


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "dot", "html"])
def test_every_format_says_which_network_a_row_is_on(form: str) -> None:
    found = cluster(WHOLE + ONLY_80)
    assert "NetworkAttachmentDefinition fast" in "".join(written(found.reach(), form))
    assert "NetworkAttachmentDefinition fast" in "".join(written(netsim.diff(cluster(WHOLE), found), form))


def test_no_format_speaks_of_networks_where_there_is_but_one() -> None:
    found = cluster(pod("web", "shop") + pod("db", "shop"))
    assert all("network" not in "".join(written(found.reach(), form)) for form in ("text", "json", "csv", "md", "dot"))
    assert found.query("shop/web", "shop/db", port=80).network is None
    assert {row.network for row in found.reach()} == {None}


def test_a_data_frame_has_a_column_for_networks_where_there_are_some() -> None:
    assert list(cluster(WHOLE).reach().to_frame().columns)[-1] == "network"
    assert "network" not in cluster(attached("web", "")).reach().to_frame().columns


def test_nothing_is_unknown_only_because_there_are_networks() -> None:
    assert {row.unknown for row in cluster(WHOLE + ONLY_80).reach()} == {NONE}


def test_a_denial_on_a_secondary_network_is_by_the_kind_of_policy_that_is_made_for_it() -> None:
    told = str(cluster(WHOLE + ONLY_80).query("blue/a", "shop/web", port=81))
    assert "denied by MultiNetworkPolicy" in told
    assert "denied by NetworkPolicy" not in told


NODES = "".join(
    f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{i}}}\n"
    f"status: {{addresses: [{{type: InternalIP, address: 192.168.0.{i}}}]}}\n"
    for i in (1, 2)
)
PLACED = "".join(
    pod(f"p{number}-{host}", place).replace("{containers", f"{{hostNetwork: {host}, {node}containers")
    for number, node in enumerate(("nodeName: n1, ", "nodeName: n2, ", ""))
    for place in ("blue", "red", "shop")
    for host in ("true", "false")
)
INSIDE = policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}", namespace="blue")


def test_the_fast_form_keeps_nodes_out_of_networks_as_the_definition_does() -> None:
    found = cluster(WHOLE + NODES + PLACED + "---\n" + INSIDE)
    endpoints = found.program.endpoints
    pairs = [(a, b) for a in range(len(endpoints)) for b in range(len(endpoints))]
    told = {True: 0, False: 0, None: 0}
    for source, destination in pairs:
        allowed, unknown = found.reachability.between(source, destination, Family.IPV4)
        for port in (80, 81):
            flow = Flow(
                source=endpoints[source],
                destination=endpoints[destination],
                protocol=Protocol.TCP,
                port=port,
                family=Family.IPV4,
            )
            asked = Traffic.of([(Protocol.TCP, port, port)])
            fast = True if allowed & asked else None if unknown & asked else False
            assert judge(found.snapshot, found.profile, flow).allowed is fast, flow
            told[fast] += 1
    assert all(count > 20 for count in told.values())
