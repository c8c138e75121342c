"""``netsim paths``: how an attacker gets from here to there, and what cuts every way."""

from typing import Annotated, get_args

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim paths k8s/ --from internet --to cluster-admin
  netsim paths cluster.json --from ci/runner --to secret:payments/stripe -o md
  netsim paths cluster.json --from user:alice --to node -f paths.svg

Exit code: 0 no path, 1 some, 2 trouble.
"""

GOALS = """\b
A goal is one of
  cluster-admin, etcd          all rights; everything that is stored
  node, node:NAME              any node, or this one
  secret:NAMESPACE/NAME        a Secret; secrets:NAMESPACE is any of a namespace
  all-secrets                  every Secret there is
  namespace-admin:NAMESPACE    all rights in a namespace
  crown-jewels                 what is annotated netsim.dev/crown-jewel: "true"
  namespace/name, sa:..., user:...  a pod or a workload, an account, a user
"""


def paths(
    inputs: options.Inputs = None,
    *,
    source: Annotated[str, typer.Option("--from", metavar="WHAT", help="What is taken.")],
    target: Annotated[str, typer.Option("--to", metavar="GOAL", help="What the attacker is after.")],
    level: Annotated[
        options.Level, typer.Option("--level", help="No step that is less sure: certain, likely, exploit.")
    ] = "exploit",
    output: Annotated[options.AttackFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Find attack paths, what every path hangs on, and the smallest set of changes that closes them all."""
    import netsim.queries as queries
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver
    from netsim.queries.attack import level_of

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
    answer = queries.paths(cluster, source, target, level=level_of(level))
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(int(answer.reachable) if whole else 2)
