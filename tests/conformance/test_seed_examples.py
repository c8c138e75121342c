"""The example policies that netsim grew from: what each lets through, whatever its author claims."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import netsim
from tests.conformance.data import read_yaml, root

#: The examples with answers on reachability.
EXAMPLES = (
    "03-netpol-frontend-to-backend",
    "04-netpol-restrict-egress",
    "05-netpol-app-to-db",
    "06-netpol-frontend-http-only",
)


def answers() -> Iterator[Any]:
    """Yield the policy, the cluster and the expected verdict of each question, with its sentence as the test's id."""
    for example in EXAMPLES:
        folder = root() / "seed-examples" / example
        given = read_yaml(folder / "expect.yaml")["reachability"]
        by_cluster = {"cluster.yaml": given} if isinstance(given, list) else given
        for cluster, questions in by_cluster.items():
            for number, question in enumerate(questions):
                name = f"{example[:2]}-{Path(cluster).stem}-{number}: {question['why']}"
                yield pytest.param(folder / "policy.yaml", folder / cluster, question, id=name)


def test_every_example_with_answers_on_reachability_is_asked_about() -> None:
    files = sorted((root() / "seed-examples").glob("*/expect.yaml"))
    assert tuple(file.parent.name for file in files if "reachability" in read_yaml(file)) == EXAMPLES


@pytest.mark.parametrize(("policy", "cluster", "question"), list(answers()))
def test_a_seed_policy_lets_through_what_its_answer_says(policy: Path, cluster: Path, question: dict) -> None:
    verdict = netsim.load(cluster, policy).query(
        question["from"], question["to"], port=question["port"], protocol=question["protocol"]
    )
    assert verdict.allowed is question["allowed"]
