"""``netsim diff``: what a change opens and closes."""

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from netsim.cli import options
from netsim.cli.revisions import states
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.queries import Diff

EXAMPLES = """\b
Examples:
  netsim diff k8s-before/ k8s-after/
  netsim diff old-policies/ new-policies/ --with cluster.yaml
  netsim diff --git main...HEAD k8s/ -o md
  netsim diff --git HEAD k8s/ --fail-on added
  netsim diff --git main...HEAD k8s/ --to 'prod/*' --from internet

Exit code: 0 nothing that --fail-on names, 1 some of it, 2 trouble.
"""


def diff(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="OLD NEW", hidden=True)] = None,
    *,
    context: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="CONTEXT", help="Read on both sides, before OLD and NEW; may be repeated."),
    ] = None,
    git: Annotated[
        str | None,
        typer.Option("--git", metavar="BASE..HEAD", help="Two revisions; three dots: since they parted; one: and now."),
    ] = None,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    workload: options.Workload = None,
    port: options.OnlyPort = None,
    pods: options.Pods = False,
    fail_on: Annotated[
        options.FailOn, typer.Option("--fail-on", help="Exit 1 if something opens, closes, either; or never.")
    ] = "any",
    output: Annotated[options.DiffFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare two states: connections added, removed and changed, each with the rule that did it.

    OLD and NEW are inputs; with --git they are the paths to compare, this folder where none is named.
    """
    from netsim.api import diff as compare
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver

    form = chosen(output, file, get_args(options.DiffFormat))
    before, after = states(git, inputs or ["."]) if git is not None else _two(inputs or [])
    shared = context or []
    if [*shared, *before, *after].count("-") > 1:
        raise UsageError("standard input can be read once only", hint="`-` may be OLD, NEW or a CONTEXT")
    (old, new), whole = load(
        [*shared, *before], [*shared, *after], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet
    )
    answer = compare(old, new, source=source, destination=destination, workload=workload, port=port, pods=pods)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(_status(answer, fail_on) if whole else 2)


def _two(inputs: list[str]) -> tuple[list[str], list[str]]:
    if len(inputs) != 2:
        hint = "netsim diff OLD NEW; what both sides share goes to --with; or --git main..HEAD PATH"
        raise UsageError(f"a diff takes two inputs, OLD and NEW, and got {len(inputs)}", hint=hint)
    return [inputs[0]], [inputs[1]]


def _status(answer: "Diff", fail_on: str) -> int:
    """Return the exit code. A changed connection is an added one to who fears openings, if it opens something."""
    found = {
        "added": any(change.opens for change in answer),
        "removed": any(change.closes for change in answer),
        "any": bool(answer.changes),
        "none": False,
    }
    return int(found[fail_on])
