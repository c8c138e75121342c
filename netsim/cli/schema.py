"""``netsim schema``: JSON schemas, of what answers are and for editors."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim schema reach
  netsim schema answer -f netsim.schema.json
  netsim schema intents -f intents.schema.json

A field that an answer's schema does not name is no error: there may be more of
them in time. What it names stays, as long as `schema` is netsim/v1.

\b
An editor with the YAML language server takes it from the first line of a file:
  # yaml-language-server: $schema=intents.schema.json
"""

#: What there is a schema of: what the commands answer, what any of them does, and the files of intents.
Of = Literal[
    "reach",
    "query",
    "diff",
    "check",
    "fix",
    "explain",
    "gaps",
    "prove",
    "can",
    "who-can",
    "permissions",
    "fleet",
    "blast",
    "paths",
    "whatif",
    "posture",
    "answer",
    "intents",
]


def schema(
    of: Annotated[
        Of,
        typer.Argument(
            metavar="OF",
            show_default=False,
            help="A command, for what it answers; answer, for what any does; intents, for their files.",
        ),
    ],
    *,
    file: options.File = None,
) -> None:
    """Print the JSON schema of answers, or of a file that netsim reads."""
    import json

    from netsim.cli.output import put

    put([json.dumps(schemas()[of](), indent=2), "\n"], file)


def schemas() -> Mapping[str, Callable[[], dict[str, Any]]]:
    """Return what makes each schema."""
    from netsim.ingest.intents import intents_schema
    from netsim.render import ANSWERS, FORMATS
    from netsim.render.schema import answers_schema

    made = {name: partial(answers_schema, f"netsim {name}", answers) for name, answers in ANSWERS.items()}
    with_json = [answer for answer, formats in FORMATS.items() if formats.keys() & {"json", "jsonl"}]
    return {**made, "answer": partial(answers_schema, "any answer of netsim", with_json), "intents": intents_schema}
