"""``netsim diff``: what a change opens and closes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from netsim.cli import gate, options
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.queries import Diff

EXAMPLES = """\b
Examples:
  netsim diff k8s-before/ k8s-after/
  netsim diff old-policies/ new-policies/ --with cluster.json
  netsim diff --git main...HEAD k8s/ -o md
  netsim diff --git HEAD k8s/ --fail-on added
  netsim diff --git main...HEAD kustomize:overlays/prod --crown 'payments/*'
  netsim diff --git main...HEAD k8s/ --to 'prod/*' --from internet
  netsim diff --git main...HEAD k8s/ --only connections,rbac --fail-on high
  netsim diff --git main...HEAD k8s/ --attacker ci/runner

Exit code: 0 nothing that --fail-on names, 1 some of it, 2 trouble.
"""


Context = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="CONTEXT", help="Read on both sides, before OLD and NEW; may be repeated."),
]
Git = Annotated[
    str | None,
    typer.Option("--git", metavar="BASE..HEAD", help="Two revisions; three dots: since they parted; one: and now."),
]
Crown = Annotated[
    list[str] | None,
    typer.Option("--crown", metavar="PEER", help="Crown jewels: what opens to them comes first; may be repeated."),
]
FailOn = Annotated[
    options.FailOn,
    typer.Option("--fail-on", help="Exit 1 if something opens, closes, either; never; or if something is as bad."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="PART,...",
        help="Compare these alone: connections, gaps, rbac, podsec, admission, encryption, etcd, audit, files, steps, "
        "paths, proofs (of what is redundant or shadowed); may be repeated. Default: all but proofs.",
    ),
]
Least = Annotated[
    options.Severity, typer.Option("--severity", help="Of findings: tell those as bad as this, or worse.")
]
Attackers = Annotated[
    list[str] | None,
    typer.Option(
        "--attacker",
        metavar="WHAT",
        help="Attack paths from here, too, beside the internet: what `netsim blast` takes; may be repeated.",
    ),
]
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", help="Of -o md, at most so many characters. Default: 65000.")
]


def diff(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="OLD NEW", hidden=True)] = None,
    *,
    context: Context = None,
    git: Git = None,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    workload: options.Workload = None,
    port: options.OnlyPort = None,
    pods: options.Pods = False,
    crown: Crown = None,
    only: Only = None,
    severity: Least = "medium",
    attackers: Attackers = None,
    fail_on: FailOn = "any",
    baseline: gate.Baseline = None,
    write_baseline: gate.WriteBaseline = None,
    output: Annotated[options.DiffFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    by: options.By = None,
    limit: Limit = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare two states: what is added, removed and changed, each with the rule that did it, the gravest first.

    OLD and NEW are inputs; with --git they are the paths to compare, this folder where none is named.
    """
    from netsim.api import diff as compare
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver, drawing
    from netsim.cli.progress import doing

    form = chosen(output, file, get_args(options.DiffFormat))
    if limit is not None and form != "md":
        raise UsageError(f"--limit is for -o md, not {form}", hint="leave it out")
    beside = drawing(form, by)
    known = gate.accepted(baseline)
    before, after = sides(inputs, context, git, quiet=quiet)
    told: dict[str, Any] = {"keep_going": keep_going, "verbose": verbose, "quiet": quiet}
    (old, new), whole = load(before, after, cni=cni, dns=dns, kubernetes=kubernetes, whole=True, **told)
    with doing("comparing", quiet=quiet):
        among: dict[str, Any] = {"source": source, "destination": destination, "workload": workload, "port": port}
        parts: dict[str, Any] = {"only": _parts(only), "severity": severity, "attackers": attackers or ()}
        answer = compare(old, new, **among, **parts, pods=pods, crown=crown)
    if write_baseline is not None:
        gate.write(write_baseline, answer.keys, known)
        raise typer.Exit(0 if whole else 2)
    if known:  # of a million connections the keys alone take seconds
        answer = answer.without(gate.in_force(known, answer.keys, quiet=quiet))
    answer = _told(answer, whole=whole)
    deliver(answer, form, file, quiet=quiet, verbose=verbose, **beside, **_of_format(answer, form, fail_on, limit))
    if form == "github":
        _summarise(answer)
    raise typer.Exit(_status(answer, fail_on) if whole else 2)


def _parts(only: list[str] | None) -> list[str]:
    return [part.strip() for each in only or () for part in each.split(",")]


def sides(
    inputs: list[str] | None, context: list[str] | None, git: str | None, *, quiet: bool
) -> tuple[list[str], list[str]]:
    """Return what to read on either side, the context first."""
    from netsim.cli import notes
    from netsim.cli.inputs import read_once
    from netsim.cli.revisions import states, without_absent

    before, after = states(git, inputs or ["."]) if git is not None else _two(inputs or [])
    shared = context or []
    read_once([*shared, *before, *after], "OLD, NEW or a CONTEXT")
    note = (lambda _: None) if quiet else notes.warning
    before, after = without_absent(before, after, note, by_revision=git is not None)
    return [*shared, *before], [*shared, *after]


def _two(inputs: list[str]) -> tuple[list[str], list[str]]:
    if len(inputs) != 2:
        hint = "netsim diff OLD NEW; what both sides share goes to --with; or --git main..HEAD PATH"
        raise UsageError(f"a diff takes two inputs, OLD and NEW, and got {len(inputs)}", hint=hint)
    return [inputs[0]], [inputs[1]]


def _told(answer: "Diff", *, whole: bool) -> "Diff":
    """Return the answer with a warning where a side could not be read whole: what it lacks seems to be a change."""
    from netsim.ir.snapshot import Notice

    if whole:
        return answer
    notice = Notice(
        "an input could not be read whole: what it lacks counts as absent on that side, though it may be there"
    )
    return replace(answer, warnings=(notice, *answer.warnings))


def _of_format(answer: "Diff", form: str, fail_on: options.FailOn, limit: int | None) -> dict[str, Any]:
    """Return what a format takes beside the answer."""
    from netsim.render.diffindings import failing

    if form == "junit":
        return {"fails": failing(answer, fail_on)}
    return {} if limit is None else {"limit": limit}


def _summarise(answer: "Diff") -> None:
    """Add the answer to the summary of a job of GitHub Actions, where there is one."""
    import os

    from netsim.cli.output import add
    from netsim.render import written

    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        add(written(answer, "md", limit=MOST_OF_SUMMARY), summary)


#: GitHub takes a mebibyte from each step.
MOST_OF_SUMMARY = 1_000_000


def _status(answer: "Diff", fail_on: options.FailOn) -> int:
    """Return the exit code. A changed connection is an added one to who fears openings, if it opens something."""
    from netsim.render.diffindings import failing, findings, weighed

    match fail_on:
        case "added":
            return int(weighed(answer, fail_on).opens)
        case "removed":
            return int(weighed(answer, fail_on).closes)
        case "any":
            return int(answer.opens or answer.closes)
        case _:
            return int(any(map(failing(answer, fail_on), findings(answer))))
