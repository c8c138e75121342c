"""``netsim completion``: what lets a shell complete netsim."""

import os
from typing import Annotated, Literal

import typer

#: By this variable a shell asks netsim for completions.
ASKED = "_NETSIM_COMPLETE"
EXAMPLES = """\b
Examples:
  source <(netsim completion bash)
  netsim completion zsh > "${fpath[1]}/_netsim"
  netsim completion fish > ~/.config/fish/completions/netsim.fish
"""


def completion(
    context: typer.Context,
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], typer.Argument(metavar="SHELL")],
) -> None:
    """Print what lets a shell complete netsim: bash, zsh, fish or powershell.

    `netsim --install-completion` does it all, for the shell that it is called from.
    """
    os.environ[ASKED] = f"source_{shell}"  # as a shell asks a command for it
    try:
        context.find_root().command.main(args=[], prog_name="netsim", complete_var=ASKED)
    finally:
        del os.environ[ASKED]
