"""``netsim fleet``: many clusters side by side."""

import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from netsim.cli import options
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.fleets import Plan
    from netsim.queries.fleet import Fleet, Row

EXAMPLES = """\b
Examples:
  netsim fleet clusters/*
  netsim fleet clusters/* --from web/frontend --to db/postgres --port 5432
  netsim fleet clusters/*.json --exposes db/postgres --drift -f fleet.parquet
  netsim fleet prod.json test.json --reference prod.json
  netsim fleet prod.json --with a.yaml --with b.yaml --drift
  netsim fleet $(git log -9 --format=git:%h:k8s/) -o jsonl
  netsim fleet clusters/* --scheduler local --workers 4 --timeout 60

Exit code: 0 all clusters analysed, 2 some not, or bad usage.
"""

CLUSTERS = """\b
An INPUT is one cluster (this folder where none is named)
  FILE, FOLDER                 YAML or JSON; a folder is one cluster with all that is below it
  'clusters/*.json'            a glob: each that it matches
  -                            standard input
  git:REV:PATH                 a file or folder as it stood at a revision
"""

#: Of one cluster, so many lines of what is wrong, unless --verbose.
MOST_LINES = 10


Patches = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="PATCH", help="What-if: also INPUT with this over it; may be repeated."),
]
From = Annotated[str | None, typer.Option("--from", metavar="PEER", help="Ask each: may this peer open")]
To = Annotated[str | None, typer.Option("--to", metavar="PEER", help="to this peer a connection")]
Port = Annotated[str | None, typer.Option("--port", metavar="PORT", help="to this port?")]
Protocol = Annotated[
    str | None, typer.Option("--protocol", metavar="NAME", help="TCP (where none is said), UDP, SCTP, ICMP, ...")
]
Exposes = Annotated[
    str | None, typer.Option("--exposes", metavar="PEER", help="Ask each: is this peer open to the outside?")
]
Drifts = Annotated[
    bool, typer.Option("--drift", help="Compare connections with those of most clusters; of what-ifs, of INPUT.")
]
Reference = Annotated[
    str | None, typer.Option("--reference", metavar="INPUT", help="Compare connections with those of this one.")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="local|ADDRESS", help="Worker processes, here or of a Dask scheduler."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="How many threads (1) or local processes (all cores).")
]
Retries = Annotated[
    int, typer.Option("--retries", metavar="N", help="How often a failure is tried again that may pass.")
]
Timeout = Annotated[float, typer.Option("--timeout", metavar="SECONDS", help="The time of one attempt at one cluster.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="All that is wrong with each.")]


def fleet(
    inputs: options.Inputs = None,
    *,
    patches: Patches = None,
    source: From = None,
    destination: To = None,
    port: Port = None,
    protocol: Protocol = None,
    exposes: Exposes = None,
    drift: Drifts = False,
    reference: Reference = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    retries: Retries = 1,
    timeout: Timeout = 600,
    output: Annotated[options.FleetFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Analyse many clusters: what each allows and exposes, what each says to one question, which ones differ."""
    from netsim.cli import notes
    from netsim.cli.output import chosen
    from netsim.cli.settings import SETTINGS
    from netsim.fleets import plan
    from netsim.ingest import Limits
    from netsim.knowledge import DEFAULT_PROFILE

    form = chosen(output, file, get_args(options.FleetFormat))
    if form == "parquet" and file is None:
        raise UsageError("Parquet goes to a file", hint="add -f fleet.parquet")
    planned = plan(
        inputs or ["."],
        patches=patches or (),
        source=source,
        destination=destination,
        port=port,
        protocol=protocol,
        exposes=exposes,
        drift=drift,
        reference=reference,
        cni=cni or DEFAULT_PROFILE,
        dns=None if dns is None else Path(dns),
        keep_going=keep_going,
        limits=Limits(bytes=SETTINGS.get().max_bytes),
        scheduler=scheduler,
        workers=workers,
        retries=retries,
        timeout=timeout,
    )
    answer = _answered(planned, form, file, quiet=quiet, verbose=verbose)
    trouble = _told(answer, form, verbose=verbose)
    if drift and planned.reference is None and answer.divided and not quiet:
        kinds = f"the connections are of {len(answer.groups)} kinds; compared with {answer.reference}"
        notes.warning(f"no majority: {kinds}")
    raise typer.Exit(2 if trouble or answer.failed else 0)


def _answered(planned: "Plan", form: str, file: str | None, *, quiet: bool, verbose: bool) -> "Fleet":
    """Do what is planned, and write it down: lines as soon as they are known, all else at the end."""
    from netsim.cli.output import deliver, put, save
    from netsim.cli.progress import progress
    from netsim.fleets import rows
    from netsim.queries.fleet import fleet_of
    from netsim.render.fleet import jsonl, parquet

    found: list[Row] = []
    streams = form == "jsonl" and file is None and sys.stdout.isatty()  # then the lines are the progress
    with progress(quiet=quiet or streams) as line:
        line.at("analysing clusters")
        with closing(rows(planned, line.count)) as known:
            if form == "jsonl":
                ordered = _in_order(_noted(known, found), [member.name for member in planned.members])
                put(_flushed(jsonl(ordered)), file)
            else:
                found.extend(known)
    answer = fleet_of(found, planned.examination.question)
    if form == "parquet" and file is not None:
        save(lambda path: parquet(answer, path), file)
    elif form == "text":
        deliver(answer, form, file, quiet=quiet, verbose=verbose)
    return answer


def _noted(known: Iterable["Row"], found: list["Row"]) -> Iterator["Row"]:
    for row in known:
        found.append(row)
        yield row


def _in_order(known: Iterable["Row"], names: Sequence[str]) -> Iterator["Row"]:
    """Yield rows by name, each as soon as it and all before it are known."""
    early: dict[str, Row] = {}
    waiting = iter(names)
    name = next(waiting, None)
    for row in known:
        early[row.cluster] = row
        while name in early:
            yield early.pop(name)
            name = next(waiting, None)


def _flushed(lines: Iterator[str]) -> Generator[str]:
    """Yield lines, each out before the next is waited for."""
    for each in lines:
        yield each
        sys.stdout.flush()


def _told(answer: "Fleet", form: str, *, verbose: bool) -> bool:
    """Say what a reader of the rows should know; return whether a question was about what no cluster has."""
    from netsim.cli import notes

    for row in answer.failed:
        _, _, rest = row.error.partition("\n")
        if form != "text" or rest:  # the table has the first line
            shown = row.error if verbose else "\n".join(row.error.split("\n")[:MOST_LINES])
            more = row.error.count("\n") - shown.count("\n")
            notes.error(UsageError(f"{row.cluster}: {shown}" + (f"\n... {more} lines more: --verbose" if more else "")))
    for text in answer.missing:
        notes.error(UsageError(f"{text}, in none of the clusters"))
    return bool(answer.missing)
