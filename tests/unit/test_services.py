"""Services and controllers as ends of a question, and what a change of them does."""

import pytest

import netsim
from netsim.errors import UsageError
from netsim.ingest.selectors import selector
from netsim.knowledge import known_controllers, unread_ways_in
from netsim.queries.controllers import INGRESS_CONTROLLER
from tests.build import PODS, cluster, policy

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.5, selector: {app: db}, ports: [{name: sql, port: 80, targetPort: pg}]}
"""

INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: db, namespace: shop}
spec: {defaultBackend: {service: {name: db, port: {name: sql}}}}
"""

ONLY_OPS = policy(
    "ops",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}",
)
BLOCK = policy(
    "block",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: %s}}], ports: [{port: 5432}]}]}",
)


def ask(*texts: str, source: str = "shop/web", destination: str = "svc:shop/db", port: int | str = 80) -> bool | None:
    return netsim.queries.query(cluster(SERVICE, *texts), source, destination, port=port).allowed


@pytest.mark.parametrize("destination", ["svc:shop/db", "svc:db", "10.96.0.5"])
def test_a_service_is_named_by_name_or_by_its_own_address(destination: str) -> None:
    allowed = policy("pg", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}")
    assert ask(allowed, destination=destination) is True


def test_the_port_of_a_service_may_be_in_a_range() -> None:
    assert ask(port="1-100") is True


@pytest.mark.parametrize(
    ("destination", "port", "said"),
    [
        ("svc:shop/db", 81, "has no port 81"),
        ("svc:shop/db", "pg", "has no port pg"),
        ("svc:shop/none", 80, "there is no Service `shop/none`"),
        (INGRESS_CONTROLLER, 80, "can only open connections"),
    ],
)
def test_a_question_that_names_no_port_of_a_service_is_refused(destination: str, port: int | str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ask(destination=destination, port=port)


def test_a_name_of_two_namespaces_must_be_told_apart() -> None:
    with pytest.raises(UsageError, match="may mean ops/db, shop/db"):
        ask("---" + SERVICE.replace("namespace: shop", "namespace: ops"), destination="svc:db")


def test_a_service_without_pods_is_refused_and_never_guessed() -> None:
    bare = "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: shop}, spec: %s}"
    for spec, why in (
        ("{ports: [{port: 80}]}", "it has no selector"),
        ("{type: ExternalName, externalName: example.com}", "it stands for the name example.com"),
        ("{selector: {app: none}, ports: [{port: 80}]}", "it selects app=none"),
    ):
        with pytest.raises(UsageError, match=why):
            ask(bare % spec, destination="svc:shop/x")


def entered(*texts: str) -> dict[str, tuple[str, str]]:
    listing = netsim.queries.reach(cluster(SERVICE, INGRESS, *texts))
    return {r.destination: (str(r.traffic), str(r.unknown)) for r in listing if r.source == INGRESS_CONTROLLER}


def test_an_ingress_lets_the_controller_in_on_the_target_port_alone() -> None:
    assert entered() == {"shop/db[Pod]": ("TCP 5432", "none")}


def test_a_policy_keeps_the_controller_out_and_the_answer_says_so() -> None:
    assert entered(ONLY_OPS) == {}
    warnings = netsim.queries.reach(cluster(SERVICE, INGRESS, ONLY_OPS)).warnings
    assert ["is not let in by NetworkPolicy shop/ops" in notice.message for notice in warnings] == [True]


@pytest.mark.parametrize(
    ("cidr", "told"),
    [("0.0.0.0/0", ("TCP 5432", "none")), ("10.0.0.0/8", ("none", "TCP 5432"))],
)
def test_a_controller_has_an_address_that_nobody_knows(cidr: str, told: tuple[str, str]) -> None:
    assert entered(BLOCK % cidr) == {"shop/db[Pod]": told}
    allowed = {"none": None}.get(told[0], True)
    assert ask(BLOCK % cidr, source=INGRESS_CONTROLLER) is allowed


def test_a_port_that_is_only_a_target_is_taken_for_it_and_said() -> None:
    found = netsim.queries.reach(cluster(SERVICE, INGRESS.replace("{name: sql}", "{name: pg}")))
    assert [way.allowed for way in found.entries] == [True]
    assert any("pg is only its targetPort" in notice.message for notice in found.warnings)


def test_a_listing_can_be_of_the_controller_alone_or_of_one_port() -> None:
    asked = cluster(SERVICE, INGRESS)
    assert {row.source for row in netsim.queries.reach(asked, source=INGRESS_CONTROLLER)} == {INGRESS_CONTROLLER}
    assert len(netsim.queries.reach(asked, source=INGRESS_CONTROLLER, port=443)) == 0
    assert netsim.queries.reach(asked, destination="shop/web").entries == ()


def test_an_explanation_tells_of_the_controller_too() -> None:
    found = netsim.queries.explain(
        cluster(SERVICE, INGRESS, ONLY_OPS), source=INGRESS_CONTROLLER, destination="shop/db"
    )
    (pair,) = found
    assert (pair.source, str(pair.denied)) == (INGRESS_CONTROLLER, "TCP 5432")


def changed(old: list[str], new: list[str], pods: tuple[str, str] = (PODS, PODS)) -> list[tuple[str, list[str]]]:
    found = netsim.queries.diff(cluster(SERVICE, *old, pods=pods[0]), cluster(SERVICE, *new, pods=pods[1]))
    own = (change for change in found if change.source == INGRESS_CONTROLLER)
    return [(change.change, [f"{cause.object} {cause.what}" for cause in change.because]) for change in own]


def test_a_diff_names_the_object_that_opens_a_way_in() -> None:
    assert changed([], [INGRESS]) == [("added", ["Ingress shop/db added"])]
    assert changed([INGRESS], []) == [("removed", ["Ingress shop/db removed"])]


def test_a_diff_names_the_policy_that_closes_a_way_in_and_warns() -> None:
    assert changed([INGRESS], [INGRESS, ONLY_OPS]) == [("removed", ["NetworkPolicy shop/ops isolates"])]
    found = netsim.queries.diff(cluster(SERVICE, INGRESS), cluster(SERVICE, INGRESS, ONLY_OPS))
    assert any("is not let in by NetworkPolicy shop/ops" in notice.message for notice in found.warnings)


def test_a_diff_names_the_workload_whose_port_has_changed() -> None:
    moved = PODS.replace("containerPort: 5432", "containerPort: 5433")
    assert changed([INGRESS], [INGRESS], (PODS, moved)) == [("changed", ["Pod shop/db changed"])]


def test_a_diff_without_a_change_of_what_enters_says_nothing_of_it() -> None:
    assert changed([INGRESS], [INGRESS]) == []


def test_every_selector_of_the_table_of_controllers_can_be_read() -> None:
    for controller in known_controllers():
        assert controller.controllers
        assert set(controller.kinds) <= {"Ingress", "Gateway", "Route"}
        assert all(selector(text).requirements for text in controller.pods)


def test_a_way_in_that_is_not_read_is_said_aloud() -> None:
    assert ("traefik.io", "IngressRoute") in unread_ways_in()
    other = "{apiVersion: traefik.io/v1alpha1, kind: IngressRoute, metadata: {name: r, namespace: shop}}"
    warnings = netsim.queries.reach(cluster(other)).warnings
    assert any("IngressRoute is not read" in notice.message for notice in warnings)


NAMED_TWICE = """
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop, labels: {app: two}}
spec:
  containers:
  - name: c
    ports: [{name: u, containerPort: 53, protocol: UDP}, {name: t, containerPort: 9}]
  - name: d
    ports: [{name: u, containerPort: 80}]
"""


def test_a_named_target_is_of_the_protocol_of_its_port() -> None:
    spec = "{selector: {app: two}, ports: [{port: 1, targetPort: u}]}"
    service = f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: two, namespace: shop}}\nspec: {spec}\n"
    (flow,) = netsim.queries.query(cluster(NAMED_TWICE, service), "shop/web", "svc:two", port=1).flows
    assert (flow.flow.port, str(flow.flow.protocol)) == (80, "TCP")


def test_an_ingress_never_leads_to_a_udp_port() -> None:
    udp = SERVICE.replace("port: 80,", "port: 80, protocol: UDP,")
    found = netsim.queries.reach(cluster(udp, INGRESS))
    assert found.entries == ()
    assert any("it has no port sql; its ports: sql (80/UDP)" in notice.message for notice in found.warnings)
