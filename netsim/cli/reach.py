"""``netsim reach``: every allowed connection."""

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from netsim.cli import options
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.queries.answer import Answer

EXAMPLES = """\b
Examples:
  netsim reach k8s/
  netsim reach k8s/ --workload shop/cart
  netsim reach k8s/ --exposure --to data/postgres
  netsim reach k8s/ --from 'shop/*' --to data/postgres --explain
  kubectl get ns,pods,netpol -A -o yaml | netsim reach - -f reach.svg
  netsim reach dump.json policies/ --port 80 -o matrix
"""


def reach(
    inputs: options.Inputs = None,
    *,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    workload: options.Workload = None,
    port: options.OnlyPort = None,
    pods: options.Pods = False,
    summary: Annotated[bool, typer.Option("--summary", help="The counts alone.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="For each row, why: the rules that allow it, and what denies the rest.")
    ] = False,
    exposure: Annotated[
        bool, typer.Option("--exposure", help="Below the rows, what is open to pods that could be.")
    ] = False,
    output: Annotated[options.ReachFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    by: options.By = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """List every allowed connection between workloads, and with the outside."""
    import netsim.queries as queries
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver, drawing
    from netsim.cli.progress import doing

    form = chosen(output, file, get_args(options.ReachFormat))
    beside = drawing(form, by)
    _check(form, port=port, summary=summary, explain=explain)
    _check_exposure(form, exposure=exposure, other=summary or explain)
    (cluster,), whole = load(inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    answer: Answer
    with doing("working out what reaches what", quiet=quiet):
        if form == "matrix" and port is not None:
            form = "text"
            answer = queries.matrix(cluster, port=port, source=source, destination=destination, workload=workload)
        elif explain:
            answer = queries.explain(
                cluster, source=source, destination=destination, workload=workload, port=port, pods=pods
            )
        elif exposure:
            answer = queries.exposure(
                cluster, source=source, destination=destination, workload=workload, port=port, pods=pods
            )
        else:
            answer = queries.reach(
                cluster,
                source=source,
                destination=destination,
                workload=workload,
                port=port,
                pods=pods,
                summary=summary,
            )
    deliver(answer, form, file, quiet=quiet, verbose=verbose, **beside)
    raise typer.Exit(0 if whole else 2)


def _check(form: str, *, port: str | None, summary: bool, explain: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: They do not.
    """
    if form == "matrix" and port is None:
        raise UsageError("a matrix is about one port", hint="add --port 80, or the name of a container port")
    if summary and explain:
        raise UsageError("--summary and --explain exclude each other", hint="leave one of them out")
    if summary and form not in ("text", "json", "csv", "md"):
        raise UsageError(f"--summary has no form `{form}`", hint="take -o text, json, csv or md")
    if explain and form not in ("text", "json", "csv", "md"):
        raise UsageError(f"--explain has no form `{form}`", hint="take -o text, json, csv or md")


def _check_exposure(form: str, *, exposure: bool, other: bool) -> None:
    """Refuse what does not go with --exposure.

    Raises:
        UsageError: Something does not.
    """
    if exposure and other:
        raise UsageError("--exposure excludes --summary and --explain", hint="ask one after the other")
    if exposure and form not in ("text", "json", "csv", "md"):
        raise UsageError(f"--exposure has no form `{form}`", hint="take -o text, json, csv or md")
