"""A report as one page of HTML that loads nothing: its policy forbids it, and its scripts are named by their hashes."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from enum import Enum
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from netsim.queries.report import Report
from netsim.render.report.model import Model
from netsim.render.words import counted

#: The page's own scripts, in the order in which they are read: one scope, as if they were one file.
SCRIPTS = ("data.js", "view.js", "detail.js", "tables.js", "matrix.js", "map.js", "main.js")
#: What a page that may ask has beside them, before the last of them.
ASKING = "ask.js"
LIBRARY = "cytoscape.min.js"
LICENCE = "cytoscape.LICENSE"

#: The library adds this style, which the policy would refuse, unless an element of its id is there already.
LIBRARY_STYLE = ".__________cytoscape_container { position: relative; }"

_SLOT = re.compile(r"<!--slot:(\w+)-->")


class Asks(Enum):
    """Whom a page may ask for more."""

    NOBODY = "nobody"
    ITS_SERVER = "its server"


def page(answer: Report, *, asks: Asks = Asks.NOBODY) -> Iterator[str]:
    """Yield the page."""
    library, licence = asset(LIBRARY), asset(LICENCE)
    own = "'use strict';\n(() => {\n" + "\n".join(asset(name) for name in _scripts(asks)) + "\n})();\n"
    style = asset("report.css")
    slots = {
        "policy": escape(_policy([library, own], [style, LIBRARY_STYLE], asks)),
        "title": escape(_title(answer)),
        "style": f"<style>{style}</style>\n<style id=__________cytoscape_stylesheet>{LIBRARY_STYLE}</style>",
        "data": f'<script type="application/json" id="data">{_as_data(Model(answer).values())}</script>',
        "licence": escape(licence),
        "library": f"<script>{library}</script>",
        "script": f"<script>{own}</script>",
    }
    for at, piece in enumerate(_SLOT.split(asset("page.html"))):
        yield slots[piece] if at % 2 else piece


def _scripts(asks: Asks) -> tuple[str, ...]:
    return SCRIPTS if asks is Asks.NOBODY else (*SCRIPTS[:-1], ASKING, SCRIPTS[-1])


def asset(name: str) -> str:
    """Return a file that the page is made of."""
    return (files("netsim.render") / "assets" / name).read_text(encoding="utf-8")


def framed(answer: Report) -> Iterator[str]:
    """Yield the page for a notebook: in a frame that may run its own scripts and nothing else."""
    whole = escape("".join(page(answer)))
    yield f'<iframe sandbox="allow-scripts" width="100%" height="720" srcdoc="{whole}"></iframe>'


def summary(answer: Report) -> Iterator[str]:
    """Yield what the page holds, in one line."""
    yield _title(answer) + "\n"


def _title(answer: Report) -> str:
    counts = answer.explained.summary
    told = [counted(counts["endpoints"], "endpoint"), counted(counts["connections"], "connection")]
    if answer.diff is not None:
        told.append(counted(len(answer.diff), "change"))
    return f"netsim: {', '.join(told)}"


def _policy(scripts: list[str], styles: list[str], asks: Asks) -> str:
    """Return the Content-Security-Policy: these scripts and styles, and nothing from anywhere else."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, scripts)),
        "style-src": " ".join(map(_hash, styles)),
        **({"connect-src": "'self'"} if asks is Asks.ITS_SERVER else {}),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",  # no text is ever parsed as HTML, whoever wrote it
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


#: What would end the element, or start another one. In JSON these stand in strings only.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def _as_data(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: _UNSAFE[found[0]], text)
