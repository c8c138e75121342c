"""The ways in of the fixtures are exactly those listed, and what is said of them."""

import csv
from io import StringIO
from pathlib import Path

import pytest

import netsim

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LISTED = sorted(FIXTURES.rglob("expected/entries.csv"))
TRUTHS = {True: "true", False: "false", None: "unknown"}


def _name(path: Path) -> str:
    return path.parents[1].relative_to(FIXTURES).as_posix()


@pytest.mark.parametrize("path", LISTED, ids=_name)
def test_the_ways_in_are_exactly_those_listed(path: Path) -> None:
    answer = netsim.load(path.parents[1] / "manifests").reach()
    found = [
        (way.kind, way.name, way.source, way.destination, str(way.traffic), way.via, TRUTHS[way.allowed])
        for way in answer.entries
    ]
    with path.open(encoding="utf-8", newline="") as text:
        assert sorted(found) == sorted(tuple(row.values()) for row in csv.DictReader(text))


def warnings(case: str) -> list[str]:
    return [notice.message for notice in netsim.load(FIXTURES / case / "manifests").reach().warnings]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("kind-service/deny", "Service shop/by-hand is open to the outside: it has no selector, so that its endpoints"),
        ("kind-service/deny", "Service shop/web port 81 -> 8081: no pod that it selects declares that port"),
        (
            "kind-service/deny",
            "LoadBalancer shop/web leads to shop/web[Deployment] TCP 8081, and no outside address is",
        ),
        ("kind-ingress/deny", "Ingress shop/shop leads to Service shop/gone: it is not in the input"),
        ("kind-ingress/deny", "Service shop/old port 70 -> 7001: no pod that it selects declares that port"),
        (
            "kind-ingress/deny",
            "Ingress shop/shop leads to shop/web[Deployment] TCP 8080, and a controller without labels",
        ),
        ("kind-gateway/allow", "GRPCRoute ops/web: Gateway ops/private is not in the input: it is taken to accept"),
        ("kind-gateway/deny", "TCPRoute shop/web: no listener of Gateway edge/public takes it"),
        ("kind-gateway/deny", "UDPRoute shop/dns: no listener of Gateway edge/public takes it"),
        (
            "kind-gateway/deny",
            "HTTPRoute shop/web leads to Service data/db: it is of another namespace, and no Reference",
        ),
        (
            "kind-gateway/deny",
            "HTTPRoute shop/web leads to shop/web[Deployment] TCP 8080, and its controller is not let in",
        ),
        (
            "kind-route/deny",
            "Route shop/web leads to shop/web[Deployment] TCP 8080, and its controller is not let in by",
        ),
    ],
)
def test_what_leads_nowhere_or_is_blocked_is_said(case: str, said: str) -> None:
    assert [message for message in warnings(case) if message.startswith(said)]


DUAL = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
status: {podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {SPEC, selector: {app: web}, ports: [{port: 80}]}
"""


@pytest.mark.parametrize(
    ("spec", "sources"),
    [
        ("type: NodePort", {"0.0.0.0/0", "::/0"}),
        ("type: NodePort, ipFamilies: [IPv6]", {"::/0"}),
        ("type: NodePort, clusterIP: 10.96.0.1", {"0.0.0.0/0"}),
        ("externalIPs: ['2001:db8::1']", {"::/0"}),
        (
            "type: LoadBalancer, ipFamilies: [IPv6], loadBalancerSourceRanges: [192.0.2.0/24, '2001:db8::/32']",
            {"2001:db8::/32", "::/0"},
        ),
        ("type: LoadBalancer, clusterIP: 'fd01::1', loadBalancerSourceRanges: [192.0.2.0/24]", {"::/0"}),
    ],
)
def test_clients_come_in_by_the_families_that_a_service_has(spec: str, sources: set[str]) -> None:
    found = netsim.load(StringIO(DUAL.replace("SPEC", spec))).reach().entries
    assert {way.source for way in found} == sources


@pytest.mark.parametrize("case", ["kind-service/allow", "kind-ingress/allow", "kind-route/allow"])
def test_nothing_is_said_where_all_is_well(case: str) -> None:
    assert not [message for message in warnings(case) if "leads to" in message or "declares" in message]


GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec:
  gatewayClassName: any
  listeners: [{name: one, port: 443, protocol: %s%s}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: public}]
  hostnames: [%s]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""


@pytest.mark.parametrize(
    ("listener", "route", "taken"),
    [
        ("", "a.example.com", True),
        ("a.example.com", "", True),
        ("a.example.com", "b.example.com", False),
        ("a.example.com", "'*.example.com'", True),
        ("example.com", "'*.example.com'", False),
        ("'*.example.com'", "example.com", False),
        ("'*.example.com'", "a.b.example.com", True),
        ("'*.example.com'", "badexample.com", False),
        ("'*.example.com'", "'*.b.example.com'", True),
        ("'*.b.example.com'", "'*.example.com'", True),
        ("'*.b.example.com'", "'*.c.example.com'", False),
        ("'*.ab.example.com'", "'*.b.example.com'", False),
        ("a.example.com", "b.example.com, a.example.com", True),
    ],
)
def test_a_listener_and_a_route_must_share_a_name(listener: str, route: str, *, taken: bool) -> None:
    host = f", hostname: {listener}" if listener else ""
    cluster = netsim.load(StringIO(GATEWAY % ("HTTPS", host, route)))
    refused = "HTTPRoute shop/web: no listener of Gateway shop/public takes it: nothing enters there"
    assert (refused not in {notice.message for notice in cluster.reach().warnings}) is taken


def test_a_denial_of_a_controller_that_is_not_in_the_input_tells_what_nearly_matched() -> None:
    cluster = netsim.load(FIXTURES / "kind-ingress" / "deny" / "manifests")
    told = str(cluster.explain(source="{ingress-controller}", destination=["shop/web", "shop/api"]))
    assert "from[0] wants namespace ingress-nginx; the source is in {ingress-controller}" in told
    assert "from[0] wants an address in 10.0.0.0/8; the source has none there" in told


def test_a_verdict_that_hangs_on_the_address_of_a_controller_says_so_and_how_to_know() -> None:
    told = str(netsim.load(FIXTURES / "kind-ingress" / "deny").query("{ingress-controller}", "svc:shop/api", port=90))
    assert "denied   {ingress-controller} at 11.0.0.0 -> shop/api TCP 9000" in told
    assert "the source has none there" in told
    assert "way out: add the pods of the controller to the input" in told


TWO_CONTROLLERS = """
apiVersion: v1
kind: Pod
metadata: {name: traefik, namespace: edge, labels: {app.kubernetes.io/name: traefik}}
spec: {containers: [{name: one, image: one}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: ours}
spec: {controller: traefik.io/ingress-controller}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: theirs}
spec: {controller: example.com/nobody-knows}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-edge, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]}]}
"""
LED_TO = """
---
apiVersion: v1
kind: Pod
metadata: {name: %(name)s, namespace: shop, labels: {app: %(name)s}}
spec: {containers: [{name: one, image: one}]}
---
apiVersion: v1
kind: Service
metadata: {name: %(name)s, namespace: shop}
spec: {selector: {app: %(name)s}, ports: [{port: 80, targetPort: 8080}]}
"""
LEADING = """
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %(name)s, namespace: shop}
spec: {ingressClassName: %(of)s, defaultBackend: {service: {name: %(name)s, port: {number: 80}}}}
"""
CONTROLLER = "{ingress-controller}"


def led(*ways: tuple[str, str], network: str = "") -> netsim.Cluster:
    """Return a cluster with pods of these names, each led to by an Ingress of a class, or by none."""
    text = TWO_CONTROLLERS + network
    for name, of in ways:
        text += LED_TO % {"name": name} + (LEADING % {"name": name, "of": of} if of else "")
    return netsim.load(StringIO(text))


def listed(cluster: netsim.Cluster, name: str) -> dict[str, bool | None]:
    """Return who comes to a pod by Ingresses, and whether policies let it."""
    return {way.source: way.allowed for way in cluster.reach(pods=True).entries if way.destination == f"shop/{name}"}


def asked(cluster: netsim.Cluster, name: str) -> bool | None:
    return cluster.query(CONTROLLER, f"shop/{name}", port=8080).allowed


def test_who_forwards_to_a_pod_is_who_is_asked_about_and_who_is_listed() -> None:
    cluster = led(("ours", "ours"), ("theirs", "theirs"))
    assert listed(cluster, "ours") == {"edge/traefik": True}
    assert asked(cluster, "ours") is True
    assert listed(cluster, "theirs") == {CONTROLLER: False}
    assert asked(cluster, "theirs") is False
    rows = {(row.source, row.destination) for row in cluster.reach(source=CONTROLLER)}
    assert rows == {("edge/traefik[Pod]", f"shop/{name}[Pod]") for name in ("ours", "theirs")} | {
        ("edge/traefik[Pod]", "0.0.0.0/0")
    }


def test_a_class_of_an_absent_controller_is_not_served_by_another_that_is_in_the_input() -> None:
    cluster = led(("theirs", "theirs"))
    assert listed(cluster, "theirs") == {CONTROLLER: False}
    assert asked(cluster, "theirs") is False
    assert list(cluster.reach(source=CONTROLLER)) == []
    assert cluster.query("edge/traefik", "shop/theirs", port=8080).allowed is True


def test_where_nothing_leads_to_a_pod_whoever_forwards_is_asked_about() -> None:
    assert asked(led(("web", "ours"), ("alone", "")), "alone") is True
    assert asked(led(("web", "theirs"), ("alone", "")), "alone") is False
    assert asked(led(("web", "ours"), ("other", "theirs"), ("alone", "")), "alone") is None
    assert asked(led(("alone", "")), "alone") is True


OWN_NETWORK = """
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {k8s.ovn.org/primary-user-defined-network: ""}}
---
apiVersion: k8s.ovn.org/v1
kind: UserDefinedNetwork
metadata: {name: own, namespace: shop}
spec: {topology: Layer2, layer2: {role: Primary, subnets: [10.9.0.0/16]}}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: everybody}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Accept, from: [{namespaces: {}}]}]}
"""


def test_what_enters_by_a_service_enters_a_network_of_its_own_listed_or_asked_about() -> None:
    cluster = led(("theirs", "theirs"), network=OWN_NETWORK)
    assert listed(cluster, "theirs") == {CONTROLLER: True}
    assert asked(cluster, "theirs") is True


def test_that_a_controller_is_on_a_network_of_its_own_is_assumed_where_it_is_not_in_the_input_and_said() -> None:
    said = "{ingress-controller} is taken to be on the network of whom it leads to"
    apart, shared = led(("theirs", "theirs"), network=OWN_NETWORK), led(("theirs", "theirs"))
    for answer in (apart.reach(), apart.query(CONTROLLER, "shop/theirs", port=8080)):
        assert [text.startswith(said) for text in answer.assumptions].count(True) == 1
    for answer in (shared.reach(), shared.query(CONTROLLER, "shop/theirs", port=8080)):
        assert not [text for text in answer.assumptions if text.startswith(said)]


def test_a_controller_that_is_in_the_input_and_on_the_pod_network_does_not_come_to_another() -> None:
    cluster = led(("web", "ours"), network=OWN_NETWORK)
    assert set(listed(cluster, "web").values()) == {False}
    assert asked(cluster, "web") is False


def test_a_controller_that_is_not_in_the_input_is_on_no_secondary_network() -> None:
    attached = LED_TO.replace("{app: %(name)s}}", "{app: %(name)s}, annotations: {k8s.v1.cni.cncf.io/networks: fast}}")
    text = TWO_CONTROLLERS + (attached + LEADING) % {"name": "theirs", "of": "theirs"}
    cluster = netsim.load(StringIO(text))
    assert len(cluster.snapshot.networks) == 1
    assert listed(cluster, "theirs") == {CONTROLLER: False}
    assert asked(cluster, "theirs") is False


FOUR = "status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}"
SIX = """
---
apiVersion: v1
kind: Pod
metadata: {name: six, namespace: shop}
spec: {containers: [{name: one, image: one}]}
status: {podIP: 'fd00::1', podIPs: [{ip: 'fd00::1'}]}
"""


def test_addresses_of_a_controller_are_asked_about_in_the_families_of_the_pod() -> None:
    # Of IPv4 every address is let in, of IPv6 none; the pod has IPv4 alone.
    halves = "[{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]"
    text = TWO_CONTROLLERS.replace(
        "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]", halves
    ) + (LED_TO + LEADING) % {"name": "theirs", "of": "theirs"}
    text = text.replace(
        "image: one}]}\n---\napiVersion: v1\nkind: Service",
        f"image: one}}]}}\n{FOUR}\n---\napiVersion: v1\nkind: Service",
    )
    cluster = netsim.load(StringIO(text + SIX))
    assert listed(cluster, "theirs") == {CONTROLLER: True}
    assert asked(cluster, "theirs") is True
