"""``netsim schema``: JSON schemas, for editors."""

from typing import Annotated, Literal

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim schema intents -f intents.schema.json

\b
An editor with the YAML language server takes it from the first line of a file:
  # yaml-language-server: $schema=intents.schema.json
"""


def schema(
    of: Annotated[Literal["intents"], typer.Argument(metavar="intents", show_default=False, help="Of what.")],
    *,
    file: options.File = None,
) -> None:
    """Print the JSON schema of a file that netsim reads."""
    import json

    from netsim.cli.output import put
    from netsim.ingest.intents import intents_schema

    schemas = {"intents": intents_schema}
    put([json.dumps(schemas[of](), indent=2), "\n"], file)
