"""``netsim intents``: intent files."""

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim intents infer k8s/ -f intents.yaml
  kubectl get ns,pods,netpol -A -o yaml | netsim intents infer -
"""

app = typer.Typer(name="intents", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _main() -> None:
    """Write intent files."""


def infer(
    inputs: options.Inputs = None,
    *,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Write today's reachability as a first intent file, which holds: keep what is meant, delete what is chance."""
    from netsim.cli.inputs import load
    from netsim.cli.output import deliver

    (cluster,), whole = load(inputs or ["."], cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    deliver(cluster.infer(), "text", file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)


app.command(short_help="Today's reachability as a first file.", epilog=f"{EXAMPLES}\n{options.INPUTS}")(infer)
