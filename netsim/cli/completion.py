"""``kubectl_complete-netsim``: what kubectl asks to complete ``kubectl netsim ...``."""

import contextlib
import os
import sys
from typing import NoReturn

#: To kubectl: complete file names where nothing else is offered.
_FILES_TOO = ":0"


def run() -> NoReturn:
    """Print what the last word may become, one a line, then what kubectl is to do with it; and exit."""
    from netsim.cli.app import app

    words = sys.argv[1:]
    os.environ.update(
        {
            "_NETSIM_COMPLETE": "complete_bash",
            "COMP_WORDS": "\n".join(["netsim", *words]),
            "COMP_CWORD": str(len(words)),
        }
    )
    sys.argv = ["netsim"]
    with contextlib.suppress(SystemExit):
        app(prog_name="netsim")
    print(_FILES_TOO)
    sys.exit(0)
