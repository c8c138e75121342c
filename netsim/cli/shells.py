"""``netsim completion``: what lets a shell complete netsim."""

from typing import Annotated, Literal

import typer

EXAMPLES = """\b
Examples:
  source <(netsim completion bash)
  netsim completion zsh > "${fpath[1]}/_netsim"
  netsim completion fish > ~/.config/fish/completions/netsim.fish
"""


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], typer.Argument(metavar="SHELL")],
) -> None:
    """Print what lets a shell complete netsim: bash, zsh, fish or powershell.

    `netsim --install-completion` does it all, for the shell that it is called from.
    """
    from typer._completion_shared import get_completion_script

    print(get_completion_script(prog_name="netsim", complete_var="_NETSIM_COMPLETE", shell=shell))
