"""The server of ``netsim explore``: one page and its questions, on this machine, for whoever has the address.

Others of this machine, and pages of the web that a browser has open, can connect to the port as well. They are kept
out by a secret in the path, by the name that the request must be addressed to (a page that rebinds its own name to
127.0.0.1 sends that name), and by saying nothing that would let a page of another origin read an answer.
"""

import json
import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from netsim.cli.messages import say
from netsim.errors import InternalError, NetsimError

HOST = "127.0.0.1"
#: Characters of an answer that a page is sent.
MOST_TEXT = 1_000_000
#: Seconds that a connection may say nothing.
_PATIENCE = 30
_FIELDS = frozenset({"from", "to", "port"})
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

#: Answers a question, given its fields, as text.
Question = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What is served.

    Attributes:
        secret: The first part of every path.
        turn: Held while a question is answered: what a cluster compiles on first use is compiled once.
    """

    page: bytes
    questions: Mapping[str, Question]
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    turn: Lock = field(default_factory=Lock)


class Explorer(ThreadingHTTPServer):
    """Serves one cluster, read-only.

    Raises:
        OSError: The port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, served: Served, port: int = 0) -> None:
        self.served = served
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{HOST}:{self.server_port}/{self.served.secret}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: Explorer
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Answer with the page, a question's answer, or why not."""
        if refused := self._refused():
            self._say(*refused)
            return
        split = urlsplit(self.path)
        secret, *rest = split.path.removeprefix("/").split("/")
        if not compare_digest(secret.encode(), self.server.served.secret.encode()):
            self._say(HTTPStatus.NOT_FOUND, "no such page")
        elif rest == [""]:
            self._send(HTTPStatus.OK, self.server.served.page, "text/html")
        elif len(rest) == 2 and rest[0] == "api":
            self._answer(rest[1], split.query)
        else:
            self._say(HTTPStatus.NOT_FOUND, "no such page")

    def _refused(self) -> tuple[HTTPStatus, str] | None:
        port = self.server.server_port
        if self.headers.get_all("Host", []) not in ([f"{HOST}:{port}"], [f"localhost:{port}"]):
            return HTTPStatus.MISDIRECTED_REQUEST, f"this server is {HOST}:{port}, and no other name"
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return HTTPStatus.FORBIDDEN, "a page of another origin may not ask"
        return None

    def _answer(self, name: str, query: str) -> None:
        question = self.server.served.questions.get(name)
        if question is None:
            self._say(HTTPStatus.NOT_FOUND, f"there is no question `{name}`")
            return
        try:
            fields = {key: values[-1] for key, values in parse_qs(query, max_num_fields=10).items()}
            if unknown := sorted(fields.keys() - _FIELDS):
                self._say(HTTPStatus.BAD_REQUEST, f"a question has no {', '.join(unknown)}")
                return
            with self.server.served.turn:
                text = question(fields)
        except InternalError as error:
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, error.message, error.hint)
        except (NetsimError, ValueError) as error:
            self._say(HTTPStatus.BAD_REQUEST, getattr(error, "message", str(error)), getattr(error, "hint", ""))
        except Exception:  # noqa: BLE001 - a bug of ours: the page says so, and so does whoever started it
            say(traceback.format_exc())
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a bug of netsim: it says more where it was started")
        else:
            cut = f"\n... and {len(text) - MOST_TEXT:,} characters more\n" if len(text) > MOST_TEXT else ""
            self._json(HTTPStatus.OK, {"text": text[:MOST_TEXT] + cut})

    def _say(self, status: HTTPStatus, error: str, hint: str = "") -> None:
        self._json(status, {"error": error, "hint": hint})

    def _json(self, status: HTTPStatus, value: Mapping[str, str]) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Return who answers, without versions."""
        return "netsim"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Log nothing: a path holds the secret."""
