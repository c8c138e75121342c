"""``netsim report``: one page to look at, to attach, to open offline."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from netsim.cli import options
from netsim.cli.diff import Context, Crown, Git, sides
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.queries.report import Report

EXAMPLES = """\b
Examples:
  netsim report k8s/ -f report.html
  netsim report --diff k8s-before/ k8s-after/ -f review.html
  netsim report --git main...HEAD k8s/ -f review.html
  netsim report dump.json --workload 'shop/*' -f shop.html

Exit code: 0, or 2 for trouble.
"""


def report(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="INPUT", hidden=True)] = None,
    *,
    compare: Annotated[
        bool, typer.Option("--diff", help="Show what changes, too: the inputs are OLD and NEW, and NEW is shown.")
    ] = False,
    context: Context = None,
    git: Git = None,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    workload: options.Workload = None,
    port: options.OnlyPort = None,
    crown: Crown = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Write one page that shows everything: the matrix, connections and why, the map, findings, policies, changes.

    The page holds all that it needs: it opens offline, asks nobody for anything, and can be attached or archived.
    """
    from netsim.api import diff
    from netsim.cli.inputs import load
    from netsim.cli.output import deliver
    from netsim.cli.progress import doing
    from netsim.queries.report import report as everything

    if file is None and sys.stdout.isatty():
        raise UsageError("a page is for a browser, not for a terminal", hint="write it to a file: -f report.html")
    both = compare or git is not None
    read = sides(inputs, context, git, quiet=quiet) if both else ([*(context or []), *(inputs or ["."])],)
    clusters, whole = load(*read, cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet, whole=True)
    change = None
    with doing("working out what reaches what, and why", quiet=quiet):
        if both:
            change = diff(*clusters, source=source, destination=destination, workload=workload, port=port, crown=crown)
        answer: Report = everything(
            clusters[-1], source=source, destination=destination, workload=workload, port=port, diff=change
        )
    deliver(answer, "page", file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)
