"""Intents from a few lines of YAML, asked of a small cluster."""

import io

from netsim.cluster import Compiled
from netsim.errors import Problem
from netsim.ingest.intents import read_intents
from netsim.ir.intents import Intent
from netsim.queries.intents import Checked, check


def intents(text: str) -> tuple[Intent, ...]:
    """Return the intents of a text without problems."""
    found, problems = read(text)
    assert not problems, "\n".join(map(str, problems))
    return found


def read(text: str) -> tuple[tuple[Intent, ...], list[Problem]]:
    """Return the intents of a text, and what is wrong with it."""
    problems: list[Problem] = []
    file = io.StringIO(text)
    file.name = "intents.yaml"
    return read_intents([file], problems), problems


def said(cluster: Compiled, intent: str) -> Checked:
    """Return what is said of one intent, written in flow style without its name."""
    (found,) = check(cluster, intents(f"intents: [{{name: it, {intent}}}]"))
    return found
