"""Peers, ports and selectors as users type them."""

import pytest

from netsim.errors import UsageError
from netsim.ingest.ports import Asked, asked
from netsim.ingest.selectors import selector
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth
from netsim.queries.peers import choose
from netsim.queries.query import query
from tests.build import cluster, policy

WORKLOADS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: api, namespace: shop}
spec:
  serviceName: api
  selector: {matchLabels: {app: api2}}
  template: {metadata: {labels: {app: api2}}, spec: {containers: [{name: c}]}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 172.18.0.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: ops}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: ops}
spec: {containers: [{name: c}]}
status: {phase: Succeeded}
"""


def chosen(text: str) -> set[str]:
    of = cluster(WORKLOADS)
    program, found = of.program, choose(text, of)
    names = {str(getattr(program.endpoints[n], "workload", program.endpoints[n].name)) for n in found.endpoints}
    return names | {str(block) for block in found.blocks}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("shop/db", {"shop/db[Pod]"}),
        ("db", {"shop/db[Pod]"}),
        ("shop/api[Deployment]", {"shop/api[Deployment]"}),
        ("shop/*", {"shop/web[Pod]", "shop/db[Pod]", "shop/api[Deployment]", "shop/api[StatefulSet]"}),
        ("*/web", {"shop/web[Pod]", "ops/web[Pod]"}),
        ("ns:team=ops", {"ops/batch[Pod]", "ops/web[Pod]"}),
        ("ns:team=shop,pod:app in (web, db)", {"shop/web[Pod]", "shop/db[Pod]"}),
        ("pod:!app", {"ops/web[Pod]"}),
        ("node:n1", {"n1"}),
        ("172.18.0.2", {"n1"}),
        ("10.0.0.2", {"shop/db[Pod]"}),
        ("192.0.2.7", {"192.0.2.7/32"}),
        ("10.0.0.5/8", {"10.0.0.0/8"}),
        ("internet", {"0.0.0.0/0", "::/0"}),
    ],
)
def test_a_peer_means(text: str, meant: set[str]) -> None:
    assert chosen(text) == meant


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("web", "may mean", "name the one"),
        ("shop/api", r"shop/api\[Deployment\], shop/api\[StatefulSet\]", "name the one"),
        ("shop/bd", "names nothing", "did you mean shop/db"),
        ("ops/done", "names nothing", "has finished"),
        ("node:n9", "no node", "the input holds n1"),
        ("pod:app=nobody", "selects no pod", "reach"),
        ("pod:app=(", "no label selector", "app in"),
        ("ns:a=b,ns:c=d", "twice", "ns:team=a"),
        ("a/b/c", "is no peer", "namespace/name"),
    ],
)
def test_a_peer_that_means_nothing_or_several_things_is_refused_with_a_way_out(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        chosen(text)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("port", "protocol", "meant"),
    [
        (80, None, Asked(None, 80, 80)),
        ("80/udp", None, Asked(Protocol.UDP, 80, 80)),
        ("8000-8080", "TCP", Asked(Protocol.TCP, 8000, 8080)),
        ("dns", None, Asked(None, name="dns")),
        ("dns/UDP", None, Asked(Protocol.UDP, name="dns")),
        (1, "icmp", Asked(Protocol.OTHER)),
    ],
)
def test_a_port_means(port: int | str, protocol: str | None, meant: Asked) -> None:
    assert asked(port, protocol) == meant


@pytest.mark.parametrize("port", ["0", "65536", "90-80", "80/", "-", "", "80/TPC", "a b"])
def test_a_text_that_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(UsageError):
        asked(port)


def test_a_port_with_two_protocols_is_refused() -> None:
    with pytest.raises(UsageError, match="two protocols"):
        asked("80/UDP", "TCP")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a=b", "a=b"),
        ("a==b", "a=b"),
        ("a!=b", "a notin (b)"),
        ("x in (c, b)", "x in (b, c)"),
        ("x notin (c)", "x notin (c)"),
        ("b,a", "a,b"),
        ("!a", "!a"),
        ("a=", "a="),
        ("example.com/x=y, !z", "example.com/x=y,!z"),
    ],
)
def test_a_selector_is_read_as_kubectl_reads_it(text: str, written: str) -> None:
    assert str(selector(text)) == written


ADDRESSED = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: ExternalIP, address: 198.51.100.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: both, namespace: ops}
spec: {containers: [{name: c}]}
status: {podIPs: [{ip: 10.0.2.1}, {ip: "fd00::1"}]}
"""
INSIDE = "ipBlock: {cidr: 192.168.0.0/16}"
OUT = policy("out", f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{{INSIDE}}}]}}]}}")
IN = policy("in", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}", "ops")


@pytest.mark.parametrize(
    ("destination", "allowed"), [("node:n1", None), ("192.168.0.1", True), ("198.51.100.1", False)]
)
def test_a_node_that_is_named_by_an_address_is_met_there(destination: str, allowed: Truth) -> None:
    assert query(cluster(ADDRESSED, OUT), "shop/web", destination, port=80).allowed is allowed


@pytest.mark.parametrize(("destination", "allowed"), [("ops/both", None), ("10.0.2.1", True), ("fd00::1", False)])
def test_an_address_says_of_which_family_the_connection_is(destination: str, allowed: Truth) -> None:
    peer = ADDRESSED.replace("name: both, namespace: ops", "name: peer, namespace: shop")
    peer = peer.replace("10.0.2.1", "10.0.2.2").replace("fd00::1", "fd00::2").partition("---")[2]
    assert query(cluster(ADDRESSED, peer, IN), "shop/peer", destination, port=80).allowed is allowed
