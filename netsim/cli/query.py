"""``netsim query``: one verdict, with its reasons."""

from typing import Annotated

import typer

from netsim.cli import options
from netsim.errors import UsageError

EXAMPLES = """\b
Examples:
  netsim query k8s/ --from shop/cart --to data/redis --port 6379
  netsim query k8s/ --from internet --to shop/frontend --port http
  netsim query cluster.json --from 10.1.2.3 --to kube-system/coredns --port 53/UDP -o json
  netsim query k8s/ --from shop/cart --to data/redis --protocol ICMP

Exit code: 0 allowed, 1 denied, 3 unknown, 2 trouble.
"""

STATUSES = {True: 0, False: 1, None: 3}


def query(
    inputs: options.Inputs = None,
    *,
    source: options.From,
    destination: options.To,
    port: options.Port = None,
    protocol: Annotated[
        str | None,
        typer.Option("--protocol", metavar="NAME", help="TCP (where none is said), UDP, SCTP, ICMP, ..."),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="FAMILY", help="IPv4 or IPv6. Default: both in use."),
    ] = None,
    output: Annotated[options.VerdictFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say whether one peer may open a connection to another, and why."""
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver
    from netsim.cli.progress import doing

    if port is None and protocol is None:
        raise UsageError("to which port?", hint="add --port 80, 80/UDP or http; or --protocol ICMP, which has no ports")
    form = chosen(output, file, ("text", "json"))
    (cluster,), whole = load(inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    # A protocol without ports takes any port; one with ports refuses its own name as a port's.
    with doing("working out the verdict", quiet=quiet):
        answer = cluster.query(source, destination, port=port or str(protocol), protocol=protocol, family=family)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(STATUSES[answer.allowed] if whole else 2)
