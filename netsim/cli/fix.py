"""``netsim fix``: the smallest change that makes intents hold."""

from typing import Annotated, get_args

import typer

from netsim.cli import options
from netsim.errors import UsageError

EXAMPLES = """\b
Examples:
  netsim fix k8s/ --intent intents.yaml
  netsim fix k8s/ --intent intents.yaml -f fix.yaml     # manifests to apply
  netsim fix k8s/ --intent intents.yaml -o patch

Exit code: 0 every intent holds, or will; 1 no fix is found, or none exists; 2 trouble.
"""


def fix(
    inputs: options.Inputs = None,
    *,
    intent: Annotated[
        list[str] | None, typer.Option("--intent", metavar="FILE", help="A file of intents; may be repeated.")
    ] = None,
    pod_cidr: Annotated[
        list[str] | None,
        typer.Option(
            "--pod-cidr", metavar="CIDR", help="Where pods have addresses: rules for outside addresses leave them out."
        ),
    ] = None,
    output: Annotated[options.FixFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Find the smallest change of NetworkPolicies that makes intents hold and changes nothing else; prove it."""
    from netsim.cli.inputs import load, read_once
    from netsim.cli.output import chosen, deliver
    from netsim.cli.progress import doing

    if not intent:
        raise UsageError("what is to hold?", hint="add --intent FILE; `netsim intents infer` writes a first one")
    read_once([*(inputs or ()), *intent], "an INPUT or a FILE")
    form = chosen(output, file, get_args(options.FixFormat))
    (cluster,), whole = load(
        inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet, whole=True
    )
    with doing("looking for the smallest fix", quiet=quiet):
        answer = cluster.fix(*intent, pod_cidr=pod_cidr or ())
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit((0 if answer else 1) if whole else 2)
