"""What the analysis goes on after, and says something about, against the cases of netpol-analyzer."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from netsim.cli.main import status
from tests.conformance.analyzer import Case
from tests.conformance.more import asked, cases

#: Text of netsim on standard error.
Told = Sequence[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What netsim says of one case.

    ``answered`` is a row that it lists where that tool warns of something that it cannot read.
    """

    case: str
    told: Told = ()
    answered: str = ""
    status: int = 0


SAYS = (
    Said(
        "acs-security-demos-new__in_second_input_dir_network_policies_block_ingress_conns",
        [r"Route frontend/asset-cache leads to frontend/asset-cache\[Deployment\] TCP 8080, .* is not let in by"],
    ),
    Said(
        "anp_and_banp_using_networks_and_nodes_test__input_admin_policy_contains_nodes",
        ["the input holds no Node: what `nodes` peers mean was taken to be nothing"],
    ),
    Said(
        "anp_and_banp_using_networks_with_ipv6_test",
        answered=r"ns1/pod1.*e000::/3  +TCP; UDP 1-52,54-65535; SCTP",
    ),
    Said(
        "bad_yamls_not_a_k8s_resource",
        [
            "the input holds no pod and no workload",
            r"not modelled: 1 document that is no object, first at .*not_a_k8s_resource.yaml:1",
        ],
    ),
    Said("cudn_warning_test_1", ["ClusterUserDefinedNetwork no-selection selects no namespace"]),
    Said("k8s_ingress_test", ["the input holds no policy: nothing denies a connection"]),
    Said(
        "malformed-pod-example-2",
        [r"NS107 `spec.containers\[0\].ports` must be a list, and is a mapping \(Pod default/cog-agents-d54st\)"],
        status=2,
    ),
    Said(
        "malformed_pod_example",
        [r"NS107 `spec.containers\[0\].ports\[0\].containerPort` must be a whole number", "no pod and no workload"],
        status=2,
    ),
    Said("onlineboutique", [r"connlist_output.json:1:1: NS102 the document is a list"], status=2),
    Said("udn_warning_test_1", ["namespace green awaits a primary network, and the input has none for it"]),
    Said(
        "udn_warning_test_3",
        ["UserDefinedNetwork green/namespace-scoped is not for namespace green, which lacks the label"],
    ),
)


def case_of(said: Said) -> Case:
    (case,) = (case for case in cases("warnings") if case.folder.name.startswith(said.case))
    return case


def test_every_case_is_asked_about_once() -> None:
    assert sorted(str(case_of(said)) for said in SAYS) == [str(case) for case in asked("warnings")]
    assert len(SAYS) == 11


@pytest.mark.parametrize("said", SAYS, ids=lambda said: said.case)
def test_the_analysis_goes_on_and_says_what_is_wrong(
    said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_of(said)
    folder = str(case.folder / "manifests")
    monkeypatch.setattr(sys, "argv", ["netsim", "reach", folder, "--keep-going", "--verbose"])
    assert status() == said.status
    out, err = capsys.readouterr()
    for pattern in said.told:
        assert re.search(pattern, err), err
    assert re.search(said.answered, out)
    if "empty_result" in case.said:
        assert ("no connection" in out) == case.said["empty_result"]
