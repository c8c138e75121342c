"""``netsim posture``: what is wrong with pods, admission, encryption, etcd, audit and roles."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, get_args

import typer
from typer.core import TyperGroup

from netsim.cli import gate, options
from netsim.cli.auditing import coverage, generate, level, one

if TYPE_CHECKING:
    from netsim.api import Cluster
    from netsim.queries import Findings
    from netsim.queries.rotation import Rotated

EXAMPLES = """\b
Examples:
  netsim posture k8s/
  netsim posture k8s/ etcd-flags.txt audit-policy.yaml Dockerfile --fail-on medium
  netsim posture guide.md -o md
  netsim posture rbac k8s/ --fix -o yaml
  netsim posture podsec k8s/ --what-if restricted -n prod
  netsim posture encryption --rotate old.yaml both.yaml rewrite new.yaml
  netsim posture audit level --policy audit-policy.yaml --as bob --verb get --resource secrets -n shop
  netsim posture audit coverage cluster.json audit-policy.yaml --from internet --to cluster-admin
  netsim posture audit generate cluster.json -f audit-policy.yaml

Options follow the area: netsim posture all --help. What is in the way of an area's name is a file: ./audit

Exit code: 0 nothing as bad as --fail-on says, 1 something, 2 trouble.
"""

ARTIFACTS = """\b
Beside objects, a file that is named may be
  *.sh, *.txt, *.service       scripts, command lines, units: read, never run
  Dockerfile                   or Dockerfile.NAME, NAME.dockerfile
  etcd*.yaml                   a configuration of etcd
  *.crt, *.pem                 certificates
  *.md                         a guide: its code blocks, each as what it is
  what etcdctl get --prefix prints, in any of its forms
  etcd.env                     environment files of etcd
"""

Severities = Literal["critical", "high", "medium", "low", "info", "none"]
FailOn = Annotated[Severities, typer.Option("--fail-on", help="Exit 1 for a finding as bad as this, or worse.")]
Format = Literal["text", "json", "md", "sarif", "junit", "github", "gitlab", "policyreport"]
PodsecFormat = Literal["text", "json", "md", "sarif", "junit", "github", "gitlab", "policyreport", "yaml"]
Output = Annotated[Format | None, options.OUTPUT]


Metrics = Annotated[
    str | None,
    typer.Option("--metrics", metavar="FILE", help="Write metrics for Prometheus here, as node_exporter reads them."),
]


class Defaulted(TyperGroup):
    """A group whose first command is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first command before arguments that start with none."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer calls it so
        """Return the commands in the order in which they stand here."""
        return list(self.commands)


_SETTINGS: dict[str, Any] = {"rich_markup_mode": None, "context_settings": {"max_content_width": 110}}
_EPILOG = "\n".join((options.INPUTS, ARTIFACTS))
app = typer.Typer(cls=Defaulted, epilog="\n".join((EXAMPLES, options.INPUTS, ARTIFACTS)), **_SETTINGS)
audit = typer.Typer(cls=Defaulted, epilog=_EPILOG, **_SETTINGS)


def _area(name: str | None, told: str) -> Any:
    """Return the command that looks at one area; at all where it has no name."""

    def command(
        inputs: options.Inputs = None,
        *,
        fail_on: FailOn = "high",
        baseline: gate.Baseline = None,
        write_baseline: gate.WriteBaseline = None,
        output: Output = None,
        file: options.File = None,
        metrics: Metrics = None,
        kubernetes: options.Kubernetes = None,
        keep_going: options.KeepGoing = False,
        verbose: options.Verbose = False,
        quiet: options.Quiet = False,
    ) -> None:
        from netsim.cli.inputs import load_posture

        report(
            (name,) if name else (),
            load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet),
            fail_on=fail_on,
            baseline=baseline,
            write_baseline=write_baseline,
            output=output,
            file=file,
            metrics=metrics,
            verbose=verbose,
            quiet=quiet,
        )

    command.__doc__ = told
    return command


def report(
    areas: tuple[str, ...],
    loaded: "tuple[Cluster, bool]",
    *,
    fail_on: Severities,
    baseline: str | None,
    write_baseline: str | None,
    output: Format | None,
    file: str | None,
    verbose: bool,
    quiet: bool,
    metrics: str | None = None,
) -> NoReturn:
    """Write the findings of some areas, and exit."""
    from netsim.cli.output import chosen, deliver

    cluster, whole = loaded
    form = chosen(output, file, get_args(Format))
    known = gate.accepted(baseline)
    answer = cluster.posture(*areas)
    if write_baseline is not None:
        gate.write(write_baseline, answer.keys, known)
        raise typer.Exit(0 if whole else 2)
    answer = answer.without(gate.in_force(known, answer.keys, quiet=quiet))
    failing = _failing(answer, fail_on)
    if metrics is not None:
        _measure(cluster, answer, metrics)
    extra: dict[str, Any] = {"fails": failing.__contains__} if form == "junit" else {}
    deliver(answer, form, file, quiet=quiet, verbose=verbose, **extra)
    raise typer.Exit((1 if failing else 0) if whole else 2)


def _measure(cluster: "Cluster", answer: "Findings", file: str) -> None:
    from netsim.cli.output import put
    from netsim.errors import UsageError
    from netsim.queries.metrics import metrics
    from netsim.render.prometheus import textfile

    if not file.endswith(".prom"):
        raise UsageError(f"`{file}` does not end in .prom: node_exporter would not read it", hint="call it netsim.prom")
    put(textfile(metrics(cluster, answer)), file)


def _failing(answer: "Findings", fail_on: Severities) -> frozenset[Any]:
    from netsim.ir.finding import Severity

    return frozenset(() if fail_on == "none" else answer.at_least(Severity(fail_on)))


def podsec(
    inputs: options.Inputs = None,
    *,
    what_if: Annotated[
        str | None,
        typer.Option(
            "--what-if", metavar="LEVEL", help="Which workloads would break: restricted, baseline:v1.37, or v1.37."
        ),
    ] = None,
    namespace: Annotated[
        str, typer.Option("-n", "--namespace", metavar="GLOB", help="Of --what-if: in these namespaces.")
    ] = "*",
    since: Annotated[
        str | None, typer.Option("--since", metavar="VERSION", help="Of --what-if: what passes at this version.")
    ] = None,
    fail_on: FailOn = "high",
    baseline: gate.Baseline = None,
    write_baseline: gate.WriteBaseline = None,
    output: Annotated[PodsecFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Pods and namespaces: Pod Security, and what it leaves out.

    With --what-if: which workloads a level would refuse, and the smallest patch for each; -o yaml prints the patches.
    """
    from netsim.cli.inputs import load_posture
    from netsim.cli.output import chosen, deliver
    from netsim.queries.levels import level_trial as query

    loaded = load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet)
    if what_if is None:
        _refuse((("-o yaml", output == "yaml"), ("--since", since), ("--namespace", namespace != "*")), "--what-if")
        report(
            ("podsec",),
            loaded,
            fail_on=fail_on,
            baseline=baseline,
            write_baseline=write_baseline,
            output=None if output == "yaml" else output,
            file=file,
            verbose=verbose,
            quiet=quiet,
        )
    cluster, whole = loaded
    answer = query(cluster, what_if or "", namespace=namespace, since=since or "")
    form = _among(chosen(output, file, ("text", "json", "yaml")), ("text", "json", "yaml"), "--what-if")
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(int(len(answer) > 0) if whole else 2)


def rbac(
    inputs: options.Inputs = None,
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Patches, where one edit is the obvious one; each only takes away.")
    ] = False,
    fail_on: FailOn = "high",
    baseline: gate.Baseline = None,
    write_baseline: gate.WriteBaseline = None,
    output: Annotated[PodsecFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    metrics: Metrics = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Roles and bindings: too wide, dangling, unused.

    With --fix: the smallest patch for each object, proved by asking again with all of them made; -o yaml prints the
    patches, for kustomize. Exit code 1: there are some.
    """
    from netsim.cli.inputs import load_posture
    from netsim.cli.output import chosen, deliver
    from netsim.queries.repairs import rights_repairs as query

    loaded = load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet)
    if not fix:
        _refuse((("-o yaml", output == "yaml"),), "--fix")
        report(
            ("rbac",),
            loaded,
            fail_on=fail_on,
            baseline=baseline,
            write_baseline=write_baseline,
            output=None if output == "yaml" else output,
            file=file,
            metrics=metrics,
            verbose=verbose,
            quiet=quiet,
        )
    cluster, whole = loaded
    form = _among(chosen(output, file, ("text", "json", "yaml")), ("text", "json", "yaml"), "--fix")
    answer = query(cluster)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(int(len(answer) > 0) if whole else 2)


def encryption(
    inputs: options.Inputs = None,
    *,
    rotate: Annotated[
        bool,
        typer.Option("--rotate", help="Take the inputs for the steps of a change of keys, in their order."),
    ] = False,
    fail_on: FailOn = "high",
    baseline: gate.Baseline = None,
    write_baseline: gate.WriteBaseline = None,
    output: Output = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Encryption at rest: would the API server start, what is in plain text, which keys are weak.

    With --rotate, each input is a file that all API servers load, one after the other; the word `rewrite` between them
    says that every object is then written anew. Exit code 1: some object cannot be read at some step.
    """
    from netsim.cli.inputs import load_posture
    from netsim.cli.output import chosen, deliver

    if not rotate:
        report(
            ("encryption",),
            load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet),
            fail_on=fail_on,
            baseline=baseline,
            write_baseline=write_baseline,
            output=output,
            file=file,
            verbose=verbose,
            quiet=quiet,
        )
    answer = _rotated(inputs or [])
    form = _among(chosen(output, file, ("text", "json")), ("text", "json"), "--rotate")
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if answer.is_safe else 1)


def _rotated(names: list[str]) -> "Rotated":
    from netsim.errors import UsageError
    from netsim.queries.rotation import rotated

    if not names or names[0] == REWRITE:
        raise UsageError("--rotate takes the files of a change of keys", hint="old.yaml both.yaml rewrite new.yaml")
    kinds = ("EncryptionConfiguration", "EncryptionConfig")
    return rotated([(name, None if name == REWRITE else one(name, kinds)) for name in names])


def _refuse(given: tuple[tuple[str, Any], ...], needs: str) -> None:
    from netsim.errors import UsageError

    for option, is_given in given:
        if is_given:
            raise UsageError(f"{option} needs {needs}")


def _among(form: str, known: tuple[str, ...], option: str) -> str:
    from netsim.errors import UsageError

    if form not in known:
        raise UsageError(f"{option} has no format {form}", hint=f"known: {', '.join(known)}")
    return form


#: Of --rotate: every object is written anew.
REWRITE = "rewrite"

for _name, _short, _command in (
    ("all", "Everything below, and scripts and Dockerfiles.", None),
    ("rbac", "Roles and bindings: too wide, dangling, unused; --fix.", rbac),
    ("podsec", "Pods and namespaces: Pod Security, and what it leaves out; --what-if.", podsec),
    ("admission", "Kyverno, Gatekeeper, ValidatingAdmissionPolicy: what they let pass.", None),
    ("encryption", "Encryption at rest: would it start, what is in plain text; --rotate.", encryption),
    ("etcd", "etcd, the API server, kubelets, certificates, and which pods may connect to them.", None),
):
    app.command(_name, short_help=_short, epilog=_EPILOG)(_command or _area(None if _name == "all" else _name, _short))

audit.command("lint", short_help="Policies, flags, shippers of logs.", epilog=_EPILOG)(
    _area("audit", "Audit policies, the flags on audit, and who carries the log away.")
)
audit.command("level", short_help="What a policy records of one request.")(level)
audit.command("coverage", short_help="Which attack steps the policy records.", epilog=_EPILOG)(coverage)
audit.command("generate", short_help="The smallest policy that records every attack step.", epilog=_EPILOG)(generate)
app.add_typer(audit, name="audit", short_help="Audit policies: dead rules, blind spots; level, coverage, generate.")
