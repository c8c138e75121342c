"""``netsim check``: whether what is wanted is so."""

from typing import Annotated, get_args

import typer

from netsim.cli import options
from netsim.errors import UsageError

EXAMPLES = """\b
Examples:
  netsim check k8s/ --intent intents.yaml
  netsim check k8s/ --intent intents.yaml --explain
  netsim check dump.json k8s/ --intent base.yaml --intent team.yaml -f results.junit
  netsim check k8s/ --must-deny forbidden-policies.yaml

Exit code: 0 every intent holds; 1 some fails, is unknown, or speaks of nothing; 2 trouble.
"""


def check(
    inputs: options.Inputs = None,
    *,
    intent: Annotated[
        list[str] | None, typer.Option("--intent", metavar="FILE", help="A file of intents; may be repeated.")
    ] = None,
    must_allow: Annotated[
        list[str] | None,
        typer.Option("--must-allow", metavar="FILE", help="NetworkPolicies: what they let through must be allowed."),
    ] = None,
    must_deny: Annotated[
        list[str] | None,
        typer.Option("--must-deny", metavar="FILE", help="NetworkPolicies: what they let through must be denied."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="For each intent that does not hold, what decided its counterexample.")
    ] = False,
    output: Annotated[options.CheckFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say which intents hold, and for each that does not a connection that breaks it."""
    from netsim.cli.inputs import load, read_once
    from netsim.cli.output import chosen, deliver

    if not (intent or must_allow or must_deny):
        raise UsageError("what is to be checked?", hint="add --intent FILE; `netsim intents infer` writes a first one")
    read_once([*(inputs or ()), *(intent or ()), *(must_allow or ()), *(must_deny or ())], "an INPUT or a FILE")
    form = chosen(output, file, get_args(options.CheckFormat))
    (cluster,), whole = load(inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    answer = cluster.check(*(intent or ()), must_allow=must_allow or (), must_deny=must_deny or ())
    options_of_form = {"explain": explain} if form == "text" else {}
    deliver(answer, form, file, quiet=quiet, verbose=verbose, **options_of_form)
    raise typer.Exit((0 if answer else 1) if whole else 2)
