"""The shipped profiles: each loads, each departure shows in a fixture, and docs/cni-profiles.md lists them exactly."""

import csv
import json
import tomllib
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.cluster import Compiled
from netsim.ir.profile import NamedPorts, Profile
from netsim.knowledge import profile, profile_names
from netsim.queries import Answer, query, reach
from netsim.render import written
from netsim.render.verdict import CHOICES
from tests.build import cluster, policy

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = (REPOSITORY / "docs" / "cni-profiles.md").read_text(encoding="utf-8")
FIXTURES = REPOSITORY / "fixtures" / "profiles"
UPSTREAM = profile()
SWITCHES = tuple(field.name for field in fields(Profile) if field.name != "name")
DEPARTING = [
    (name, switch)
    for name in profile_names()
    for switch in SWITCHES
    if getattr(profile(name), switch) != getattr(UPSTREAM, switch)
]


def _table(name: str) -> dict[str, Any]:
    text = (files("netsim.models") / "cni" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _rows(name: str) -> list[dict[str, str]]:
    with (FIXTURES / name / "expected" / "verdicts.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _text(answer: Answer) -> str:
    return "".join(written(answer, "text"))


def _verdicts(name: str, network: Profile) -> list[bool | None]:
    read = netsim.load(FIXTURES / name / "manifests")
    asked = netsim.Cluster(read.snapshot, network)
    return [asked.query(r["from"], r["to"], port=r["port"], protocol=r["protocol"]).allowed for r in _rows(name)]


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_loads_under_its_own_name(name: str) -> None:
    assert profile(name).name == _table(name)["name"] == name


@pytest.mark.parametrize("name", profile_names())
def test_every_switch_of_a_profile_has_its_source_beside_it(name: str) -> None:
    lines = (files("netsim.models") / "cni" / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    switches = lines[lines.index("[switches]") + 1 :]
    assert all("  # " in line for line in switches if line)


@pytest.mark.parametrize(("name", "switch"), DEPARTING)
def test_every_departure_from_upstream_changes_a_verdict_of_its_fixture(name: str, switch: str) -> None:
    own = profile(name)
    without = replace(own, **{switch: getattr(UPSTREAM, switch)})
    assert _verdicts(name, own) != _verdicts(name, without)


def test_every_fixture_of_a_profile_is_of_one_that_departs() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {name for name, _ in DEPARTING}


def test_every_value_of_a_switch_has_its_words() -> None:
    shipped = {(switch, getattr(profile(name), switch)) for name in profile_names() for switch in SWITCHES}
    assert shipped <= CHOICES.keys()
    assert {switch for switch, _ in CHOICES} == set(SWITCHES)


FROM_EVERYWHERE = policy("wide", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")


def test_a_verdict_names_the_networks_that_would_say_something_else() -> None:
    verdict = query(cluster(FROM_EVERYWHERE), "ops/batch", "shop/web", port=80)
    assert verdict.to_dict()["profiles"] == {"differ": ["cilium", "gke-dataplane-v2"]}
    assert "cilium, gke-dataplane-v2: denied (a CIDR never matches pods it manages)" in _text(verdict)


def test_a_verdict_that_every_network_shares_says_nothing_of_them() -> None:
    verdict = query(cluster(), "ops/batch", "shop/web", port=80)
    assert "profiles" not in verdict.to_dict()
    assert "not on every network" not in _text(verdict)


def test_a_verdict_of_one_network_names_the_others() -> None:
    verdict = query(cluster(FROM_EVERYWHERE, profile=profile("cilium")), "ops/batch", "shop/web", port=80)
    assert verdict.allowed is False
    assert "upstream" in verdict.to_dict()["profiles"]["differ"]


def test_a_denial_by_identity_says_that_no_block_matches() -> None:
    verdict = query(cluster(FROM_EVERYWHERE, profile=profile("cilium")), "ops/batch", "shop/web", port=80)
    assert "to this network the source is a pod, in no block" in _text(verdict)


def test_an_answer_says_which_network_it_is_about() -> None:
    said = [line for line in reach(cluster(profile=profile("cilium"))).assumptions if "cilium" in line]
    assert len(said) == 1
    assert not reach(cluster()).assumptions


def test_where_a_name_is_not_looked_up_outside_addresses_match_it_too() -> None:
    named = policy("named", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: nowhere}]}]}")
    asked: Compiled = cluster(named, profile=replace(UPSTREAM, named_ports=NamedPorts.EVERY_PORT))
    assert query(asked, "shop/web", "203.0.113.7", port=22).allowed is True
    assert query(asked, "shop/web", "203.0.113.7", port="22/UDP").allowed is False


def _cell(name: str, switch: str) -> str:
    own = _table(name)["switches"]
    key = switch.replace("_", "-")
    if key not in own:
        return "unknown"
    value = json.dumps(own[key]).strip('"')
    return f"**{value}**" if getattr(profile(name), switch) != getattr(UPSTREAM, switch) else value


def test_the_table_of_the_documentation_is_that_of_the_profiles() -> None:
    names = ["upstream", *(name for name in profile_names() if name != "upstream")]
    lines = [f"| switch | {' | '.join(names)} |", f"|{' --- |' * (len(names) + 1)}"]
    for switch in SWITCHES:
        cells = (_cell(name, switch) for name in names)
        lines.append(f"| `{switch.replace('_', '-')}` | {' | '.join(cells)} |")
    table = "\n".join(lines)
    assert table in DOCUMENT, f"docs/cni-profiles.md must hold:\n{table}"


def test_a_listing_is_written_with_the_network_in_its_json() -> None:
    text = "".join(written(reach(cluster(profile=profile("calico"))), "json"))
    assert "the network is calico" in json.loads(text)["assumptions"][0]
