"""``netsim explore``: real requests to a real server, as its page, a stranger's page and a stranger send them."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlencode, urlsplit

import pytest

import netsim
from netsim.cli.explore import served
from netsim.cli.serving import Explorer
from netsim.queries.report import Beyond, report
from netsim.render.report.page import Asks, page
from tests.cli.conftest import REPOSITORY

SHOP = REPOSITORY / "fixtures" / "online-shop"


class Answered:
    """What the server said."""

    def __init__(self, explorer: Explorer, path: str, method: str = "GET", **headers: str) -> None:
        connection = HTTPConnection("127.0.0.1", explorer.server_port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        self.status, self.headers, self.body = response.status, response.headers, response.read().decode()
        connection.close()

    @property
    def json(self) -> Mapping[str, str]:
        return json.loads(self.body)


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    cluster = netsim.load(SHOP)
    written = "".join(page(cluster.report(), asks=Asks.ITS_SERVER)).encode()
    with Explorer(served(cluster, written)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_page_that_is_not_served_may_connect_to_nobody() -> None:
    small = netsim.load(documents=[{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}])
    assert "connect-src" not in small.report().page().partition("<title>")[0]


def root(explorer: Explorer) -> str:
    return urlsplit(explorer.address).path


def asked(explorer: Explorer, question: str, **fields: str) -> Answered:
    return Answered(
        explorer, f"{root(explorer)}api/{question}?{urlencode({k.rstrip('_'): v for k, v in fields.items()})}"
    )


def test_the_page_is_that_of_a_report_which_may_ask_its_server(explorer: Explorer) -> None:
    got = Answered(explorer, root(explorer))
    assert got.status == 200
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "connect-src &#x27;self&#x27;" in got.body


@pytest.mark.parametrize(
    ("question", "fields", "told"),
    [
        ("query", {"from_": "shop/cart", "to": "data/redis", "port": "6379"}, "allowed: shop/cart -> data/redis"),
        ("query", {"from_": "shop/cart", "to": "data/postgres"}, "denied   all"),
        ("blast", {"from_": "shop/cart"}, "if shop/cart is taken"),
        ("paths", {"from_": "internet", "to": "cluster-admin"}, "cluster-admin"),
    ],
)
def test_a_question_is_answered_in_the_words_of_the_command_line(
    explorer: Explorer, question: str, fields: dict[str, str], told: str
) -> None:
    got = asked(explorer, question, **fields)
    assert got.status == 200
    assert told in got.json["text"]


@pytest.mark.parametrize(
    ("question", "fields", "status", "told"),
    [
        ("query", {"from_": "shop/cart"}, 400, "does not say `to`"),
        ("query", {"from_": "shop/nobody", "to": "data/redis"}, 400, "nobody"),
        ("query", {"from_": "shop/cart", "to": "data/redis", "port": "99999"}, 400, "99999"),
        ("query", {"from_": "shop/cart", "to": "data/redis", "file": "x"}, 400, "has no file"),
        ("delete", {"from_": "shop/cart"}, 404, "no question `delete`"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_the_reason(
    explorer: Explorer, question: str, fields: dict[str, str], status: int, told: str
) -> None:
    got = asked(explorer, question, **fields)
    assert got.status == status
    assert told in got.json["error"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
def test_a_page_that_rebinds_its_own_name_to_this_machine_is_refused(explorer: Explorer, host: str) -> None:
    got = Answered(explorer, root(explorer), Host=host.format(port=explorer.server_port))
    assert got.status == 421
    assert "netsim report" not in got.body


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_origin_is_refused(explorer: Explorer, site: str) -> None:
    assert Answered(explorer, root(explorer), Sec_Fetch_Site=site).status == 403


@pytest.mark.parametrize("path", ["*", "/", "/api/query?from=a&to=b", "/x/", "/%2e%2e/", "/{secret}", "/{secret}x/"])
def test_without_the_secret_there_is_nothing(explorer: Explorer, path: str) -> None:
    got = Answered(explorer, path.format(secret=explorer.served.secret))
    assert got.status == 404
    assert explorer.served.secret not in got.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_done_but_read(explorer: Explorer, method: str) -> None:
    got = Answered(explorer, root(explorer), method)
    assert got.status == 501
    assert "Access-Control-Allow-Origin" not in got.headers


def test_no_answer_may_be_read_framed_or_kept_by_another_page(explorer: Explorer) -> None:
    for got in (Answered(explorer, root(explorer)), asked(explorer, "blast", from_="shop/cart")):
        assert not [name for name in got.headers if name.lower().startswith("access-control-")]
        assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert got.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert got.headers["Cache-Control"] == "no-store"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Server"] == "netsim"


def test_it_listens_to_this_machine_alone_and_its_secret_is_new_each_time(explorer: Explorer) -> None:
    assert explorer.server_address[0] == "127.0.0.1"
    with Explorer(served(netsim.load(SHOP), b"")) as other:
        assert len(other.served.secret) >= 40
        assert other.served.secret != explorer.served.secret


def test_a_bug_is_told_as_one_and_the_server_goes_on(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(fields: Mapping[str, str]) -> str:
        raise KeyError(*fields)

    monkeypatch.setitem(explorer.served.questions, "blast", broken)
    got = asked(explorer, "blast", from_="shop/cart")
    assert got.status == 500
    assert "bug" in got.json["error"]
    assert "KeyError" in capsys.readouterr().err
    assert Answered(explorer, root(explorer)).status == 200


def test_rows_that_no_page_can_hold_are_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netsim.queries.report.MOST_ROWS", 10)
    answer = report(netsim.load(SHOP), beyond=Beyond.LEFT_OUT)
    assert len(answer.explained) == 0
    assert len(answer.places) > 10
    assert any("connections are left out, for a page holds 10" in each.message for each in answer.warnings)


@pytest.mark.slow
def test_the_command_says_where_and_ends_in_peace_when_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "tests.cli.as_netsim", "explore", str(SHOP), "--quiet"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        address = urlsplit(ran.stdout.readline().strip())
        connection = HTTPConnection(address.netloc, timeout=30)
        connection.request("GET", address.path)
        assert connection.getresponse().status == 200
        ran.send_signal(signal.SIGINT)
        _, err = ran.communicate(timeout=30)
    assert ran.returncode == 0, err
    assert not err
