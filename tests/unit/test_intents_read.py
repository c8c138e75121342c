"""Intent files: what they mean, and what is wrong with them, by place."""

import json

import pytest
from jsonschema import Draft202012Validator

from netsim.ingest.documents import Given
from netsim.ingest.intents import intents_schema, read_intents
from netsim.ir.intents import Claim, Over
from netsim.ir.traffic import Protocol
from tests.unit.intended import intents, read

GOOD = """
vars: {db: 5432/TCP, stage: prod}
groups:
  api:
  - {namespace: web, pods: app=api}
  - group:ops
  ops: ns:team=ops
intents:
- name: only the API reaches the database
  to: {namespace: db, pods: app=postgres}
  port: ${db}
  only-from: [group:api, {peer: shop/cart, port: 80}]
- name: prod never talks to dev
  deny: {from: {namespaces: "env=${stage}"}, to: {namespaces: env=dev}}
  over: all-pods
- name: metrics are scraped
  allow: {from: {namespace: monitoring}, to: {namespaces: ""}, port: [9090, 53/UDP]}
- name: email speaks to nobody
  from: shop/email
  only-to: []
"""


def test_the_four_claims_are_read() -> None:
    found = intents(GOOD)
    assert [each.claim for each in found] == [Claim.ONLY_FROM, Claim.DENY, Claim.ALLOW, Claim.ONLY_TO]
    assert [each.over for each in found].count(Over.ALL_PODS) == 1
    assert found[3].destinations == ()


def test_a_group_stands_for_its_peers_and_those_of_its_groups() -> None:
    peers = [str(party.peer) for party in intents(GOOD)[0].sources]
    assert peers == ["namespace: web, pods: app=api", "ns:team=ops", "shop/cart"]


def test_a_variable_stands_for_its_value_whole_or_in_a_text() -> None:
    only, deny, *_ = intents(GOOD)
    assert [(p.protocol, p.first) for p in only.ports or ()] == [(Protocol.TCP, 5432)]  # type: ignore[union-attr]
    assert str(deny.sources[0].peer) == "namespaces: env=prod"


def test_a_port_without_protocol_is_tcp_where_it_is_to_be_allowed_and_all_where_it_is_to_be_denied() -> None:
    text = "intents: [{name: a, allow: {from: x, to: q, port: 80}}, {name: b, deny: {from: x, to: q, port: 80}}]"
    allow, deny = intents(text)
    assert [p.protocol for p in allow.ports or ()] == [Protocol.TCP]
    assert [p.protocol for p in deny.ports or ()] == [Protocol.TCP, Protocol.UDP, Protocol.SCTP]


def test_intents_as_dicts_have_no_lines() -> None:
    problems: list = []
    given = Given(documents=[{"intents": [{"name": "a", "deny": {"from": "x", "to": "y"}}]}])
    (found,) = read_intents([given], problems)
    assert not problems
    assert found.place.line == 0


#: A text, and what is said of it: line, code, field.
WRONG = {
    "an unknown field": ("intents:\n- name: a\n  onlyfrom: x\n  to: q\n", (3, "NS106", "intents[0].onlyfrom")),
    "an unknown field of a peer": (
        "intents:\n- name: a\n  deny: {from: {pod: app=a}, to: q}\n",
        (3, "NS106", "intents[0].deny.from.pod"),
    ),
    "no intents": ("groups: {a: shop/x}\n", (1, "NS108", "intents")),
    "an empty list of intents": ("intents: []\n", (1, "NS108", "intents")),
    "no name": ("intents:\n- deny: {from: x, to: q}\n", (2, "NS108", "intents[0].name")),
    "no claim": ("intents:\n- name: a\n  to: q\n", (2, "NS118", "intents[0]")),
    "two claims": (
        "intents:\n- name: a\n  deny: {from: x, to: q}\n  allow: {from: x, to: q}\n",
        (3, "NS118", "intents[0].deny"),
    ),
    "a side missing": ("intents:\n- name: a\n  deny: {from: x}\n", (3, "NS108", "intents[0].deny.to")),
    "nobody on a side": ("intents:\n- name: a\n  deny: {from: x, to: []}\n", (3, "NS108", "intents[0].deny.to")),
    "only-from without to": ("intents:\n- name: a\n  only-from: x\n", (2, "NS108", "intents[0].to")),
    "only-from beside from": (
        "intents:\n- name: a\n  to: q\n  from: z\n  only-from: x\n",
        (4, "NS118", "intents[0].from"),
    ),
    "a port outside its claim": (
        "intents:\n- name: a\n  port: 80\n  deny: {from: x, to: q}\n",
        (3, "NS118", "intents[0].port"),
    ),
    "two ways to name a namespace": (
        "intents:\n- name: a\n  deny: {from: {namespace: x, namespaces: a=b}, to: q}\n",
        (3, "NS118", "intents[0].deny.from.namespaces"),
    ),
    "a peer that says nothing": (
        "intents:\n- name: a\n  deny: {from: {}, to: q}\n",
        (3, "NS118", "intents[0].deny.from"),
    ),
    "a selector that is none": (
        "intents:\n- name: a\n  deny: {from: {pods: 'app=='}, to: {pods: 'a b'}}\n",
        (3, "NS112", "intents[0].deny.to.pods"),
    ),
    "a label that none can have": (
        f"intents:\n- name: a\n  deny: {{from: {{pods: app={'x' * 64}}}, to: q}}\n",
        (3, "NS111", "intents[0].deny.from"),
    ),
    "a port that is none": (
        "intents:\n- name: a\n  deny: {from: x, to: q, port: 70000}\n",
        (3, "NS113", "intents[0].deny.port"),
    ),
    "an address that is none": (
        "intents:\n- name: a\n  deny: {from: 10.0.0.0/33, to: q}\n",
        (3, "NS116", "intents[0].deny.from"),
    ),
    "a protocol without ports": (
        "intents:\n- name: a\n  deny: {from: x, to: q, port: 0/ICMP}\n",
        (3, "NS115", "intents[0].deny.port"),
    ),
    "an unknown group": (
        "intents:\n- name: a\n  deny: {from: group:b, to: q}\n",
        (3, "NS127", "intents[0].deny.from"),
    ),
    "a group within itself": (
        "groups:\n  a: group:b\n  b: [group:a]\nintents:\n- name: a\n  deny: {from: x, to: q}\n",
        (3, "NS127", "groups.b[0]"),
    ),
    "an unknown variable": (
        "intents:\n- name: a\n  deny: {from: '${b}', to: q}\n",
        (3, "NS127", "intents[0].deny.from"),
    ),
    "a word for over": (
        "intents:\n- name: a\n  over: everything\n  deny: {from: x, to: q}\n",
        (3, "NS123", "intents[0].over"),
    ),
    "a number for a name": ("intents:\n- name: 5\n  deny: {from: x, to: q}\n", (2, "NS107", "intents[0].name")),
    "a text for an intent": ("intents:\n- a\n", (2, "NS107", "intents[0]")),
    "null for an intent": ("intents:\n-\n", (2, "NS107", "intents[0]")),
    "null among peers": (
        "intents:\n- name: a\n  deny: {from: [x, null], to: q}\n",
        (3, "NS107", "intents[0].deny.from[1]"),
    ),
    "a number in a group": (
        "groups: {a: [3]}\nintents:\n- {name: a, to: q, only-from: group:a}\n",
        (1, "NS107", "groups.a[0]"),
    ),
    "null for a value": ("vars: {a: null}\nintents:\n- {name: a, to: q, only-from: x}\n", (1, "NS107", "vars.a")),
    "no mapping": ("- a\n", (1, "NS108", "intents")),
    "a name twice": (
        "intents:\n- {name: a, deny: {from: x, to: q}}\n- {name: a, deny: {from: q, to: x}}\n",
        (3, "NS120", ""),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place(case: str) -> None:
    text, expected = WRONG[case]
    _, problems = read(text)
    assert [(p.line, p.code, p.field) for p in problems] == [expected]
    assert problems[0].file == "intents.yaml"


def test_a_misspelt_field_is_met_with_the_one_that_was_meant() -> None:
    _, (problem,) = read(WRONG["an unknown field"][0])
    assert problem.hint == "did you mean `only-from`?"


def test_every_problem_is_told_at_once() -> None:
    text = "intents:\n- name: x\n  over: 5\n- deny: {from: {pods: 'a b'}, to: q, port: 0}\n"
    found, problems = read(text)
    told = [(p.line, p.code) for p in problems]
    assert told == [(3, "NS107"), (4, "NS108"), (4, "NS112"), (4, "NS113")], (
        "an intent of wrong types is not looked into"
    )
    assert found == ()
    _, problems = read("intents:\n- deny: {from: {pods: 'a b'}, to: q, port: 0}\n- name: x\n  over: all\n")
    assert sorted(p.code for p in problems) == ["NS108", "NS112", "NS113", "NS118", "NS123"]


def test_an_empty_file_is_no_file_of_intents() -> None:
    _, (problem,) = read("")
    assert problem.code == "NS108"


# The schema says what the reader says, as far as a schema can.

VALIDATOR = Draft202012Validator(intents_schema())
BEYOND_A_SCHEMA = {"NS110", "NS111", "NS112", "NS113", "NS115", "NS116", "NS120", "NS127"}


def _valid(text: str) -> bool:
    import yaml

    return VALIDATOR.is_valid(yaml.safe_load(text))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(intents_schema())
    assert json.loads(json.dumps(intents_schema())) == intents_schema()


def test_the_schema_takes_what_the_reader_takes() -> None:
    assert _valid(GOOD)


@pytest.mark.parametrize("case", WRONG)
def test_the_schema_refuses_what_the_reader_refuses_by_shape(case: str) -> None:
    text, (_, code, _) = WRONG[case]
    assert _valid(text) is (code in BEYOND_A_SCHEMA)


def test_the_schema_tells_of_every_field() -> None:
    schema = intents_schema()
    for part in (schema, *schema["$defs"].values()):
        assert all(field.get("description") for field in part["properties"].values())
