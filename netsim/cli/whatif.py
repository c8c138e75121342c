"""``netsim whatif``: what would fall after a change."""

from typing import Annotated, get_args

import typer

from netsim.cli import options
from netsim.errors import UsageError

EXAMPLES = """\b
Examples:
  netsim whatif cluster.json --from ci/runner --edit fixed-rolebinding.yaml
  netsim whatif cluster.json --from internet --remove 'ClusterRoleBinding ci-admin'
"""


def whatif(
    inputs: options.Inputs = None,
    *,
    source: Annotated[str, typer.Option("--from", metavar="WHAT", help="What is taken.")],
    edits: Annotated[
        list[str] | None,
        typer.Option("--edit", metavar="INPUT", help="Objects that replace those of the input; may be repeated."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="OBJECT", help="`KIND NAMESPACE/NAME` to leave out; may be repeated."),
    ] = None,
    output: Annotated[options.WhatIfFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say what falls no more, and what falls now, after a change that is given as manifests."""
    import netsim.queries as queries
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver

    if not edits and not remove:
        raise UsageError("there is no change", hint="add --edit FILE or --remove 'KIND NAMESPACE/NAME'")
    form = chosen(output, file, get_args(options.WhatIfFormat))
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
    answer = queries.whatif(cluster, source, edits=edits or [], remove=remove or [])
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)
