"""The example policies that netsim grew from: each flaw that is known of them is found, and none that they lack."""

from pathlib import Path

import pytest

import netsim
from netsim.knowledge import checks
from tests.conformance.data import read_yaml, root

EXAMPLES = (
    "03-netpol-frontend-to-backend",
    "04-netpol-restrict-egress",
    "05-netpol-app-to-db",
    "06-netpol-frontend-http-only",
)
#: What must not be told goes by names of its own; a code that we do not have cannot be told.
_NAMES = {"netpol-no-default-deny-egress": "egress-open"}


def _code(name: str) -> str:
    own = _NAMES.get(name, name.removeprefix("netpol-"))
    return checks("gaps")[own].code if own in checks("gaps") else f"no code for {name}"


def _clusters(folder: Path) -> list[Path]:
    return sorted(folder.glob("cluster*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_known_flaw_is_found_at_its_severity(example: str) -> None:
    folder = root() / "seed-examples" / example
    found = {each.name: netsim.load(each, folder / "policy.yaml").gaps() for each in _clusters(folder)}
    for wanted in read_yaml(folder / "expect.yaml")["findings"]:
        clusters = wanted.get("clusters") or found
        told = [each for name in clusters for each in found[name] if each.code == _code(wanted["id"])]
        assert told, wanted
        assert {str(each.severity) for each in told} == {wanted["severity"]}
        for pod in wanted.get("objects", ()):
            assert any(pod in dict(each.evidence).get("pods", "") for each in told), pod


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_flaw_is_found_that_an_example_lacks(example: str) -> None:
    folder = root() / "seed-examples" / example
    unwanted = {_code(name) for name in read_yaml(folder / "expect.yaml").get("must_not_report", ())}
    for cluster in _clusters(folder):
        assert not unwanted & {each.code for each in netsim.load(cluster, folder / "policy.yaml").gaps()}
