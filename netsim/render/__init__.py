"""Answers as text, JSON, CSV, Markdown, graphs and HTML: one format a file."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from netsim.queries import (
    Allowed,
    BlastRadius,
    Diff,
    Exposed,
    Holders,
    Matrix,
    Paths,
    Permissions,
    Reachability,
    Steps,
    Verdict,
    WhatIf,
)
from netsim.queries.answer import Answer
from netsim.queries.audit import AuditTrace
from netsim.queries.codes import Meaning, Meanings
from netsim.queries.coverage import Coverage, Drafted
from netsim.queries.explain import Explained
from netsim.queries.findings import Findings
from netsim.queries.fix import Fix
from netsim.queries.fleet import Fleet
from netsim.queries.intents import Check, Inferred
from netsim.queries.levels import LevelTrial
from netsim.queries.proof import Proof
from netsim.queries.repairs import RightsRepairs
from netsim.queries.report import Report
from netsim.queries.rotation import Rotated
from netsim.queries.whocould import WhoCould
from netsim.render import (
    attack,
    attackdot,
    attackhtml,
    changed,
    codes,
    comment,
    controls,
    coverage,
    csv,
    diffindings,
    dot,
    explained,
    exposure,
    findings,
    fix,
    fleet,
    github,
    gitlab,
    html,
    intentfindings,
    intents,
    json,
    junit,
    levels,
    matrix,
    md,
    policyreport,
    posturehtml,
    proof,
    repairs,
    rights,
    sarif,
    svg,
    text,
    verdict,
    whocould,
)
from netsim.render.catalogue import catalogue, every_check
from netsim.render.palette import ANSI
from netsim.render.report import page

#: Writes an answer piece by piece.
Format = Callable[..., Iterator[str]]


def found_in_diff(write: Format) -> Format:
    """Return a format of findings as a format of a diff."""

    def findings(answer: Diff, **options: Any) -> Iterator[str]:
        return write(diffindings.findings(answer), every_check(), **options)

    return findings


def diff_in_tests(answer: Diff, **options: Any) -> Iterator[str]:
    """Return a diff as results of tests."""
    return junit.findings(diffindings.tests(answer), every_check(), suite="netsim diff", **options)


def found_in_check(write: Format) -> Format:
    """Return a format of findings as a format of a check of intents."""

    def findings(answer: Check, **options: Any) -> Iterator[str]:
        return write(intentfindings.findings(answer), catalogue(intentfindings.AREA), **options)

    return findings


def found(write: Format) -> Format:
    """Return a format of findings as a format of an answer that holds them."""

    def findings(answer: Findings, **options: Any) -> Iterator[str]:
        return write(answer.findings, every_check(), **options)

    return findings


def found_in_tests(answer: Findings, **options: Any) -> Iterator[str]:
    """Return findings as results of tests; the suite is called after the command."""
    command = "gaps" if answer.areas == ("gaps",) else "posture"
    return junit.findings(answer.findings, every_check(), suite=f"netsim {command}", **options)


#: What each kind of answer can be written as; `ansi` is text in colour, `html` is for notebooks.
FORMATS: Mapping[type[Answer], Mapping[str, Format]] = {
    Reachability: {
        "text": text.reach,
        "ansi": partial(text.reach, palette=ANSI),
        "json": json.reach,
        "csv": csv.reach,
        "md": md.reach,
        "dot": dot.reach,
        "svg": svg.reach,
        "html": html.reach,
    },
    Explained: {
        "text": explained.text,
        "ansi": partial(explained.text, palette=ANSI),
        "json": json.listed,
        "csv": csv.explained,
        "md": md.explained,
        "html": html.explained,
    },
    Exposed: {
        "text": exposure.exposed,
        "ansi": partial(exposure.exposed, palette=ANSI),
        "json": json.listed,
        "csv": csv.exposed,
        "md": md.exposed,
        "html": html.reach,
    },
    Meaning: {
        "text": codes.one,
        "ansi": partial(codes.one, palette=ANSI),
        "json": json.whole,
        "html": html.codes_told,
    },
    Meanings: {
        "text": codes.listed,
        "ansi": partial(codes.listed, palette=ANSI),
        "json": json.listed,
        "html": html.codes_told,
    },
    Fleet: {
        "text": fleet.text,
        "ansi": partial(fleet.text, palette=ANSI),
        "jsonl": fleet.jsonl,
        "html": html.fleet,
    },
    Verdict: {
        "text": verdict.query,
        "ansi": partial(verdict.query, palette=ANSI),
        "json": json.whole,
        "html": html.query,
    },
    Diff: {
        "text": changed.text,
        "ansi": partial(changed.text, palette=ANSI),
        "json": json.diff,
        "csv": csv.diff,
        "md": comment.diff,
        "dot": dot.diff,
        "svg": svg.diff,
        "sarif": found_in_diff(sarif.findings),
        "github": found_in_diff(github.findings),
        "junit": diff_in_tests,
        "gitlab": found_in_diff(gitlab.findings),
        "html": html.diff,
    },
    BlastRadius: {
        "text": attack.blast,
        "ansi": partial(attack.blast, palette=ANSI),
        "json": json.whole,
        "md": attack.blast_md,
        "dot": attackdot.blast,
        "svg": attackhtml.blast_svg,
        "html": attackhtml.blast,
    },
    Paths: {
        "text": attack.paths,
        "ansi": partial(attack.paths, palette=ANSI),
        "json": json.whole,
        "md": attack.paths_md,
        "dot": attackdot.paths,
        "svg": attackhtml.paths_svg,
        "html": attackhtml.paths,
    },
    Steps: {
        "text": attack.steps,
        "ansi": partial(attack.steps, palette=ANSI),
        "json": json.whole,
        "html": attackhtml.steps,
    },
    WhatIf: {
        "text": attack.whatif,
        "ansi": partial(attack.whatif, palette=ANSI),
        "json": json.whole,
        "md": attack.whatif_md,
        "html": attackhtml.whatif,
    },
    Proof: {
        "text": proof.text,
        "ansi": partial(proof.text, palette=ANSI),
        "json": json.whole,
        "html": html.proof,
    },
    Fix: {
        "text": fix.text,
        "ansi": partial(fix.text, palette=ANSI),
        "json": json.whole,
        "md": fix.md,
        "yaml": fix.yaml,
        "patch": fix.patch,
        "html": html.fix,
    },
    WhoCould: {
        "text": whocould.text,
        "ansi": partial(whocould.text, palette=ANSI),
        "json": json.whole,
        "html": html.who_could,
    },
    Report: {
        "text": page.summary,
        "ansi": page.summary,
        "json": json.whole,
        "page": page.page,
        "html": page.framed,
    },
    Matrix: {
        "text": matrix.text,
        "ansi": partial(matrix.text, palette=ANSI),
        "json": json.whole,
        "csv": csv.matrix,
        "html": html.matrix,
    },
    Allowed: {
        "text": rights.decision,
        "ansi": partial(rights.decision, palette=ANSI),
        "json": json.whole,
        "html": html.decision,
    },
    Holders: {
        "text": rights.holders,
        "ansi": partial(rights.holders, palette=ANSI),
        "json": json.listed,
        "csv": csv.holders,
        "html": html.holders,
    },
    Permissions: {
        "text": rights.permissions,
        "ansi": partial(rights.permissions, palette=ANSI),
        "json": json.listed,
        "csv": csv.permissions,
        "html": html.permissions,
    },
    Check: {
        "text": intents.text,
        "ansi": partial(intents.text, palette=ANSI),
        "trace": intents.explained,
        "json": json.listed,
        "sarif": found_in_check(sarif.findings),
        "github": found_in_check(github.findings),
        "gitlab": found_in_check(gitlab.findings),
        "junit": intents.junit,
        "md": intents.md,
        "html": html.checked,
    },
    Inferred: {"text": intents.inferred, "html": html.inferred},
    Findings: {
        "text": findings.text,
        "ansi": partial(findings.text, palette=ANSI),
        "json": json.listed,
        "md": findings.md,
        "sarif": found(sarif.findings),
        "github": found(github.findings),
        "junit": found_in_tests,
        "gitlab": found(gitlab.findings),
        "policyreport": policyreport.reports,
        "html": posturehtml.findings,
    },
    AuditTrace: {
        "text": controls.trace,
        "ansi": partial(controls.trace, palette=ANSI),
        "json": json.whole,
        "html": posturehtml.trace,
    },
    Coverage: {
        "text": coverage.text,
        "ansi": partial(coverage.text, palette=ANSI),
        "json": json.whole,
        "html": posturehtml.coverage,
    },
    Drafted: {
        "text": coverage.yaml,
        "ansi": coverage.yaml,
        "yaml": coverage.yaml,
        "json": json.whole,
        "html": posturehtml.drafted,
    },
    Rotated: {
        "text": controls.rotation,
        "ansi": partial(controls.rotation, palette=ANSI),
        "json": json.whole,
        "html": posturehtml.rotation,
    },
    LevelTrial: {
        "text": levels.text,
        "ansi": partial(levels.text, palette=ANSI),
        "json": json.listed,
        "yaml": levels.yaml,
        "html": posturehtml.level_trial,
    },
    RightsRepairs: {
        "text": repairs.text,
        "ansi": partial(repairs.text, palette=ANSI),
        "json": json.listed,
        "yaml": repairs.yaml,
        "html": posturehtml.rights_repairs,
    },
}


#: What each command answers as JSON.
ANSWERS: Mapping[str, tuple[type[Answer], ...]] = {
    "reach": (Reachability, Explained, Exposed),
    "query": (Verdict, WhoCould),
    "diff": (Diff,),
    "check": (Check,),
    "fix": (Fix,),
    "explain": (Meaning, Meanings),
    "gaps": (Findings,),
    "prove": (Proof,),
    "can": (Allowed,),
    "who-can": (Holders,),
    "permissions": (Permissions,),
    "fleet": (Fleet,),
    "blast": (BlastRadius,),
    "paths": (Paths,),
    "whatif": (WhatIf,),
    "posture": (Findings, LevelTrial, Rotated, AuditTrace, Coverage, Drafted),
}

#: What each kind of answer that can be a picture without text is drawn by.
PICTURES: Mapping[type[Answer], Callable[..., bytes]] = {
    Reachability: svg.reach_png,
    Diff: svg.diff_png,
    BlastRadius: attackhtml.blast_png,
    Paths: attackhtml.paths_png,
}


def pictured(answer: Answer, **options: Any) -> bytes:
    """Return an answer as PNG.

    Raises:
        KeyError: Its kind has no picture.
    """
    return PICTURES[type(answer)](answer, **options)


def written(answer: Answer, form: str, **options: Any) -> Iterator[str]:
    """Yield an answer in one of the formats of its kind, piece by piece.

    Args:
        options: What the format takes beside the answer: ``limit`` for a diff in ``md``.

    Raises:
        KeyError: Its kind has no such format.
    """
    return FORMATS[type(answer)][form](answer, **options)


def install() -> None:
    """Let answers show themselves: ``str(answer)``, and in notebooks."""
    Answer.displays.update({form: partial(_whole, form=form) for form in ("text", "html", "page")})


def _whole(answer: Answer, form: str) -> str:
    return "".join(written(answer, form)).rstrip("\n")
