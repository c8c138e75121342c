"""One listing in every format: nothing is dropped, whatever the size."""

import csv
import io
import json
import tracemalloc
from dataclasses import replace

import graphviz
import pytest

from netsim.errors import UsageError
from netsim.ir.objects import Family
from netsim.ir.place import Place
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import ALL, NONE, Protocol, Traffic
from netsim.queries import Reachability
from netsim.queries.counting import Totals
from netsim.queries.listing import Line
from netsim.render import FORMATS, pictured, written
from netsim.render.dot import By

WEB = Traffic.of([(Protocol.TCP, 80, 80), (Protocol.TCP, 443, 443)])
DNS = Traffic.of([(Protocol.UDP, 53, 53)])


def _listing(listed: dict[str, tuple[Line, ...]], **more: object) -> Reachability:
    return Reachability(listed=tuple(listed.items()), endpoints=3, classes=2, policies=1, **more)  # type: ignore[arg-type]


LINES = (
    Line("shop/cart[Deployment]", WEB, DNS, None),
    Line("shop/web[Deployment]", NONE, WEB, None),
    Line("shop/web-v6[Deployment]", ALL, NONE, Family.IPV6),
    Line("10.0.0.0/9", DNS, NONE, None),
    Line("10.192.0.0/10", DNS, NONE, None),
    Line("10.160.0.0/11", DNS, NONE, None),
)
LISTING = _listing(
    {"shop/web[Deployment]": LINES, "shop/other[Deployment]": LINES[:2]},
    assumptions=("an assumption",),
    warnings=(Notice('a "warning"', Place("a.yaml", 3, 1)),),
)


def _text(answer: Reachability, form: str) -> str:
    return "".join(written(answer, form))


def test_text_shows_what_is_allowed_what_is_unknown_and_of_which_family() -> None:
    assert _text(LISTING, "text").splitlines() == [
        "FROM                    TO                               TRAFFIC",
        "shop/web[Deployment]    shop/cart[Deployment]            TCP 80,443; unknown: UDP 53",
        "shop/web[Deployment]    shop/web-v6[Deployment]          all over IPv6",
        "shop/web[Deployment]    10.0.0.0/8 except 10.128.0.0/11  UDP 53",
        "shop/other[Deployment]  shop/cart[Deployment]            TCP 80,443; unknown: UDP 53",
        "shop/other[Deployment]  shop/web[Deployment]             unknown: TCP 80,443",
        "",
        "6 connections, 1 unknown, in 5 rows; 3 endpoints in 2 classes, 1 policy",
    ]


def test_blocks_that_fare_alike_are_one_source_however_their_lines_were_made() -> None:
    line = Line("shop/web[Pod]", WEB, NONE, None)
    around = ("10.0.0.0/9", "10.160.0.0/11", "10.192.0.0/10")
    told = _text(_listing({name: (replace(line),) for name in around}), "text")
    assert "10.0.0.0/8 except 10.128.0.0/11  shop/web[Pod]  TCP 80,443\n" in told


def test_json_is_what_the_answer_says_of_itself() -> None:
    assert json.loads(_text(LISTING, "json")) == LISTING.to_dict()
    empty = _listing({})
    assert json.loads(_text(empty, "json")) == empty.to_dict()
    summary = _listing({}, totals=Totals(inner=(2, 1), outer=(1, 0)))
    assert json.loads(_text(summary, "json")) == summary.to_dict()


def test_csv_has_a_row_for_each_connection_and_an_empty_one_none() -> None:
    rows = list(csv.reader(io.StringIO(_text(LISTING, "csv"))))
    assert rows[0] == ["from", "to", "traffic", "unknown", "family"]
    assert rows[1] == ["shop/web[Deployment]", "shop/cart[Deployment]", "TCP 80,443", "UDP 53", ""]
    assert len(rows) == 1 + len(LISTING)
    assert _text(_listing({}), "csv") == "from,to,traffic,unknown,family\n"


def test_a_workload_s_line_to_itself_is_left_out_in_every_format() -> None:
    own = _listing({"shop/web[Deployment]": (LINES[1],)})
    for form in FORMATS[Reachability].keys() - {"svg"}:
        assert _text(own, form).count("shop/web[Deployment]") == 0, form


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "dot", "html"])
def test_unknown_traffic_is_never_dropped(form: str) -> None:
    unknown = _listing({"shop/other[Deployment]": (LINES[1],)})
    told = _text(unknown, form)
    assert "shop/other[Deployment]" in told
    assert "80,443" in told
    assert "unknown" in told


def test_a_long_cell_does_not_widen_its_column() -> None:
    blocks = tuple(Line(f"{number}.0.0.0/8", DNS, NONE, None) for number in (101, 103, 105, 107, 109, 111))
    head, first, *_ = _text(_listing({"shop/web[Pod]": (LINES[0], *blocks)}), "text").splitlines()
    assert head.index("TRAFFIC") == first.index("TCP 80")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_million_rows_are_written_in_the_memory_of_a_few(form: str) -> None:
    lines = tuple(Line(f"shop/to-{number:04}[Pod]", WEB, NONE, None) for number in range(1_000))
    answer = _listing({f"shop/from-{number:04}[Pod]": lines for number in range(1_000)})
    tracemalloc.start()
    size = sum(len(chunk) for chunk in written(answer, form))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 40_000_000
    assert peak < 4_000_000


def _thicket(workloads: int) -> Reachability:
    lines = tuple(Line(f"shop/to-{number}[Pod]", WEB, NONE, None) for number in range(workloads))
    return _listing({"web/web[Pod]": lines, "0.0.0.0/0": lines[:3]})


def test_a_picture_that_nobody_could_read_is_refused_and_its_graph_is_not() -> None:
    many = _thicket(3_001)
    with pytest.raises(UsageError, match="3,004 connections"):
        "".join(written(many, "svg", by=By.WORKLOAD))
    assert _text(many, "dot").count(" -> ") == 3_004


def test_a_large_picture_is_of_namespaces_unless_workloads_are_asked_for() -> None:
    small, large = _thicket(150), _thicket(250)
    assert "250 workloads" in _text(large, "svg")
    assert "workloads" not in _text(small, "svg")
    assert "to&#45;249" in "".join(written(large, "svg", by=By.WORKLOAD))
    assert "150 workloads" in "".join(written(small, "svg", by=By.NAMESPACE))


def test_a_graph_of_namespaces_counts_the_arrows_between_them_and_keeps_addresses() -> None:
    graph = "".join(written(_thicket(250), "dot", by=By.NAMESPACE))
    arrows = [line.strip() for line in graph.splitlines() if " -> " in line]
    assert len(arrows) == 2
    assert arrows[0].startswith('"web" -> "shop" [label="250"')
    assert arrows[1].startswith('"from 0.0.0.0/0" -> "shop" [label="3"')
    assert '"shop" [label="shop\\n250 workloads"' in graph
    assert graph == "".join(written(_thicket(250), "dot", by=By.NAMESPACE))


def test_a_png_is_a_picture_of_the_same_graph() -> None:
    assert pictured(_thicket(3)).startswith(b"\x89PNG\r\n")


def test_a_graph_that_graphviz_cannot_draw_at_once_is_drawn_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def pipe(self: graphviz.Source, **_: object) -> bytes:
        drawn.append(self.source)
        if "newrank" not in self.source:
            raise graphviz.CalledProcessError(1, "dot")
        return b"drawn"

    monkeypatch.setattr(graphviz.Source, "pipe", pipe)
    assert pictured(_thicket(3)) == b"drawn"
    assert len(drawn) == 2
    monkeypatch.setattr(graphviz.Source, "pipe", _fails)
    with pytest.raises(UsageError, match="failed to draw"):
        pictured(_thicket(3))


def _fails(_: graphviz.Source, **__: object) -> bytes:
    raise graphviz.CalledProcessError(1, "dot")


def test_many_arrows_between_namespaces_are_drawn_around_a_middle_without_numbers() -> None:
    lines = [tuple(Line(f"n{at}/x[Pod]", WEB, NONE, None) for at in range(12) if at != own) for own in range(12)]
    graph = "".join(written(_listing({f"n{own}/x[Pod]": lines[own] for own in range(12)}), "dot", by=By.NAMESPACE))
    assert "layout=sfdp" in graph
    assert graph.count('label=""') == graph.count(" -> ") == 132
