"""``netsim report``: one page to look at, to attach, to open offline."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from netsim.cli import options
from netsim.cli.diff import Context, Crown, Git, sides
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.api import Cluster
    from netsim.queries.report import Highlight, Report

EXAMPLES = """\b
Examples:
  netsim report k8s/ -f report.html
  netsim report --diff k8s-before/ k8s-after/ -f review.html
  netsim report --git main...HEAD k8s/ -f review.html
  netsim report dump.json --blast shop/web --goal cluster-admin -f attack.html
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
    taken: Annotated[
        list[str] | None,
        typer.Option("--blast", metavar="WHAT", help="Follow what falls if this is taken; may be repeated."),
    ] = None,
    goals: Annotated[
        list[str] | None,
        typer.Option("--goal", metavar="GOAL", help="Follow the paths from each --blast to this; may be repeated."),
    ] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
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
    if goals and not taken:
        raise UsageError("--goal says where to, and nothing says where from", hint="add --blast WHAT")
    both = compare or git is not None
    read = sides(inputs, context, git, quiet=quiet) if both else ([*(context or []), *(inputs or ["."])],)
    clusters, whole = load(
        *read, cni=cni, dns=dns, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet, whole=True
    )
    change = None
    with doing("working out what reaches what, and why", quiet=quiet):
        if both:
            change = diff(*clusters, source=source, destination=destination, workload=workload, port=port, crown=crown)
        answer = everything(
            clusters[-1], source=source, destination=destination, workload=workload, port=port, diff=change
        )
        answer = replace(answer, highlights=tuple(_followed(clusters[-1], answer, taken or (), goals or ())))
    deliver(answer, "page", file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)


def _followed(
    cluster: "Cluster", answer: "Report", taken: Sequence[str], goals: Sequence[str]
) -> Iterator["Highlight"]:
    """Yield what the map can follow: of each that is taken what falls, then the paths to the goals."""
    import netsim.queries as queries
    from netsim.render.report.attacks import blast_highlight, path_highlights

    names = [place.name for place in answer.places]
    for what in taken:
        yield blast_highlight(queries.blast(cluster, what), names)
        for goal in goals:
            yield from path_highlights(queries.paths(cluster, what, goal), names)
