"""What a change does to the ways into a cluster."""

from netsim import queries
from netsim.queries.entrances import Entrance
from tests.build import cluster, policy

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {SPEC, selector: {app: web}}\n"
INSIDE = SERVICE.replace("SPEC", "ports: [{port: 80, targetPort: 8080}]")
BALANCED = SERVICE.replace("SPEC", "type: LoadBalancer, ports: [{port: 80, targetPort: 8080}]")
TWO_PORTS = SERVICE.replace(
    "SPEC", "type: LoadBalancer, ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81}]"
)
INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
)


def entrances(old: list[str], new: list[str], **asked: str) -> list[Entrance]:
    return [*queries.diff(cluster(*old), cluster(*new), **asked).entries]


def from_blocks(*blocks: str) -> str:
    peers = ", ".join(f"{{ipBlock: {{cidr: {block}}}}}" for block in blocks)
    return policy("web", f"{{podSelector: {{matchLabels: {{app: web}}}}, ingress: [{{from: [{peers}]}}]}}")


def because(entrance: Entrance) -> list[tuple[str, str | None, str]]:
    return [(cause.object, cause.rule, cause.what) for cause in entrance.because]


def test_a_service_that_becomes_a_load_balancer_is_a_new_way_in_though_no_connection_differs() -> None:
    found = queries.diff(cluster(INSIDE), cluster(BALANCED))
    assert not found.changes
    (way,) = found.entries
    assert (way.change, way.kind, way.name, way.source) == ("added", "LoadBalancer", "shop/web", "0.0.0.0/0")
    assert (way.destination, str(way.new), [str(risk) for risk in way.risks]) == (
        "shop/web[Pod]",
        "TCP 8080",
        ["internet"],
    )
    assert because(way) == [("Service shop/web", None, "changed")]
    assert found.opens
    assert not found.closes
    assert found.exposed == ("shop/web[Pod]",)


def test_a_way_in_that_goes_is_told_where_it_stood() -> None:
    (way,) = entrances([BALANCED], [])
    assert (way.change, str(way.old), way.risks) == ("removed", "TCP 8080", ())
    assert because(way) == [("Service shop/web", None, "removed")]


def test_a_policy_that_narrows_a_way_in_closes_the_rest_and_opens_nothing() -> None:
    found = entrances([BALANCED, from_blocks("198.51.100.0/24")], [BALANCED, from_blocks("198.51.100.0/25")])
    assert [(way.change, way.source) for way in found] == [("removed", "198.51.100.128/25")]
    assert because(found[0]) == [
        ("NetworkPolicy shop/web", None, "isolates"),
        ("NetworkPolicy shop/web", "ingress[0]", "allows"),
    ]


def test_another_port_of_a_service_changes_its_way_in() -> None:
    (way,) = entrances([BALANCED], [TWO_PORTS])
    assert (way.change, str(way.old), str(way.new)) == ("changed", "TCP 8080", "TCP 81,8080")


def test_an_ingress_that_a_policy_blocks_is_no_way_in() -> None:
    closed = policy("web", "{podSelector: {matchLabels: {app: web}}}")
    assert not entrances([INSIDE, closed], [INSIDE, INGRESS, closed])
    (way,) = entrances([INSIDE, INGRESS, closed], [INSIDE, INGRESS])
    assert (way.kind, way.source) == ("Ingress", "{ingress-controller}")
    assert ("NetworkPolicy shop/web", None, "isolates") in because(way)


def test_what_an_ingress_lets_in_comes_from_the_internet() -> None:
    found = queries.diff(cluster(INSIDE), cluster(INSIDE, INGRESS))
    assert found.exposed == ("shop/web[Pod]",)
    assert {each.source for each in (*found.changes, *found.entries)} == {"{ingress-controller}"}


def test_ways_in_are_asked_about_as_connections_are() -> None:
    assert not entrances([INSIDE], [BALANCED], destination="shop/db")
    assert not entrances([INSIDE], [BALANCED], port="9090")
    assert entrances([INSIDE], [BALANCED], port="8080", destination="shop/web")


def test_the_same_ways_in_are_no_difference_though_their_lines_moved() -> None:
    assert not entrances([BALANCED, INGRESS], ["# a comment", BALANCED, INGRESS])
