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
  netsim reach k8s/ --to db/postgres --explain
  kubectl get ns,pods,netpol -A -o yaml | netsim reach - -f reach.svg
  netsim reach dump.json policies/ --port 80 -o matrix
"""


def reach(
    inputs: options.Inputs = None,
    *,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    port: options.OnlyPort = None,
    pods: options.Pods = False,
    summary: Annotated[bool, typer.Option("--summary", help="The counts alone.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Below each row, the rules that allow it.")] = False,
    output: Annotated[options.ReachFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """List every allowed connection between workloads, and with the outside."""
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver
    from netsim.queries import matrix
    from netsim.queries import reach as listing
    from netsim.queries.explain import explain as behind

    form = chosen(output, file, get_args(options.ReachFormat))
    _check(form, port=port, summary=summary, explain=explain)
    (cluster,), whole = load(inputs or ["."], cni=cni, keep_going=keep_going, verbose=verbose, quiet=quiet)
    answer: Answer
    if form == "matrix" and port is not None:
        form = "text"
        answer = matrix(cluster, port=port, source=source, destination=destination)
    else:
        answer = found = listing(cluster, source=source, destination=destination, port=port, pods=pods, summary=summary)
        if explain:
            answer = behind(cluster, found, pods=pods)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
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
    if explain and form not in ("text", "json"):
        raise UsageError(f"--explain has no form `{form}`", hint="take -o text or json")
