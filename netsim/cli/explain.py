"""``netsim explain``: what a code means."""

from typing import Annotated, Literal, get_args

import typer

from netsim.cli import options

EXAMPLES = """\b
Examples:
  netsim explain NS114
  netsim explain
  netsim explain NS150 -o json
"""

Format = Literal["text", "json"]


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", show_default=False, help="Of a finding; every code without.")
    ] = None,
    *,
    output: Annotated[Format | None, options.OUTPUT] = None,
    file: options.File = None,
) -> None:
    """Say what the code of a problem or a finding means: why it matters, an example, the way out."""
    from netsim.cli.output import chosen, deliver
    from netsim.queries.codes import meaning, meanings

    answer = meanings() if code is None else meaning(code)
    deliver(answer, chosen(output, file, get_args(Format)), file, quiet=True, verbose=False)
