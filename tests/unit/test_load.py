"""Inputs with problems: refused as a whole, or read as far as they are not in doubt."""

import io
from pathlib import Path

import pytest

import netsim

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: c}]}\n"
WRONG = "apiVersion: v1\nkind: Pod\nmetadata: {name: Db, namespace: shop}\nspec: {containers: [{name: c}]}\n"


def test_what_can_be_read_is_read_in_spite_of_problems_and_they_are_at_hand() -> None:
    cluster = netsim.load(io.StringIO(f"{POD}---\n{WRONG}"), keep_going=True)
    assert [str(pod) for pod in cluster.snapshot.pods if pod.name == "web"] == ["shop/web"]
    (problem,) = cluster.problems
    assert (problem.code, problem.line, problem.subject) == ("NS109", 8, "Pod shop/Db")


def test_problems_are_raised_unless_they_may_be_passed_over() -> None:
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(io.StringIO(f"{POD}---\n{WRONG}"))
    assert len(refused.value.problems) == 1


def test_a_cluster_without_problems_has_none() -> None:
    assert netsim.load(io.StringIO(POD)).problems == netsim.load(io.StringIO(POD), keep_going=True).problems == ()


def test_problems_with_the_addresses_of_names_are_passed_over_too() -> None:
    cluster = netsim.load(io.StringIO(POD), dns={"example.com": ["no address"]}, keep_going=True)
    assert [problem.code for problem in cluster.problems] == ["NS116"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"{POD}{POD}", "write `---` on a line of its own between two objects"),
        (f"{POD}spec: {{}}\n", "keep one: kubectl takes the last, and says nothing of the others"),
        (
            POD.replace("name: web,", "name: web, labels: {kind: a, kind: b},"),
            "keep one: kubectl takes the last, and says nothing of the others",
        ),
    ],
    ids=["two objects", "one object with two specs", "labels"],
)
def test_a_key_that_stands_twice_tells_the_likeliest_way_out(text: str, hint: str) -> None:
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(io.StringIO(text))
    first = min(problem for problem in refused.value.problems if problem.code == "NS103")
    assert first.hint == hint


@pytest.mark.parametrize("folder", sorted(FIXTURES.glob("kind-*/invalid")), ids=lambda folder: folder.parent.name)
def test_a_refused_port_always_comes_with_a_way_out(folder: Path) -> None:
    problems = netsim.load(folder / "manifests", keep_going=True).problems
    assert problems
    assert not [problem for problem in problems if problem.code == "NS113" and not problem.hint]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HTTP", "write http, in the container and wherever the port is named"),
        ("web_ui", "write web-ui, in the container and wherever the port is named"),
        ("'80'", "write 80 without quotes to mean the number, or a name with a letter in it"),
        ("--", "write 1 to 15 lower-case letters, digits and `-`, one of them a letter"),
    ],
)
def test_the_name_of_a_port_that_is_refused_hints_at_the_one_that_was_meant(name: str, hint: str) -> None:
    text = POD.replace("{name: c}", f"{{name: c, ports: [{{name: {name}, containerPort: 80}}]}}")
    (problem,) = netsim.load(io.StringIO(text), keep_going=True).problems
    assert (problem.code, problem.hint) == ("NS113", hint)
