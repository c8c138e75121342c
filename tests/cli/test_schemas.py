"""Answers are what their schemas say: no field is missing, and none is there that a schema does not name."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from typer.main import get_command

import netsim
from netsim.cli import main
from netsim.cli.app import app
from netsim.cli.schema import Of, schemas
from netsim.queries.fleet import Drift, Row, line
from netsim.queries.measures import COLUMNS
from tests.golden.test_golden import COMMANDS, EXPECTED

REPOSITORY = Path(__file__).resolve().parents[2]
STORY = "fixtures/attack-story/manifests"
FIXES = "fixtures/attack-story/fixes"
SEED = "fixtures/seed-03/manifests"
UNKNOWN = "fixtures/clauses/s2.9-unknown-node"

INTENTS = """
intents:
- name: the frontend reaches no backend
  deny: {from: {namespace: development, pods: "app=frontend"}, to: {namespace: development, pods: "app=backend"}}
"""

#: Answers beside the golden ones, so that each kind of answer and each field of it is seen.
ASKED = (
    f"reach {SEED} --summary -o json",
    f"reach {SEED} --exposure -o json",
    f"reach {SEED} --from development/frontend --to development/backend-a --explain -o json",
    f"query {SEED} --from development/frontend --to development/backend-a --port 8080 -o json",
    f"query {UNKNOWN} --from shop/agent --to shop/scheduled --port 8080 -o json",
    f"query {STORY} --to shop/api --port 8080 --who-could -o json",
    f"diff {SEED} {STORY} -o json",
    f"gaps {SEED} -o json",
    f"check {SEED} --intent INTENTS -o json",
    f"fix {SEED} --intent INTENTS -o json",
    f"prove isolated {SEED} --from production/* --to development/frontend --explain -o json",
    f"prove isolated {SEED} --from development/frontend --to development/backend-a -o json",
    f"prove redundant {SEED} -o json",
    f"prove relate {SEED} {UNKNOWN} -o json",
    "explain NS114 -o json",
    "explain -o json",
    f"whatif {STORY} --from internet --edit {FIXES}/rbac.yaml -o json",
    f"posture {STORY} -o json",
    f"posture podsec {STORY} --what-if restricted -o json",
    f"posture audit generate {STORY} -o json",
)


def closed(schema: Any) -> Any:
    """Return a schema by which a field that it does not name is an error."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each) for name, each in schema.items()}
    return {**made, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else made


@cache
def judge(name: str) -> Any:
    return jsonschema.Draft202012Validator(closed(schemas()[name]()))


def faults(name: str, answer: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in judge(name).iter_errors(answer)]


def golden(name: str) -> Any:
    return json.loads((EXPECTED / name).read_text("utf-8"))


def command_of(line: str) -> str:
    return line.partition(" ")[0]


def commands(names: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield names, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands((*names, name), below)


def words(annotation: Any) -> set[str]:
    """Return the words of a choice, be it optional."""
    return {each for part in get_args(annotation) for each in (words(part) or {part}) if isinstance(each, str)}


@pytest.mark.parametrize("name", [name for name, asks in COMMANDS.items() if asks.endswith("-o json")])
def test_a_golden_answer_is_what_the_schema_of_its_command_says(name: str) -> None:
    assert not faults(command_of(COMMANDS[name]), golden(name))


@pytest.mark.parametrize("asks", ASKED)
def test_an_answer_is_what_the_schema_of_its_command_says(
    asks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    intents = tmp_path / "intents.yaml"
    intents.write_text(INTENTS, encoding="utf-8")
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(sys, "argv", ["netsim", *asks.replace("INTENTS", str(intents)).split()])
    assert main.status() in (0, 1, 3), capsys.readouterr().err
    assert not faults(command_of(asks), json.loads(capsys.readouterr().out))


def test_answers_of_python_alone_are_what_the_schema_of_any_answer_says() -> None:
    cluster = netsim.load(REPOSITORY / SEED)
    for answer in (cluster.steps(), cluster.report()):
        assert not faults("answer", answer.to_dict())


def test_a_row_of_a_fleet_is_what_the_schema_says() -> None:
    for row in (Row(cluster="a"), Row(cluster="b", counts=tuple(range(len(COLUMNS))), drift=Drift(reference="a"))):
        assert not faults("fleet", line(row))


def test_every_command_with_json_has_a_schema_and_every_schema_a_command() -> None:
    with_json = set()
    for names, command in commands((), get_command(app)):
        formats = [option.type_descriptor.annotation for option in command.params if option.name == "output"]
        if any({"json", "jsonl"} & words(each) for each in formats):
            with_json.add(names[0])
    assert with_json == schemas().keys() - {"answer", "intents"}
    assert list(get_args(Of)) == list(schemas())


def test_the_schema_of_any_answer_is_one_and_holds_for_each() -> None:
    jsonschema.Draft202012Validator.check_schema(schemas()["answer"]())
    for name in ("query-denied.json", "can-allowed.json"):
        assert not faults("answer", golden(name))


def test_an_answer_that_lacks_a_field_or_says_another_word_is_refused() -> None:
    answer = golden("query-denied.json")
    assert faults("query", {name: value for name, value in answer.items() if name != "egress"})
    assert faults("query", {**answer, "allowed": "no"})
    assert faults("query", {**answer, "egress": {**answer["egress"], "tier": "SECOND"}})


def test_a_field_that_a_schema_does_not_name_is_no_error_to_others() -> None:
    answer = {**golden("query-denied.json"), "said": "in a later version"}
    assert faults("query", answer)
    assert jsonschema.Draft202012Validator(schemas()["query"]()).is_valid(answer)
