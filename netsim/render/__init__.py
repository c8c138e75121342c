"""Answers as text, JSON, CSV, Markdown, graphs and HTML: one format a file."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from netsim.queries import Allowed, Diff, Exposed, Holders, Matrix, Permissions, Reachability, Verdict
from netsim.queries.answer import Answer
from netsim.queries.explain import Explained
from netsim.render import csv, dot, explained, exposure, html, json, matrix, md, rights, svg, text, verdict
from netsim.render.palette import ANSI

#: Writes an answer piece by piece.
Format = Callable[[Any], Iterator[str]]

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
    Verdict: {
        "text": verdict.query,
        "ansi": partial(verdict.query, palette=ANSI),
        "json": json.whole,
        "html": html.query,
    },
    Diff: {
        "text": text.diff,
        "ansi": partial(text.diff, palette=ANSI),
        "json": json.listed,
        "csv": csv.diff,
        "md": md.diff,
        "dot": dot.diff,
        "svg": svg.diff,
        "html": html.diff,
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
}


def written(answer: Answer, form: str) -> Iterator[str]:
    """Yield an answer in one of the formats of its kind, piece by piece.

    Raises:
        KeyError: Its kind has no such format.
    """
    return FORMATS[type(answer)][form](answer)


def install() -> None:
    """Let answers show themselves: ``str(answer)``, and in notebooks."""
    Answer.displays.update({form: partial(_whole, form=form) for form in ("text", "html")})


def _whole(answer: Answer, form: str) -> str:
    return "".join(written(answer, form)).rstrip("\n")
