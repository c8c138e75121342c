"""What is open to pods that could be, on small clusters."""

import json

import pytest

from netsim.cluster import Compiled
from netsim.ir.policy import Direction
from netsim.queries.exposure import Exposed, exposure
from netsim.render import written
from tests.build import cluster, policy

INGRESS_OF_WEB = "podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]"


def rows(asked: Compiled, workload: str = "shop/web[Pod]", direction: str = "ingress") -> dict[str, str]:
    """Return what a workload has open to potential peers, as JSON says it."""
    return {
        row["peer"]: f"{_text(row['traffic'])}{''.join(f' +{name}' for name in row.get('named', ()))}"
        f"{''.join(f' -{name}' for name in row.get('but_named', ()))}"
        for row in exposure(asked).to_dict()["exposure"]
        if (row["workload"], row["direction"]) == (workload, direction)
    }


def _text(traffic: str | dict[str, str]) -> str:
    return traffic if isinstance(traffic, str) else "; ".join(f"{p} {ports}" for p, ports in traffic.items())


def of_web(rules: str) -> Compiled:
    """Return the cluster in which only these rules let something in to ``shop/web``."""
    return cluster(policy("web", f"{{{INGRESS_OF_WEB}, ingress: [{rules}]}}"))


def test_a_workload_that_no_policy_speaks_of_is_open_to_the_entire_cluster() -> None:
    answer = exposure(cluster())
    assert {(row.workload, str(row.peer), str(row.traffic)) for row in answer.exposure} == {
        (name, "None", "all") for name in ("shop/web[Pod]", "shop/db[Pod]", "ops/batch[Pod]")
    }
    assert len(answer.unprotected) == 6


def test_a_workload_that_nothing_may_reach_has_no_row() -> None:
    assert rows(of_web("")) == {}


def test_a_rule_without_peers_opens_to_the_entire_cluster() -> None:
    assert rows(of_web("{ports: [{port: 80}]}")) == {"entire-cluster": "TCP 80"}


def test_a_selector_of_namespaces_is_told_in_its_own_words() -> None:
    found = rows(of_web("{from: [{namespaceSelector: {matchLabels: {team: new}}}], ports: [{port: 80}]}"))
    assert found == {"[namespaces with team=new]/[all pods]": "TCP 80"}


def test_contradictory_selectors_mean_nobody() -> None:
    impossible = "{matchExpressions: [{key: app, operator: In, values: [x]}, {key: app, operator: DoesNotExist}]}"
    assert rows(of_web(f"{{from: [{{podSelector: {impossible}}}]}}")) == {}


def test_the_labels_of_a_namespace_that_exists_are_its_own() -> None:
    ops = "{matchLabels: {kubernetes.io/metadata.name: ops, team: other}}"
    assert rows(of_web(f"{{from: [{{namespaceSelector: {ops}}}]}}")) == {}
    ops = "{matchLabels: {kubernetes.io/metadata.name: ops, team: ops}}"
    assert rows(of_web(f"{{from: [{{namespaceSelector: {ops}}}]}}")) == {"ops/[all pods]": "all"}


def test_a_namespace_that_does_not_exist_may_be_made() -> None:
    found = rows(of_web("{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: later}}}]}"))
    assert found == {"later/[all pods]": "all"}


def test_rules_that_mean_one_pod_are_combined() -> None:
    found = rows(
        of_web(
            "{from: [{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}], ports: [{port: 80}]},"
            "{from: [{podSelector: {matchLabels: {app: new}}}], ports: [{port: 81}]}"
        )
    )
    assert found == {"shop/[pods with app]": "TCP 80", "shop/[pods with app=new]": "TCP 80-81"}


def test_of_two_rows_that_fit_a_pod_may_do_what_either_says() -> None:
    found = rows(
        of_web(
            "{from: [{podSelector: {matchLabels: {a: x}}}], ports: [{port: 80}]},"
            "{from: [{podSelector: {matchLabels: {b: z}}}], ports: [{port: 81}]}"
        )
    )
    assert found == {"shop/[pods with a=x]": "TCP 80", "shop/[pods with b=z]": "TCP 81"}


def test_who_is_excluded_is_told_and_not_who_is_left() -> None:
    found = rows(
        of_web(
            "{from: [{namespaceSelector: {}, podSelector: "
            "{matchExpressions: [{key: role, operator: NotIn, values: [guest]}]}}]}"
        )
    )
    assert found == {"entire-cluster": "all", "[all namespaces]/[pods with role=guest]": "none"}


def test_the_policies_of_a_potential_peer_count() -> None:
    silent = policy("silent", "{podSelector: {}, policyTypes: [Egress]}", namespace="ops")
    assert rows(cluster(silent)) == {"entire-cluster": "all", "ops/[all pods]": "none"}


def test_a_peer_that_exists_is_in_the_listing() -> None:
    asked = of_web("{from: [{podSelector: {matchLabels: {app: db}}}]}")
    assert rows(asked) == {}
    found = [row for row in exposure(asked, destination="shop/web").exposure if row.existing]
    assert [str(row.peer) for row in found if row.direction is Direction.INGRESS] == ["shop/[pods with app=db]"]


def test_a_label_that_a_pod_elsewhere_has_is_no_peer_that_exists() -> None:
    found = rows(of_web("{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: batch}}}]}"))
    assert found == {"[all namespaces]/[pods with app=batch]": "all"}


def test_a_named_port_of_a_peer_is_told_by_its_name() -> None:
    asked = cluster(
        policy(
            "web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: pg}]}]}"
        )
    )
    assert rows(asked, direction="egress") == {"entire-cluster": "none +TCP pg"}


DENY_BY_NAME = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: no-metrics}
spec:
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{namespaces: {}}], ports: [{namedPort: metrics}]}]
"""


def test_a_named_port_that_is_closed_is_told_as_well() -> None:
    found = rows(cluster(DENY_BY_NAME), direction="egress")
    assert found == {"entire-cluster": "all -SCTP metrics -TCP metrics -UDP metrics"}


def test_a_workload_is_asked_about_by_name() -> None:
    answer = exposure(cluster(), destination="shop/web")
    assert {row.workload for row in answer.exposure} == {"shop/web[Pod]"}
    assert {name for name, _ in answer.unprotected} == {"shop/web[Pod]"}


def test_one_port_may_be_asked_about() -> None:
    answer = exposure(of_web("{ports: [{port: 80}, {port: 90}]}"), destination="shop/web", port=80)
    assert [str(row.traffic) for row in answer.exposure if row.direction.value == "ingress"] == ["TCP 80"]


def _written(answer: Exposed, form: str) -> str:
    return "".join(written(answer, form))


def test_the_text_lists_the_rows_below_the_connections() -> None:
    lines = _written(exposure(of_web("{ports: [{port: 80}]}")), "text").splitlines()
    assert "shop/web[Pod]   <-  entire-cluster  TCP 80" in lines
    assert "  shop/web[Pod]: egress" in lines


def test_the_text_says_where_nothing_is_open() -> None:
    closed = [
        policy(f"in-{name}", "{podSelector: {}, policyTypes: [Ingress, Egress]}", name) for name in ("shop", "ops")
    ]
    assert _written(exposure(cluster(*closed)), "text").endswith("nothing is open to pods that could be\n")


@pytest.mark.parametrize("key", ["exposure", "unprotected", "connections", "assumptions"])
def test_the_json_is_that_of_a_listing_with_two_more_keys(key: str) -> None:
    answer = exposure(cluster())
    assert json.loads(_written(answer, "json"))[key] == answer.to_dict()[key]


def test_pods_with_labels_in_a_namespace_yet_to_be_made_are_told_by_its_name() -> None:
    named = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: new}}, podSelector: {matchLabels: {app: x}}"
    assert rows(of_web(f"{{from: [{{{named}}}], ports: [{{port: 80}}]}}")) == {"new/[pods with app=x]": "TCP 80"}
