"""Tables of knowledge: what is shipped, and what is refused."""

import tomllib
from dataclasses import fields
from importlib.resources import files

import pytest

from netsim.errors import UsageError
from netsim.ir.profile import HostNetwork, Profile
from netsim.knowledge import profile, profile_names, profile_of


def test_upstream_is_shipped_and_is_the_default() -> None:
    assert "upstream" in profile_names()
    assert profile() == Profile(name="upstream")


def test_the_upstream_table_names_every_switch() -> None:
    text = (files("netsim.models") / "cni" / "upstream.toml").read_text(encoding="utf-8")
    switches = {key.replace("-", "_") for key in tomllib.loads(text)["switches"]}
    assert switches == {field.name for field in fields(Profile)} - {"name"}


def test_a_switch_that_a_table_leaves_out_keeps_the_upstream_reading() -> None:
    found = profile_of({"name": "mine", "switches": {"host-network": "pod"}})
    assert found == Profile(name="mine", host_network=HostNetwork.AS_POD)


def test_a_switch_that_no_code_reads_is_refused() -> None:
    with pytest.raises(UsageError, match="no code reads: end_prot"):
        profile_of({"name": "mine", "switches": {"end-prot": True}})


def test_an_unknown_profile_is_refused_with_a_near_name() -> None:
    with pytest.raises(UsageError) as refused:
        profile("upsteram")
    assert refused.value.hint == "did you mean upstream?"


@pytest.mark.parametrize(
    ("change", "told"), [({"colour": "red"}, "no code reads: colour"), ({"title": None}, "lacks keys")]
)
def test_a_step_of_the_catalogue_has_exactly_the_keys_that_are_read(change: dict[str, str | None], told: str) -> None:
    from netsim.graph.catalogue import step_kind
    from netsim.knowledge import attack_table

    row = {**attack_table("escapes")["step"][0], **change}
    with pytest.raises(UsageError, match=told):
        step_kind({key: value for key, value in row.items() if value is not None})


def test_every_request_of_the_catalogue_can_be_read() -> None:
    from netsim.graph.catalogue import alternatives, catalogue

    asked = [alternatives(move, None) for kind in catalogue().kinds.values() for move in kind.moves]
    assert sum(map(len, asked)) > 100
