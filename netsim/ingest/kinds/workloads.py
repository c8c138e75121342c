"""What makes pods: Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob."""

from netsim.ingest.document import Path
from netsim.ingest.kinds.attachments import attachments
from netsim.ingest.kinds.kind import AnyKind, Controller, Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, Texts, check_labels, crown_jewel, texts
from netsim.ingest.kinds.pods import controller_of
from netsim.ingest.kinds.podspec import NO_SPEC, PodSpec, check_spec, container_images, container_ports
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, matches, selector
from netsim.ingest.schema import Model
from netsim.ingest.validation import Rule, dns_label, dns_subdomain
from netsim.ir.labels import Labels, Selector
from netsim.ir.objects import Pod, Workload


class Template(Model, frozen=True):
    """What the pods of a workload are made from."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None


class Spec(Model, frozen=True):
    """The spec of a workload whose selector is a LabelSelector."""

    selector: LabelSelector | None = None
    template: Template | None = None


class Written(Model, frozen=True):
    """Deployment, StatefulSet, DaemonSet, ReplicaSet."""

    metadata: Metadata | None = None
    spec: Spec | None = None


class OldSpec(Model, frozen=True):
    """The spec of a ReplicationController, whose selector is plain labels."""

    selector: Texts | None = None
    template: Template | None = None


class WrittenReplicationController(Model, frozen=True):
    """ReplicationController."""

    metadata: Metadata | None = None
    spec: OldSpec | None = None


class Condition(Model, frozen=True):
    """What became of a Job."""

    type: str | None = None
    status: str | None = None


class JobStatus(Model, frozen=True):
    """The status of a Job."""

    conditions: list[Condition | None] | None = None


class WrittenJob(Model, frozen=True):
    """Job; its selector is made by the server."""

    metadata: Metadata | None = None
    spec: Spec | None = None
    status: JobStatus | None = None


class JobTemplate(Model, frozen=True):
    """What the Jobs of a CronJob are made from."""

    metadata: Metadata | None = None
    spec: Spec | None = None


class CronJobSpec(Model, frozen=True):
    """The spec of a CronJob."""

    job_template: JobTemplate | None = None


class WrittenCronJob(Model, frozen=True):
    """CronJob."""

    metadata: Metadata | None = None
    spec: CronJobSpec | None = None


_TEMPLATE: Path = ("spec", "template")
_CRONJOB_TEMPLATE: Path = ("spec", "jobTemplate", "spec", "template")
_NO_METADATA, _NO_SPEC, _NO_TEMPLATE = Metadata(), Spec(), Template()
#: The names of a CronJob's Jobs end in a time of 11 characters.
_CRONJOB_NAME_LENGTH = 52


def _check_spec(workload: Written, reading: Reading) -> None:
    spec = workload.spec or _NO_SPEC
    readable = check_selector(spec.selector, ("spec", "selector"), reading)
    _check_template(spec.template, _TEMPLATE, reading)
    if readable:
        _check_agreement(selector(spec.selector), _labels(spec.template), reading)


def _check_agreement(chosen: Selector, labels: Labels, reading: Reading) -> None:
    # The versions that are no longer served made the selector from the template's labels.
    if not chosen.requirements and reading.document.api_version == "apps/v1":
        hint = "select the labels of `spec.template.metadata.labels`"
        reading.refuse("NS108", ("spec", "selector"), "is required, and must not be empty", hint=hint)
    elif not matches(chosen, labels):
        _refuse_mismatch(str(chosen), labels, reading)


def _check_old(workload: WrittenReplicationController, reading: Reading) -> None:
    spec = workload.spec or OldSpec()
    check_labels(spec.selector, ("spec", "selector"), reading)
    _check_template(spec.template, _TEMPLATE, reading)
    labels = _labels(spec.template)
    if not texts(spec.selector).items() <= labels.items():
        _refuse_mismatch(",".join(f"{key}={value}" for key, value in texts(spec.selector).items()), labels, reading)


def _refuse_mismatch(chosen: str, labels: Labels, reading: Reading) -> None:
    written = ",".join(f"{key}={value}" for key, value in labels.items()) or "no labels"
    message = f"has {written}, which `spec.selector` {chosen} does not match"
    reading.refuse("NS122", ("spec", "template", "metadata", "labels"), message, hint="let the two agree")


def _check_job(job: WrittenJob, reading: Reading) -> None:
    spec = job.spec or _NO_SPEC
    check_selector(spec.selector, ("spec", "selector"), reading)
    _check_template(spec.template, _TEMPLATE, reading)


def _check_cronjob(cronjob: WrittenCronJob, reading: Reading) -> None:
    _check_template(_cronjob_template(cronjob), _CRONJOB_TEMPLATE, reading)


def _check_template(template: Template | None, path: Path, reading: Reading) -> None:
    template = template or _NO_TEMPLATE
    if template.metadata:
        check_labels(template.metadata.labels, (*path, "metadata", "labels"), reading)
    check_spec(template.spec or NO_SPEC, (*path, "spec"), reading)


def _labels(template: Template | None) -> Labels:
    return texts(template.metadata.labels) if template and template.metadata else {}


def _annotations(template: Template | None) -> Texts | None:
    return template.metadata.annotations if template and template.metadata else None


def _cronjob_template(cronjob: WrittenCronJob) -> Template | None:
    job = cronjob.spec.job_template if cronjob.spec else None
    return job.spec.template if job and job.spec else None


def _read(workload: Written | WrittenReplicationController, reading: Reading) -> Controller:
    return _controller(workload.metadata, workload.spec.template if workload.spec else None, _TEMPLATE, reading)


def _read_job(job: WrittenJob, reading: Reading) -> Controller:
    conditions = job.status.conditions if job.status else None
    # A finished Job makes no pod any more.
    ended = any(c and c.type in ("Complete", "Failed") and c.status == "True" for c in conditions or ())
    return _controller(job.metadata, job.spec.template if job.spec else None, _TEMPLATE, reading, ended=ended)


def _read_cronjob(cronjob: WrittenCronJob, reading: Reading) -> Controller:
    return _controller(cronjob.metadata, _cronjob_template(cronjob), _CRONJOB_TEMPLATE, reading)


def _controller(
    metadata: Metadata | None, template: Template | None, path: Path, reading: Reading, *, ended: bool = False
) -> Controller:
    workload = Workload(reading.namespace, reading.name, reading.kind)
    spec = template.spec if template and template.spec else NO_SPEC
    pod = Pod(
        namespace=reading.namespace,
        name=reading.name,
        labels=_labels(template),
        workload=workload,
        images=container_images(spec),
        ports=container_ports(spec),
        attachments=attachments(_annotations(template), (*path, "metadata", "annotations"), reading),
        host_network=bool(spec.host_network),
        template=True,
        crown_jewel=_is_crown_jewel(metadata, template, path, reading),
        place=reading.place(),
    )
    return Controller(
        workload=workload,
        owner=controller_of((metadata or _NO_METADATA).owner_references, reading.namespace),
        template=None if ended else pod,
        place=pod.place,
    )


def _is_crown_jewel(metadata: Metadata | None, template: Template | None, path: Path, reading: Reading) -> bool:
    own = crown_jewel(metadata, ("metadata",), reading)
    made = crown_jewel(template.metadata if template else None, (*path, "metadata"), reading)
    return own or made


def _cronjob_name(text: str) -> str | None:
    if len(text) > _CRONJOB_NAME_LENGTH:
        return f"has {len(text)} characters, more than {_CRONJOB_NAME_LENGTH}: its Jobs' names end in a time"
    return dns_subdomain(text)


def _apps(name: str, *older: str, naming: Rule = dns_subdomain) -> Kind[Written]:
    versions = ("apps/v1", *older)
    return Kind(api_versions=versions, name=name, naming=naming, model=Written, check=_check_spec, read=_read)


DEPLOYMENT = _apps("Deployment", "apps/v1beta2", "apps/v1beta1", "extensions/v1beta1")
# A StatefulSet's name is the beginning of host names.
STATEFUL_SET = _apps("StatefulSet", "apps/v1beta2", "apps/v1beta1", naming=dns_label)
DAEMON_SET = _apps("DaemonSet", "apps/v1beta2", "extensions/v1beta1")
REPLICA_SET = _apps("ReplicaSet", "apps/v1beta2", "extensions/v1beta1")
REPLICATION_CONTROLLER = Kind(
    api_versions=("v1",),
    name="ReplicationController",
    naming=dns_subdomain,
    model=WrittenReplicationController,
    check=_check_old,
    read=_read,
)
JOB = Kind(
    api_versions=("batch/v1",), name="Job", naming=dns_subdomain, model=WrittenJob, check=_check_job, read=_read_job
)
CRON_JOB = Kind(
    api_versions=("batch/v1", "batch/v1beta1"),
    name="CronJob",
    naming=_cronjob_name,
    model=WrittenCronJob,
    check=_check_cronjob,
    read=_read_cronjob,
)

#: Every kind that makes pods.
CONTROLLERS: tuple[AnyKind, ...] = (
    DEPLOYMENT,
    STATEFUL_SET,
    DAEMON_SET,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
    JOB,
    CRON_JOB,
)
