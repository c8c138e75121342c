"""``netsim blast``: what falls if this falls."""

from typing import Annotated, get_args

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim blast k8s/ --from shop/web
  netsim blast cluster.json --from sa:ci/runner -o json
  netsim blast cluster.json --from internet -f blast.svg
  netsim blast cluster.json --from node:worker-1 --max-steps 4
"""

TAKEN = """\b
What is taken is one of
  namespace/name or name       a pod, or a workload: all of its pods
  sa:NAMESPACE/NAME            an account whose token is known
  user:NAME, group:NAME        somebody whose credentials are lost
  node:NAME                    a node
  internet                     whoever connects from outside
"""


def blast(
    inputs: options.Inputs = None,
    *,
    source: Annotated[str, typer.Option("--from", metavar="WHAT", help="What is taken.")],
    max_steps: Annotated[
        int | None, typer.Option("--max-steps", metavar="N", min=1, help="Count no proof that is longer.")
    ] = None,
    output: Annotated[options.AttackFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say what falls if something is taken: pods, accounts, Secrets, nodes, the cluster; each with its proof."""
    import netsim.queries as queries
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver

    form = chosen(output, file, get_args(options.AttackFormat))
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
    deliver(queries.blast(cluster, source, max_steps=max_steps), form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)
