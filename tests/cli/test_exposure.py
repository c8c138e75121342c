"""``netsim reach --exposure``, and the networks that ``netsim query`` names."""

import json

import pytest

from tests.cli.conftest import Netsim

SHOP = "fixtures/online-shop/manifests"
CILIUM = "fixtures/profiles/cilium/manifests"


def test_exposure_follows_the_listing(netsim: Netsim) -> None:
    ran = netsim("reach", SHOP, "--exposure", "--to", "data/search")
    assert ran.status == 0
    listing, _, exposure = ran.out.partition("POTENTIAL PEER")
    assert "shop/catalog[Deployment]" in listing
    assert "<-  entire-cluster       all" in exposure
    assert "no policy protects:\n  data/search[StatefulSet]: ingress\n" in exposure


def test_exposure_is_in_the_json_of_a_listing(netsim: Netsim) -> None:
    found = json.loads(netsim("reach", SHOP, "--exposure", "-o", "json").out)
    assert found["kind"] == "Reachability"
    assert {"workload", "direction", "peer", "traffic"} <= found["exposure"][0].keys()
    assert {"workload": "data/search[StatefulSet]", "direction": "ingress"} in found["unprotected"]


@pytest.mark.parametrize("other", [("--summary",), ("--explain",), ("-o", "dot"), ("-o", "matrix", "--port", "80")])
def test_what_does_not_go_with_exposure_is_refused(netsim: Netsim, other: tuple[str, ...]) -> None:
    assert netsim("reach", SHOP, "--exposure", *other).status == 2


def test_a_verdict_that_hangs_on_the_network_names_those_that_differ(netsim: Netsim) -> None:
    asked = ("query", CILIUM, "--from", "shop/client", "--to", "shop/server", "--port", "80")
    assert "cilium, gke-dataplane-v2: denied (a CIDR never matches pods it manages)" in netsim(*asked).out
    assert json.loads(netsim(*asked, "-o", "json").out)["profiles"]["differ"] == ["cilium", "gke-dataplane-v2"]
    denied = netsim(*asked, "--cni", "cilium")
    assert denied.status == 1
    assert "the network is cilium" in denied.err
