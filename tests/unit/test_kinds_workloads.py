"""What makes pods, and the template that stands for them."""

import pytest

from netsim.ir.objects import ContainerPort, Pod, Workload
from netsim.ir.traffic import Protocol
from tests.unit.ingested import deployment, ingested, kept, problems, refused

TEMPLATE = "{metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{containerPort: 80, name: http}]}]}}"
POD = "{containers: [{name: c}]}"
SELECTOR = "{matchLabels: {app: web}}"


def _text(kind: str, spec: str, *, api_version: str = "apps/v1", rest: str = "") -> str:
    head = f"---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n"
    return f"{head}spec: {spec}\n{rest}"


def _only(text: str) -> Pod:
    (found,) = ingested(text).pods
    return found


@pytest.mark.parametrize(
    ("kind", "api_version", "spec"),
    [
        ("Deployment", "apps/v1", f"{{selector: {SELECTOR}, template: {TEMPLATE}}}"),
        ("StatefulSet", "apps/v1", f"{{selector: {SELECTOR}, serviceName: web, template: {TEMPLATE}}}"),
        ("DaemonSet", "apps/v1", f"{{selector: {SELECTOR}, template: {TEMPLATE}}}"),
        ("ReplicaSet", "apps/v1", f"{{replicas: 0, selector: {SELECTOR}, template: {TEMPLATE}}}"),
        ("ReplicationController", "v1", f"{{selector: {{app: web}}, template: {TEMPLATE}}}"),
        ("ReplicationController", "v1", f"{{template: {TEMPLATE}}}"),
        ("Job", "batch/v1", f"{{template: {TEMPLATE}}}"),
        ("CronJob", "batch/v1", f"{{schedule: '* * * * *', jobTemplate: {{spec: {{template: {TEMPLATE}}}}}}}"),
    ],
)
def test_a_workload_without_pods_is_one_template_pod(kind: str, api_version: str, spec: str) -> None:
    found = _only(_text(kind, spec, api_version=api_version))
    assert found.workload == Workload("shop", "web", kind)
    assert (found.name, found.labels) == ("web", {"app": "web"})
    assert found.ports == (ContainerPort("http", Protocol.TCP, 80),)
    assert found.template
    assert (found.addresses, found.node) == ((), None)


def test_a_template_may_be_on_the_network_of_the_node() -> None:
    assert _only(deployment("web", "{app: web}", pod="{hostNetwork: true, containers: [{name: c}]}")).host_network


@pytest.mark.parametrize(("condition", "pods"), [("Complete", 0), ("Failed", 0), ("Suspended", 1)])
def test_a_job_that_has_ended_makes_no_pod(condition: str, pods: int) -> None:
    status = f"status: {{conditions: [{{type: {condition}, status: 'True'}}]}}"
    text = _text("Job", f"{{template: {TEMPLATE}}}", api_version="batch/v1", rest=status)
    assert len(ingested(text).pods) == pods


def test_a_condition_that_is_false_ends_no_job() -> None:
    status = "status: {conditions: [{type: Complete, status: 'False'}]}"
    assert _only(_text("Job", f"{{template: {TEMPLATE}}}", api_version="batch/v1", rest=status)).template


@pytest.mark.parametrize(
    ("spec", "refusal"),
    [
        (f"{{template: {TEMPLATE}}}", ("NS108", "spec.selector")),
        (f"{{selector: {{}}, template: {TEMPLATE}}}", ("NS108", "spec.selector")),
        (
            f"{{selector: {{matchLabels: {{app: other}}}}, template: {TEMPLATE}}}",
            ("NS122", "spec.template.metadata.labels"),
        ),
        (
            f"{{selector: {{matchExpressions: [{{key: app, operator: DoesNotExist}}]}}, template: {TEMPLATE}}}",
            ("NS122", "spec.template.metadata.labels"),
        ),
        (
            "{selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}",
            ("NS108", "spec.template.spec.containers"),
        ),
        (
            f"{{selector: {SELECTOR}, template: {{metadata: {{labels: {{app: web, a: b c}}}}, spec: {POD}}}}}",
            ("NS111", "spec.template.metadata.labels"),
        ),
        (f"{{selector: {SELECTOR}, templates: {{}}, template: {TEMPLATE}}}", ("NS106", "spec.templates")),
        (f"{{selector: {{matchLabel: {{app: web}}}}, template: {TEMPLATE}}}", ("NS106", "spec.selector.matchLabel")),
        (
            f"{{selector: {{matchLabels: {{app: [web]}}}}, template: {TEMPLATE}}}",
            ("NS107", "spec.selector.matchLabels.app"),
        ),
        (
            f"{{selector: {SELECTOR}, template: {{metadata: {{labels: {{app: [web]}}}}, spec: {POD}}}}}",
            ("NS107", "spec.template.metadata.labels.app"),
        ),
    ],
)
def test_a_deployment_is_refused_for(spec: str, refusal: tuple[str, str]) -> None:
    assert refused(_text("Deployment", spec)) == [refusal]


def test_a_selector_that_is_refused_is_not_compared_with_the_template() -> None:
    selector = "{matchExpressions: [{key: app, operator: in, values: [web]}]}"
    text = _text("Deployment", f"{{selector: {selector}, template: {TEMPLATE}}}")
    assert refused(text) == [("NS112", "spec.selector.matchExpressions[0].operator")]


def test_the_selector_of_a_replication_controller_must_select_its_template() -> None:
    text = _text("ReplicationController", f"{{selector: {{app: x}}, template: {TEMPLATE}}}", api_version="v1")
    assert refused(text) == [("NS122", "spec.template.metadata.labels")]


def test_the_name_of_a_cronjob_leaves_room_for_a_time() -> None:
    spec = f"{{jobTemplate: {{spec: {{template: {TEMPLATE}}}}}}}"
    text = _text("CronJob", spec, api_version="batch/v1").replace("name: web,", f"name: {'a' * 53},")
    assert refused(text) == [("NS109", "metadata.name")]


def test_the_name_of_a_statefulset_has_no_dots() -> None:
    text = _text("StatefulSet", f"{{selector: {SELECTOR}, template: {TEMPLATE}}}").replace("name: web,", "name: a.b,")
    assert refused(text) == [("NS109", "metadata.name")]


def test_a_port_of_a_cronjob_is_refused_where_it_stands() -> None:
    template = "{spec: {containers: [{name: c, ports: [{containerPort: 0}]}]}}"
    text = _text("CronJob", f"{{jobTemplate: {{spec: {{template: {template}}}}}}}", api_version="batch/v1")
    field = "spec.jobTemplate.spec.template.spec.containers[0].ports[0].containerPort"
    assert refused(text) == [("NS108", field)]


def test_a_version_that_is_no_longer_served_is_read_and_said_so() -> None:
    text = _text("Deployment", f"{{template: {TEMPLATE}}}", api_version="extensions/v1beta1")
    found = ingested(text)
    assert [str(pod.workload) for pod in found.pods] == ["shop/web[Deployment]"]
    assert [notice.message for notice in found.warnings] == [
        "1 extensions/v1beta1 Deployment is read as apps/v1: no server serves that version any more"
    ]


def test_a_workload_whose_selector_misses_its_template_is_kept_as_the_template_says() -> None:
    text = _text("Deployment", f"{{selector: {{matchLabels: {{app: x}}}}, template: {TEMPLATE}}}")
    (problem,) = problems(text)
    assert problem.message == "has app=web, which `spec.selector` app=x does not match"
    assert [pod.labels for pod in kept(text).pods] == [{"app": "web"}]
