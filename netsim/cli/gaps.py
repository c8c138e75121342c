"""``netsim gaps``: what is open, blocked or written in a way that nobody intended."""

from typing import Annotated, Any, Literal, get_args

import typer

from netsim.cli import gate, options

EXAMPLES = """\b
Examples:
  netsim gaps k8s/
  netsim gaps cluster.json policies/ --fail-on medium
  netsim gaps k8s/ -o sarif -f gaps.sarif
  netsim gaps k8s/ --write-baseline gaps.yaml && netsim gaps k8s/ --baseline gaps.yaml

The annotation netsim.dev/accept on an object accepts what is found of it:
"NS168 until 2027-01-31 the probe needs it; NS177 inside the mesh".

Exit code: 0 nothing as bad as --fail-on says, 1 something, 2 trouble.
"""

FailOn = Annotated[
    Literal["critical", "high", "medium", "low", "info", "none"],
    typer.Option("--fail-on", help="Exit 1 for a finding as bad as this, or worse."),
]
Format = Literal["text", "json", "md", "sarif", "junit", "github", "gitlab"]


def gaps(
    inputs: options.Inputs = None,
    *,
    fail_on: FailOn = "high",
    baseline: gate.Baseline = None,
    write_baseline: gate.WriteBaseline = None,
    output: Annotated[Format | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """List isolation gaps and policy smells, the worst first, each with its place, its evidence and the way out."""
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver
    from netsim.ir.finding import Severity

    form = chosen(output, file, get_args(Format))
    known = gate.accepted(baseline)
    (cluster,), whole = load(inputs or ["."], cni=cni, keep_going=keep_going, verbose=verbose, quiet=quiet, whole=True)
    answer = cluster.gaps()
    if write_baseline is not None:
        gate.write(write_baseline, answer.keys, known)
        raise typer.Exit(0 if whole else 2)
    answer = answer.without(gate.in_force(known, answer.keys, quiet=quiet))
    failing = () if fail_on == "none" else answer.at_least(Severity(fail_on))
    more: dict[str, Any] = {"fails": lambda found: found in failing} if form == "junit" else {}
    deliver(answer, form, file, quiet=quiet, verbose=verbose, **more)
    raise typer.Exit(int(bool(failing)) if whole else 2)
