"""The table of what domain names resolve to."""

from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from textwrap import dedent

import pytest

import netsim
from netsim.errors import Problem
from netsim.ingest import Names, read_names

POLICY = """
    apiVersion: policy.networking.k8s.io/v1alpha1
    kind: AdminNetworkPolicy
    metadata: {name: a}
    spec:
      priority: 1
      subject: {namespaces: {}}
      egress:
      - {action: Allow, to: [{domainNames: [example.com]}]}
      - {action: Deny, to: [{networks: [0.0.0.0/0]}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop}
    spec: {containers: [{name: c}]}
    status: {podIP: 10.0.0.1}
    """


def _read(text: str) -> tuple[Names, list[Problem]]:
    problems: list[Problem] = []
    return read_names(StringIO(dedent(text)), problems), problems


def test_a_table_is_a_mapping_of_names_to_addresses_of_either_family() -> None:
    found, problems = _read("Example.COM.: [192.0.2.1, '2001:db8::1']\nnothing.example.com: []\n")
    assert found == {
        "example.com": (ip_address("192.0.2.1"), ip_address("2001:db8::1")),
        "nothing.example.com": (),
    }
    assert problems == []


def test_spellings_of_one_name_are_one_name() -> None:
    found, problems = _read("Example.com.: [192.0.2.1]\nexample.com: [192.0.2.2, 192.0.2.1]\n")
    assert (found, problems) == ({"example.com": (ip_address("192.0.2.1"), ip_address("192.0.2.2"))}, [])


def test_a_name_with_a_problem_is_not_known_and_no_name_of_nothing() -> None:
    found, problems = _read("a.com: 192.0.2.1\nb.com: [192.0.2.300]\nc.com: []\n")
    assert (found, len(problems)) == ({"c.com": ()}, 2)


def test_a_table_may_be_json() -> None:
    assert _read('{"example.com": ["192.0.2.1"]}') == ({"example.com": (ip_address("192.0.2.1"),)}, [])


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("example.com: 192.0.2.1", "NS107", 1),
        ("- example.com", "NS107", 1),
        ("a.com: []\nexample.com: [192.0.2.1/32]", "NS116", 2),
        ("example.com: [192.0.2]", "NS116", 1),
        ("'*.example.com': [192.0.2.1]", "NS124", 1),
        ("com: [192.0.2.1]", "NS124", 1),
        ("a: [", "NS102", 2),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_place(text: str, code: str, line: int) -> None:
    _, problems = _read(text)
    assert [(problem.code, problem.line) for problem in problems] == [(code, line)]


def test_a_name_means_its_addresses_and_nothing_where_there_is_no_table_is_known(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(dedent(POLICY), encoding="utf-8")

    def allowed(address: str, dns: dict[str, list[str]] | None) -> bool | None:
        return netsim.load(file, dns=dns).query("shop/web", address, port=443).allowed

    table = {"example.com": ["192.0.2.1"]}
    assert (allowed("192.0.2.1", table), allowed("192.0.2.2", table)) == (True, False)
    assert (allowed("192.0.2.1", None), allowed("192.0.2.1", {})) == (None, None)


def test_a_table_that_is_wrong_is_an_error_of_the_input() -> None:
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(StringIO(dedent(POLICY)), dns={"example.com": ["nowhere"]})
    assert [problem.code for problem in refused.value.problems] == ["NS116"]
