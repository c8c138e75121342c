"""What a user wrote stays text, wherever it is shown."""

import shutil
import subprocess

import pytest

from netsim.ir.place import Place
from netsim.ir.traffic import NONE, Protocol, Traffic
from netsim.queries import Diff, Reachability
from netsim.queries.blame import Cause
from netsim.queries.changes import Change
from netsim.queries.listing import Line
from netsim.render import written
from netsim.render.md import code
from netsim.render.words import safe

WEB = Traffic.of([(Protocol.TCP, 80, 80)])
NASTY = '<b>"\\x|`\x1b[31m\u202e\n</b>'


@pytest.fixture
def listing() -> Reachability:
    line = Line(f"shop/{NASTY}[Pod]", WEB, NONE, None)
    return Reachability(listed=((f"{NASTY}/web[Pod]", (line,)),), endpoints=2, classes=2, policies=0)


@pytest.fixture
def changes() -> Diff:
    cause = Cause("NetworkPolicy shop/web", "shop/web", "ingress[0]", Place(f"{NASTY}.yaml", 3, 1), "new", "allows")
    change = Change(source=f"{NASTY}/web[Pod]", destination="shop/db[Pod]", old=NONE, new=WEB, because=(cause,))
    return Diff(changes=(change,))


def _text(answer: Reachability | Diff, form: str) -> str:
    return "".join(written(answer, form))


def test_what_does_not_print_is_written_out() -> None:
    assert safe("a\x1b[31mb\nc\u202e\udcff") == "a\\x1b[31mb\\nc\\u202e\\udcff"
    assert safe("naïve/データ") == "naïve/データ"


@pytest.mark.parametrize("form", ["text", "md", "dot", "html"])
def test_no_control_character_is_shown(form: str, listing: Reachability, changes: Diff) -> None:
    for answer in (listing, changes):
        told = _text(answer, form)
        assert told.replace("\n", "").isprintable()


def test_html_shows_tags_as_text(listing: Reachability, changes: Diff) -> None:
    for answer in (listing, changes):
        told = _text(answer, "html")
        assert "<b>" not in told
        assert "&lt;b&gt;" in told


def test_a_table_of_markdown_keeps_its_columns(listing: Reachability, changes: Diff) -> None:
    for answer in (listing, changes):
        rows = [line for line in _text(answer, "md").splitlines() if line.startswith("|")]
        assert len({line.replace("\\|", "").count("|") for line in rows}) == 1


def test_a_backtick_ends_no_code() -> None:
    assert code("a`b") == "`` a`b ``"
    assert code("a|b") == "`a\\|b`"


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")
def test_graphviz_reads_whatever_the_names_are(listing: Reachability, changes: Diff) -> None:
    for answer in (listing, changes):
        graph = _text(answer, "dot")
        ran = subprocess.run(["dot", "-Tplain"], input=graph, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.count("\nedge ") == 1
