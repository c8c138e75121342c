"""``netsim explore``: the report's page over a loaded cluster, which answers questions live."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from netsim.cli import options
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.api import Cluster
    from netsim.cli.serving import Served

EXAMPLES = """\b
Examples:
  netsim explore k8s/
  netsim explore dump.json --open
  netsim explore dump.json --workload 'shop/*' --listen 8765

The page is for this machine alone: it is served on 127.0.0.1, and its address holds a secret that is new each time.
Nothing can be changed by it. Ctrl-C ends it.
"""


def explore(
    inputs: options.Inputs = None,
    *,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    workload: options.Workload = None,
    port: options.OnlyPort = None,
    listen: Annotated[
        int, typer.Option("--listen", metavar="PORT", min=0, max=65535, help="The port to serve on; 0 for a free one.")
    ] = 0,
    browse: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Serve the report's page on this machine, and answer what is asked on it: verdicts, blast radii, attack paths.

    It shows what a report shows, and takes clusters that are too large for one: what its tables leave out can be asked.
    """
    from netsim.cli.inputs import load
    from netsim.cli.progress import doing
    from netsim.cli.serving import Explorer
    from netsim.queries.report import Beyond, report
    from netsim.render.report.page import Asks, page

    (cluster,), whole = load(
        inputs or ["."],
        cni=cni,
        dns=dns,
        kubernetes=kubernetes,
        keep_going=keep_going,
        verbose=verbose,
        quiet=quiet,
        whole=True,
    )
    with doing("working out what reaches what, and why", quiet=quiet):
        narrowed = {"source": source, "destination": destination, "workload": workload, "port": port}
        answer = report(cluster, **narrowed, beyond=Beyond.LEFT_OUT)  # type: ignore[arg-type]
        written = "".join(page(answer, asks=Asks.ITS_SERVER)).encode()
    try:
        explorer = Explorer(served(cluster, written), listen)
    except OSError as error:
        hint = "name another port, or none"
        raise UsageError(f"cannot serve on port {listen}: {error.strerror or error}", hint=hint) from error
    with explorer:
        typer.echo(explorer.address)
        if browse:
            typer.launch(explorer.address)
        try:
            explorer.serve_forever()
        except KeyboardInterrupt:
            raise typer.Exit(0 if whole else 2) from None


def served(cluster: "Cluster", page: bytes) -> "Served":
    """Return what is served of a cluster: a page, and the questions that it asks."""
    from netsim.cli.serving import Served

    asked = {"query": _query, "blast": _blast, "paths": _paths}
    return Served(page=page, questions={name: partial(question, cluster) for name, question in asked.items()})


def _query(cluster: "Cluster", fields: Mapping[str, str]) -> str:
    source, destination = _of(fields, "from"), _of(fields, "to")
    if port := fields.get("port"):
        return str(cluster.query(source, destination, port=port))
    return str(cluster.explain(source=source, destination=destination))


def _blast(cluster: "Cluster", fields: Mapping[str, str]) -> str:
    return str(cluster.blast(_of(fields, "from")))


def _paths(cluster: "Cluster", fields: Mapping[str, str]) -> str:
    return str(cluster.paths(_of(fields, "from"), _of(fields, "to")))


def _of(fields: Mapping[str, str], name: str) -> str:
    if not fields.get(name):
        raise UsageError(f"the question does not say `{name}`")
    return fields[name]
