"""Ingress, the Gateway API and OpenShift's Route, as they are read."""

import pytest

from netsim.ir.entries import Backend, ControllerClass, Entry, Gateway, Parent, ReferenceGrant
from netsim.ir.labels import EVERYTHING
from netsim.ir.place import NOWHERE
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, problems, refused

GATEWAY_API = "gateway.networking.k8s.io/v1"


def text(kind: str, spec: str, *, version: str = "networking.k8s.io/v1", metadata: str = "") -> str:
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: e, namespace: shop, {metadata}}}, spec: {spec}}}"


def entry(kind: str, spec: str, *, version: str = "networking.k8s.io/v1", metadata: str = "") -> Entry:
    (found,) = ingested(text(kind, spec, version=version, metadata=metadata)).entries
    return found


def backend(name: str, port: int | str | None, namespace: str = "shop", protocol: Protocol = Protocol.TCP) -> Backend:
    return Backend(namespace=namespace, name=name, port=port, protocol=protocol, place=NOWHERE)


PATH = "{path: /, pathType: Prefix, backend: {service: {name: web, port: {%s}}}}"


def test_an_ingress_leads_to_its_default_and_to_every_path() -> None:
    paths = ", ".join(PATH % port for port in ("number: 80", "name: http"))
    found = entry(
        "Ingress",
        f"{{defaultBackend: {{service: {{name: d, port: {{number: 1}}}}}}, rules: [{{http: {{paths: [{paths}]}}}}]}}",
    )
    assert found.backends == (backend("d", 1), backend("web", 80), backend("web", "http"))


def test_a_rule_without_http_leads_to_the_default_alone() -> None:
    found = entry(
        "Ingress", "{rules: [{host: a.example.com}], defaultBackend: {service: {name: d, port: {number: 1}}}}"
    )
    assert found.backends == (backend("d", 1),)


def test_the_class_of_an_ingress_may_stand_in_an_annotation() -> None:
    spec = "{defaultBackend: {service: {name: d, port: {number: 1}}}}"
    annotated = entry("Ingress", spec, metadata="annotations: {kubernetes.io/ingress.class: nginx}")
    assert (annotated.class_name, entry("Ingress", spec).class_name) == ("nginx", None)


def test_a_resource_as_backend_is_said_not_to_be_known() -> None:
    found = ingested(text("Ingress", "{defaultBackend: {resource: {kind: Bucket, name: b}}}"))
    assert found.entries[0].backends == ()
    assert ["leads to a Bucket" in notice.message for notice in found.warnings] == [True]


@pytest.mark.parametrize(
    ("spec", "refusals"),
    [
        ("{}", [("NS108", "spec")]),
        (
            "{ingressClassName: A, defaultBackend: {service: {name: a, port: {number: 1}}}}",
            [("NS109", "spec.ingressClassName")],
        ),
        ("{defaultBackend: {service: {port: {number: 1}}}}", [("NS108", "spec.defaultBackend.service.name")]),
        ("{defaultBackend: {service: {name: 1a, port: {number: 1}}}}", [("NS109", "spec.defaultBackend.service.name")]),
        ("{defaultBackend: {service: {name: a}}}", [("NS108", "spec.defaultBackend.service.port")]),
        (
            "{defaultBackend: {service: {name: a, port: {name: A}}}}",
            [("NS113", "spec.defaultBackend.service.port.name")],
        ),
        ("{rules: [{http: {}}]}", [("NS108", "spec.rules[0].http.paths")]),
        ("{rules: [{host: a_b}]}", [("NS109", "spec.rules[0].host")]),
        ("{rule: [{}], defaultBackend: {service: {name: a, port: {number: 1}}}}", [("NS106", "spec.rule")]),
    ],
)
def test_an_ingress_is_refused_for(spec: str, refusals: list[tuple[str, str]]) -> None:
    assert refused(text("Ingress", spec)) == refusals


def test_two_classes_of_one_ingress_must_agree() -> None:
    spec = "{ingressClassName: a, defaultBackend: {service: {name: d, port: {number: 1}}}}"
    annotated = text("Ingress", spec, metadata="annotations: {kubernetes.io/ingress.class: b}")
    assert refused(annotated) == [("NS123", "metadata.annotations")]


@pytest.mark.parametrize("version", ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
def test_an_ingress_of_a_version_that_is_gone_is_refused_with_the_one_to_write(version: str) -> None:
    (found,) = problems(text("Ingress", "{backend: {serviceName: a, servicePort: 80}}", version=version))
    assert (found.code, "networking.k8s.io/v1" in found.hint) == ("NS121", True)


def test_an_ingress_class_tells_its_controller_and_whether_it_is_the_default() -> None:
    manifest = (
        "{apiVersion: networking.k8s.io/v1, kind: IngressClass, spec: {controller: example.com/c}, metadata: "
        "{name: c, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}}"
    )
    assert ingested(manifest).classes == (
        ControllerClass(kind="IngressClass", name="c", controller="example.com/c", default=True, place=NOWHERE),
    )


def test_a_route_names_gateways_and_services_of_its_own_namespace_unless_it_says_otherwise() -> None:
    spec = (
        "{parentRefs: [{name: a}, {name: b, namespace: edge, sectionName: s, port: 80}, {kind: Service, name: m}],"
        " rules: [{backendRefs: [{name: web, port: 80}, {name: db, namespace: data, port: 1},"
        " {name: idle, port: 1, weight: 0}]}]}"
    )
    found = entry("HTTPRoute", spec, version=GATEWAY_API)
    assert found.parents == (
        Parent(namespace="shop", name="a", place=NOWHERE),
        Parent(namespace="edge", name="b", section="s", port=80, place=NOWHERE),
    )
    assert found.backends == (backend("web", 80), backend("db", 1, "data"))


def test_a_mirror_of_requests_is_a_backend() -> None:
    mirror = "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: %s, port: 80}}}]"
    spec = f"{{rules: [{{{mirror % 'm1'}, backendRefs: [{{name: web, port: 80, {mirror % 'm2'}}}]}}]}}"
    assert [each.name for each in entry("HTTPRoute", spec, version=GATEWAY_API).backends] == ["m1", "web", "m2"]
    idle = entry(
        "HTTPRoute", spec.replace("name: web, port: 80", "name: web, port: 80, weight: 0"), version=GATEWAY_API
    )
    assert [each.name for each in idle.backends] == ["m1"]


def test_only_a_udp_route_leads_to_udp_ports() -> None:
    spec = "{rules: [{backendRefs: [{name: dns, port: 53}]}]}"
    assert entry("UDPRoute", spec, version="gateway.networking.k8s.io/v1alpha2").backends[0].protocol is Protocol.UDP
    assert entry("TLSRoute", spec, version="gateway.networking.k8s.io/v1alpha3").backends[0].protocol is Protocol.TCP


def test_what_is_no_service_and_no_gateway_is_said_not_to_be_known() -> None:
    spec = "{parentRefs: [{kind: ListenerSet, name: l}], rules: [{backendRefs: [{group: a.b, kind: Lambda, name: x}]}]}"
    messages = [notice.message for notice in ingested(text("HTTPRoute", spec, version=GATEWAY_API)).warnings]
    assert sorted(word for word in ("Lambda", "ListenerSet") for message in messages if word in message) == [
        "Lambda",
        "ListenerSet",
    ]


def gateway(listener: str) -> Gateway:
    spec = f"{{gatewayClassName: c, listeners: [{{name: l, port: 80, {listener}}}]}}"
    (found,) = ingested(text("Gateway", spec, version=GATEWAY_API)).gateways
    return found


@pytest.mark.parametrize(
    ("listener", "kinds", "own"),
    [
        ("protocol: HTTP", {"HTTPRoute", "GRPCRoute"}, True),
        ("protocol: TLS", {"TLSRoute", "TCPRoute"}, True),
        ("protocol: HTTP, allowedRoutes: {kinds: [{kind: HTTPRoute}], namespaces: {from: All}}", {"HTTPRoute"}, False),
        ("protocol: HTTP, allowedRoutes: {namespaces: {from: None}}", set(), True),
        ("protocol: example.com/own", {"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"}, True),
        ("protocol: TLS, tls: {mode: Passthrough}", {"TLSRoute"}, True),
        ("protocol: HTTP, allowedRoutes: {kinds: [{kind: TCPRoute}, {kind: GRPCRoute}]}", {"GRPCRoute"}, True),
        ("protocol: HTTP, allowedRoutes: {kinds: []}", {"HTTPRoute", "GRPCRoute"}, True),
    ],
)
def test_a_listener_takes_kinds_by_its_protocol_and_namespaces_by_its_word(
    listener: str,
    kinds: set[str],
    own: bool,  # noqa: FBT001 - a column of a table of cases
) -> None:
    (found,) = gateway(listener).listeners
    assert (set(found.kinds), found.namespaces) == (kinds, None if own else EVERYTHING)


@pytest.mark.parametrize(
    ("listeners", "refusals"),
    [
        ("{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP, hostname: x.io}", []),
        ("{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}", [("NS120", "spec.listeners[1]")]),
        ("{name: Web, port: 80, protocol: HTTP}", [("NS109", "spec.listeners[0].name")]),
        ("{name: a, port: 53, protocol: UDP, hostname: x.io}", [("NS123", "spec.listeners[0].hostname")]),
        ("{name: a, port: 80, protocol: HTTP, tls: {mode: Terminate}}", [("NS123", "spec.listeners[0].tls")]),
        ("{name: a, port: 443, protocol: HTTPS, tls: {mode: Passthrough}}", [("NS123", "spec.listeners[0].tls.mode")]),
        ("{name: a, port: 443, protocol: TLS, tls: {mode: Open}}", [("NS123", "spec.listeners[0].tls.mode")]),
    ],
)
def test_a_gateway_is_refused_for(listeners: str, refusals: list[tuple[str, str]]) -> None:
    assert (
        refused(text("Gateway", f"{{gatewayClassName: c, listeners: [{listeners}]}}", version=GATEWAY_API)) == refusals
    )


def test_a_protocol_that_is_nobodys_is_said_to_be_taken_for_any() -> None:
    spec = "{gatewayClassName: c, listeners: [{name: a, port: 80, protocol: http}]}"
    (notice,) = ingested(text("Gateway", spec, version=GATEWAY_API)).warnings
    assert "was taken to accept every route" in notice.message


def test_a_grant_says_of_which_groups_it_speaks() -> None:
    spec = "{from: [{kind: HTTPRoute, namespace: ops}], to: [{kind: Service}]}"
    places = [("NS108", "spec.from[0].group"), ("NS108", "spec.to[0].group")]
    assert refused(text("ReferenceGrant", spec, version="gateway.networking.k8s.io/v1beta1")) == places


def test_a_grant_is_about_services_alone() -> None:
    spec = (
        "{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ops},"
        " {group: example.com, kind: Other, namespace: ops}],"
        " to: [{group: '', kind: Service}, {group: '', kind: Secret, name: s}]}"
    )
    found = ingested(text("ReferenceGrant", spec, version="gateway.networking.k8s.io/v1beta1")).grants
    assert found == (
        ReferenceGrant(
            namespace="shop",
            name="e",
            sources=frozenset({("HTTPRoute", "ops")}),
            services=frozenset({None}),
            place=NOWHERE,
        ),
    )


OPENSHIFT = "route.openshift.io/v1"


@pytest.mark.parametrize(("port", "meant"), [("http", "http"), ("8080", 8080), ("'8080'", 8080), ("null", None)])
def test_a_route_of_openshift_names_a_port_by_name_or_number(port: str, meant: int | str | None) -> None:
    found = entry("Route", f"{{to: {{kind: Service, name: web}}, port: {{targetPort: {port}}}}}", version=OPENSHIFT)
    assert found.backends == (backend("web", meant),)


def test_a_kind_of_another_group_is_not_taken_for_ours() -> None:
    others = ("serving.knative.dev/v1, kind: Route", "networking.istio.io/v1, kind: Gateway")
    found = ingested(*(f"{{apiVersion: {each}, metadata: {{name: r}}}}" for each in others))
    assert (found.entries, found.gateways, len(found.unmodelled)) == ((), (), 2)
