"""The commands."""

from pathlib import Path
from typing import Annotated

import typer

from netsim.cli import (
    blast,
    check,
    diff,
    explain,
    explore,
    fix,
    fleet,
    gaps,
    intents,
    options,
    paths,
    posture,
    prove,
    query,
    reach,
    report,
    rights,
    schema,
    shells,
    whatif,
)
from netsim.cli.settings import MAX_BYTES, SETTINGS, Settings

app = typer.Typer(
    name="netsim",
    help="What can reach what in a Kubernetes cluster, and why: offline, from its manifests.",
    epilog="Exit codes: 0 yes or nothing found, 1 no or something found, 2 trouble, 3 unknown, 70 a bug of netsim.",
    no_args_is_help=True,
    # Plain text: brackets are part of names (`shop/cart[Deployment]`), and rich takes a quarter of the start.
    rich_markup_mode=None,
    # Exceptions are told in main.py, where each gets its exit code.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version

        typer.echo(f"netsim {version('netsim')}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    max_bytes: Annotated[
        int, typer.Option(metavar="N", min=1, envvar="NETSIM_MAX_BYTES", help="Refuse a file of more bytes.")
    ] = MAX_BYTES,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", envvar="NETSIM_CACHE", help="Keep here what was read, for the next question."),
    ] = None,
) -> None:
    """What can reach what in a Kubernetes cluster, and why: offline, from its manifests."""
    SETTINGS.set(Settings(max_bytes=max_bytes, cache=cache))


COMMANDS = (
    (reach.reach, "Every allowed connection.", (reach.EXAMPLES, options.INPUTS, options.PEERS)),
    (query.query, "One verdict, and why.", (query.EXAMPLES, options.INPUTS, options.PEERS)),
    (
        diff.diff,
        "What a change opens and closes, and which rule does it.",
        (diff.EXAMPLES, options.INPUTS, options.PEERS),
    ),
    (check.check, "Whether what is wanted is so.", (check.EXAMPLES, options.INPUTS)),
    (fix.fix, "The smallest change that makes it so.", (fix.EXAMPLES, options.INPUTS)),
    (explain.explain, "What a code means, with an example and the way out.", (explain.EXAMPLES,)),
    (schema.schema, "JSON schemas of answers, and of intents for editors.", (schema.EXAMPLES,)),
    (gaps.gaps, "Isolation gaps and policy smells.", (gaps.EXAMPLES, options.INPUTS)),
    (
        prove.prove,
        "What holds for every pod that could exist.",
        (prove.EXAMPLES, prove.CLAIMS, options.INPUTS, options.PEERS),
    ),
    (
        report.report,
        "One page that shows everything, to open offline.",
        (report.EXAMPLES, options.INPUTS, options.PEERS),
    ),
    (
        explore.explore,
        "The same page, served on this machine, which answers questions.",
        (explore.EXAMPLES, options.INPUTS, options.PEERS),
    ),
    (
        rights.can,
        "Whether a subject may make a request, and by which binding.",
        (rights.CAN_EXAMPLES, rights.SUBJECTS, rights.RESOURCES, options.INPUTS),
    ),
    (
        rights.who_can,
        "Everybody who may make a request.",
        (rights.WHO_EXAMPLES, rights.RESOURCES, options.INPUTS),
    ),
    (
        rights.permissions,
        "Every rule that a subject holds.",
        (rights.PERMISSIONS_EXAMPLES, rights.SUBJECTS, options.INPUTS),
    ),
    (fleet.fleet, "Many clusters side by side.", (fleet.EXAMPLES, fleet.CLUSTERS, options.PEERS)),
    (blast.blast, "What falls if this is taken.", (blast.EXAMPLES, options.INPUTS, blast.TAKEN)),
    (
        paths.paths,
        "Attack paths, and what closes them all.",
        (paths.EXAMPLES, options.INPUTS, blast.TAKEN, paths.GOALS),
    ),
    (whatif.whatif, "What would fall after a change.", (whatif.EXAMPLES, options.INPUTS, blast.TAKEN)),
    (shells.completion, "What lets a shell complete netsim.", (shells.EXAMPLES,)),
)

for command, short_help, epilog in COMMANDS:
    app.command(short_help=short_help, epilog="\n".join(epilog))(command)
app.add_typer(intents.app, short_help="Write intent files.")

app.add_typer(posture.app, name="posture", short_help="What is wrong with pods, encryption, etcd, audit and roles.")
