"""The pytest plugin: a fixture ``netsim_cluster``, assertions that explain themselves, intent files as tests.

Nothing of netsim is imported before a test asks for it: a project that does not use the plugin pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from netsim.api import Cluster
    from netsim.ir.intents import Intent
    from netsim.queries.intents import Checked

PREFIX, SUFFIXES = "test_", (".netsim.yaml", ".netsim.yml")
#: Inputs that say themselves where they are.
_NO_PATHS = ("git:", "kustomize:", "helm:")
_HOW = "say which manifests: --netsim-input k8s/, or `netsim_input = k8s/` in pytest's configuration"

_CLUSTER: pytest.StashKey[Any] = pytest.StashKey()
_TOLD: pytest.StashKey[list[Told]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what says which cluster tests are about."""
    group = parser.getgroup("netsim", "NetworkPolicy reachability")
    group.addoption(
        "--netsim-input",
        action="append",
        metavar="INPUT",
        help="manifests or dumps that `netsim_cluster` and intent files are about; may be repeated",
    )
    group.addoption("--netsim-cni", metavar="NAME", help="the profile of the network; default: upstream")
    parser.addini("netsim_input", "manifests or dumps that tests are about, below the root folder", type="args")
    parser.addini("netsim_cni", "the profile of the network")


@pytest.fixture(scope="session")
def netsim_cluster(request: pytest.FixtureRequest) -> Asserting:
    """The cluster of ``--netsim-input``, or of ``netsim_input`` in the configuration."""
    return Asserting(_cluster(request.config), request.config.stash.setdefault(_TOLD, []))


def _cluster(config: pytest.Config) -> Cluster:
    """Return the cluster of this run, read once."""
    if _CLUSTER not in config.stash:
        from netsim.api import load
        from netsim.errors import NetsimError
        from netsim.knowledge import DEFAULT_PROFILE

        inputs = list(_inputs(config))
        if not inputs:
            pytest.fail(f"netsim has no input: {_HOW}", pytrace=False)
        try:
            cni = config.getoption("netsim_cni") or config.getini("netsim_cni") or DEFAULT_PROFILE
            config.stash[_CLUSTER] = load(*inputs, cni=cni)
        except NetsimError as error:
            config.stash[_CLUSTER] = error
    found = config.stash[_CLUSTER]
    if isinstance(found, Exception):
        pytest.fail(str(found), pytrace=False)
    return found  # type: ignore[no-any-return]


def _inputs(config: pytest.Config) -> Iterable[str]:
    """Yield the inputs: of the command line from where it was called, of the configuration from the root."""
    given = config.getoption("netsim_input")
    base = config.invocation_params.dir if given else config.rootpath
    for text in given or config.getini("netsim_input"):
        yield text if text.startswith(_NO_PATHS) else str(base / text)


class Told:
    """An answer that is asserted; where it is false in a condition, a failure of its test shows it."""

    def __init__(self, answer: Any, log: list[Told]) -> None:
        self._answer = answer
        self._log = log

    def __bool__(self) -> bool:
        holds = bool(self._answer)
        if not holds and self not in self._log:
            self._log.append(self)
        return holds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)

    def __str__(self) -> str:
        return str(self._answer)

    def __repr__(self) -> str:
        return f"<{str(self._answer).partition(chr(10))[0]}>"


class Asserting:
    """A cluster whose assertions explain themselves; it has everything else that a ``netsim.Cluster`` has."""

    def __init__(self, cluster: Cluster, log: list[Told]) -> None:
        self._cluster = cluster
        self._log = log

    def allows(self, source: str, destination: str, port: int | str, protocol: str | None = None) -> Told:
        """Return whether a connection is surely allowed."""
        __tracebackhide__ = True
        return self._told(self._cluster.allows, source, destination, port, protocol)

    def denies(self, source: str, destination: str, port: int | str, protocol: str | None = None) -> Told:
        """Return whether a connection is surely denied."""
        __tracebackhide__ = True
        return self._told(self._cluster.denies, source, destination, port, protocol)

    def only_reached_by(
        self, destination: str, sources: str | Sequence[str], port: int | str | Sequence[int | str] | None = None
    ) -> Told:
        """Return whether surely nobody but ``sources`` may connect to ``destination``."""
        __tracebackhide__ = True
        return self._told(self._cluster.only_reached_by, destination, sources, port)

    def check(self, *intents: Any, must_allow: Sequence[Any] = (), must_deny: Sequence[Any] = ()) -> Told:
        """Return whether all intents hold."""
        __tracebackhide__ = True
        return self._told(self._cluster.check, *intents, must_allow=must_allow, must_deny=must_deny)

    def _told(self, question: Callable[..., Any], *given: Any, **more: Any) -> Told:
        """Return an answer; what cannot be asked is an error of the test, at its own line."""
        from netsim.errors import NetsimError

        __tracebackhide__ = True
        try:
            return Told(question(*given, **more), self._log)
        except NetsimError as error:
            raise error.with_traceback(None) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Add to a failure what was asserted of the cluster and is not so."""
    report = yield
    log = item.config.stash.get(_TOLD, None)
    if log:
        if report.failed:
            report.sections += (("netsim", str(told)) for told in log)
        log.clear()
    return report


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> IntentFile | None:
    """Collect intent files: ``test_*.netsim.yaml``."""
    if file_path.name.startswith(PREFIX) and file_path.name.endswith(SUFFIXES):
        return IntentFile.from_parent(parent, path=file_path)
    return None


class IntentFile(pytest.File):
    """A file of intents, each of which is a test."""

    def collect(self) -> Iterator[IntentItem]:
        """Yield the intents."""
        from netsim.ingest.intents import read_intents

        problems: list[Any] = []
        intents = read_intents([self.path], problems)
        if problems:
            raise self.CollectError("\n".join(map(str, sorted(problems))))
        for intent in intents:
            yield IntentItem.from_parent(self, name=intent.name, intent=intent)


class IntentItem(pytest.Item):
    """One intent."""

    def __init__(self, *, intent: Intent, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._intent = intent

    def runtest(self) -> None:
        """Check the intent."""
        from netsim.queries.intents import check

        (checked,) = check(_cluster(self.config), [self._intent])
        if not checked.holds:
            raise BrokenIntentError(checked)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what breaks the intent, with its trace, or what is wrong with the input."""
        from netsim.errors import NetsimError

        if isinstance(excinfo.value, BrokenIntentError | NetsimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the intent stands."""
        return self.path, self._intent.place.line - 1, f"intent: {self.name}"


class BrokenIntentError(AssertionError):
    """An intent that does not hold."""

    def __init__(self, checked: Checked) -> None:
        from netsim.queries.intents import Check
        from netsim.render import written

        super().__init__("".join(written(Check(results=(checked,)), "trace")).rstrip())
