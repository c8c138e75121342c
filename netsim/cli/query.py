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
  netsim query cluster.json --to db/postgres --port 5432 --who-could

Exit code: 0 allowed, 1 denied, 3 unknown, 2 trouble; with --who-could 0 somebody, 1 nobody.
"""

STATUSES = {True: 0, False: 1, None: 3}


def query(
    inputs: options.Inputs = None,
    *,
    source: Annotated[str | None, typer.Option("--from", metavar="PEER", help="Who opens the connection.")] = None,
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
    who_could: Annotated[
        bool,
        typer.Option(
            "--who-could", help="Who does connect, and who could by a pod, a label or an edit, by whose right."
        ),
    ] = False,
    subject: Annotated[
        str | None,
        typer.Option("--subject", metavar="SUBJECT", help="Of --who-could: by this one's rights alone."),
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
    _check(source, who_could=who_could, subject=subject)
    form = chosen(output, file, ("text", "json"))
    (cluster,), whole = load(inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    if source is None:
        with doing("looking for who could connect", quiet=quiet):
            found = cluster.who_could(destination, port=port or str(protocol), protocol=protocol, subject=subject)
        deliver(found, form, file, quiet=quiet, verbose=verbose)
        raise typer.Exit((3 if found.unknown else 0 if found.now or found.ways else 1) if whole else 2)
    # A protocol without ports takes any port; one with ports refuses its own name as a port's.
    with doing("working out the verdict", quiet=quiet):
        answer = cluster.query(source, destination, port=port or str(protocol), protocol=protocol, family=family)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(STATUSES[answer.allowed] if whole else 2)


def _check(source: str | None, *, who_could: bool, subject: str | None) -> None:
    if who_could and source is not None:
        raise UsageError("--who-could asks from whom: --from is not for it", hint="leave one of them out")
    if source is None and not who_could:
        raise UsageError("from whom?", hint="add --from PEER; or --who-could, to ask who could connect")
    if subject and not who_could:
        raise UsageError("--subject is for --who-could", hint="`netsim can` asks what a subject may do")
