"""What is said of intents."""

import pytest

from netsim.api import Cluster
from netsim.cluster import Compiled
from netsim.errors import InputError, UsageError
from netsim.ingest.intents import read_intents
from netsim.knowledge import profile
from netsim.queries.intents import Reason, Result, infer
from netsim.render import written
from tests.build import cluster, policy
from tests.quality.tree import REPOSITORY
from tests.unit.intended import intents, said

ANYWHERE = "0.0.0.0"  # noqa: S104 - an address outside

DB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, "
    "ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
)


@pytest.fixture(scope="module")
def guarded() -> Compiled:
    """``web`` alone reaches ``db``, at 5432 alone."""
    return cluster(DB)


HOLDS = (
    "allow: {from: shop/web, to: shop/db, port: 5432}",
    "allow: {from: shop/web, to: shop/db, port: pg}",
    "deny: {from: ops/batch, to: shop/db}",
    "deny: {from: [ops/batch, internet], to: {pods: app=db}, port: 5432}",
    "deny: {from: shop/web, to: shop/db, port: [5433, 5432/UDP]}",
    "{to: shop/db, only-from: shop/web}",
    "{to: shop/db, only-from: {peer: shop/web, port: 5432}}",
    "{to: shop/db, only-from: [], port: 80}",
    "{from: shop/db, only-to: [{namespaces: ''}, internet]}",
)
FAILS = {
    "allow: {from: ops/batch, to: shop/db, port: 5432}": ("ops/batch", "shop/db", "5432/TCP"),
    "allow: {from: shop/web, to: shop/db}": ("shop/web", "shop/db", "1/TCP"),
    "deny: {from: shop/web, to: shop/db}": ("shop/web", "shop/db", "5432/TCP"),
    "deny: {from: internet, to: shop/web, port: 8000-9000/TCP}": (ANYWHERE, "shop/web", "8000/TCP"),
    "{to: shop/db, only-from: ops/batch}": ("shop/web", "shop/db", "5432/TCP"),
    "{to: shop/db, only-from: {peer: shop/web, port: 80}}": ("shop/web", "shop/db", "5432/TCP"),
    "{to: shop/web, only-from: ['ns:team=shop', 'ns:team=ops']}": (ANYWHERE, "shop/web", "1/TCP"),
    "{from: shop/web, only-to: [{pods: app=batch}, internet]}": ("shop/web", "shop/db", "5432/TCP"),
    "{from: shop/db, only-to: [{namespaces: ''}]}": ("shop/db", ANYWHERE, "1/TCP"),
}


@pytest.mark.parametrize("intent", HOLDS)
def test_an_intent_holds(guarded: Compiled, intent: str) -> None:
    assert said(guarded, intent[1:-1] if intent[0] == "{" else intent).result is Result.HOLDS


@pytest.mark.parametrize("intent", FAILS)
def test_an_intent_fails_with_a_flow_that_breaks_it(guarded: Compiled, intent: str) -> None:
    found = said(guarded, intent[1:-1] if intent[0] == "{" else intent)
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    flow = found.counterexample
    assert (flow.source, flow.destination, flow.port) == FAILS[intent]


VACUOUS = {
    "deny: {from: shop/wep, to: shop/db}": Reason.NO_SOURCE,
    "deny: {from: {pods: app=wep}, to: shop/db}": Reason.NO_SOURCE,
    "allow: {from: shop/web, to: {namespace: dev}}": Reason.NO_DESTINATION,
    "to: {namespace: dev}, only-from: []": Reason.NO_DESTINATION,
    "from: shop/wep, only-to: []": Reason.NO_SOURCE,
    "deny: {from: shop/web, to: shop/db, port: http}": Reason.NO_CONNECTION,
    "to: shop/db, only-from: [], port: http": Reason.NO_CONNECTION,
    "deny: {from: shop/web, to: shop/web}": Reason.NO_CONNECTION,
}


@pytest.mark.parametrize("intent", VACUOUS)
def test_an_intent_about_nothing_never_holds(guarded: Compiled, intent: str) -> None:
    found = said(guarded, intent)
    assert (found.result, found.reason) == (Result.VACUOUS, VACUOUS[intent])


def test_a_peer_that_matches_nothing_beside_others_is_a_warning() -> None:
    asked = Cluster(cluster(DB).snapshot, profile())
    answer = asked.check([{"name": "a", "to": "shop/db", "only-from": ["shop/web", "shop/wep"]}])
    assert answer
    assert [notice.message for notice in answer.warnings] == [
        "`shop/wep` matches nothing: did you mean shop/web or shop/db?"
    ]


def test_the_own_node_of_a_pod_breaks_what_no_policy_can_keep() -> None:
    agent = """
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: ops, labels: {app: agent}}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: c}]}
status: {podIP: 10.9.0.1, hostIP: 10.9.0.1}
"""
    found = said(cluster(DB, agent), "to: shop/db, only-from: shop/web")
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    assert found.counterexample.source == "ops/agent"
    assert said(cluster(DB, agent.replace("n1", "n2")), "to: shop/db, only-from: shop/web").result is Result.HOLDS
    unknown = said(cluster(DB, agent.replace("nodeName: n1, ", "")), "to: shop/db, only-from: shop/web")
    assert (unknown.result, unknown.reason) == (Result.UNKNOWN, Reason.MAYBE)


def test_an_unknown_controller_counts_among_those_who_connect() -> None:
    ingress = """
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: db, namespace: shop}
spec: {defaultBackend: {service: {name: db, port: {number: 80}}}}
"""
    everybody = "['ns:team=shop', 'ns:team=ops', internet]"
    found = said(cluster(ingress), f"to: shop/db, only-from: {everybody}")
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    assert found.counterexample.source == "{ingress-controller}"
    named = everybody.replace("]", ", '{ingress-controller}']")
    assert said(cluster(ingress), f"to: shop/db, only-from: {named}").result is Result.HOLDS
    assert said(cluster(ingress, DB), f"to: shop/db, only-from: {everybody}").result is Result.HOLDS
    assert said(cluster(DB, ingress), "deny: {from: '{ingress-controller}', to: shop/db}").result is Result.HOLDS
    assert said(cluster(ingress), "allow: {from: '{ingress-controller}', to: shop/db}").result is Result.HOLDS


def test_a_name_that_means_several_things_is_an_error_with_its_place() -> None:
    other = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: ops}\nspec: {containers: [{name: c}]}"
    with pytest.raises(InputError) as raised:
        said(cluster(other), "deny: {from: web, to: shop/db}")
    assert raised.value.problems[0].line == 1
    assert raised.value.problems[0].code == "NS118"


# Over all pods that could exist.


def test_labels_that_anyone_may_set_break_an_intent_over_all_pods() -> None:
    found = said(
        cluster(DB),
        "deny: {from: ['ns:team=shop,pod:app notin (db)'], to: {namespace: shop, pods: app=db}}, over: all-pods",
    )
    assert found.result is Result.FAILS
    only = "to: {namespace: shop, pods: app=db}, only-from: {namespace: shop, pods: app=web}, over: all-pods"
    assert said(cluster(DB), only).result is Result.HOLDS


def test_a_namespace_that_does_not_exist_may_come() -> None:
    over = "deny: {from: {namespaces: env=prod}, to: {namespaces: env=dev}}, over: all-pods"
    found = said(cluster(DB), over)
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    assert found.counterexample.source == "{env=prod}/{any pod}"
    closed = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: apart}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {env: dev}}}
  ingress:
  - {name: apart, action: Deny, from: [{namespaces: {matchLabels: {env: prod}}}]}
"""
    assert said(cluster(DB, closed), over).result is Result.HOLDS


def test_a_port_name_that_a_pod_could_declare_breaks_an_intent_over_all_pods() -> None:
    named = DB.replace("port: 5432", "port: pg")
    found = said(
        cluster(named),
        "deny: {from: 'ns:team=shop', to: {namespace: shop, pods: app=db}, port: 9999/TCP}, over: all-pods",
    )
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    assert found.counterexample.destination == "shop/{app=db} with port pg=9999/TCP"
    existing = "deny: {from: 'ns:team=shop', to: {namespace: shop, pods: app=db}, port: 9999/TCP}"
    assert said(cluster(named), existing).result is Result.HOLDS


def test_what_hangs_on_the_addresses_of_pods_is_unknown() -> None:
    block = policy("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}")
    found = said(cluster(block), "deny: {from: 'ns:team=ops', to: {namespace: shop, pods: app=db}}, over: all-pods")
    assert (found.result, found.reason) == (Result.UNKNOWN, Reason.ADDRESSES)
    assert found.counterexample is not None
    assert found.counterexample.source.endswith("at 10.1.0.0")


MANY = [
    policy(
        f"db-{number}",
        f"{{podSelector: {{matchLabels: {{k{number}: a}}}}, ingress: [{{from: [{{podSelector: {{matchExpressions: "
        f"[{{key: k{number}, operator: In, values: [a, b]}}]}}}}], ports: [{{port: {5000 + number}}}]}}]}}",
    )
    for number in range(14)
]


def test_more_kinds_of_pods_than_can_be_tried_are_asked_of_the_solver() -> None:
    many = cluster(DB, *MANY)
    only = "to: {namespace: shop, pods: app=db}, only-from: {namespace: shop, pods: app=web}, over: all-pods"
    found = said(many, only)
    assert found.result is Result.FAILS
    assert found.counterexample is not None
    # The definition has judged it; nothing is in it that could be left out.
    assert found.counterexample.allowed is True
    assert found.counterexample.source.count("=") == 1
    assert found.counterexample.destination.count("=") == 2
    assert said(many, only.replace("only-from", "port: 80, only-from")).result is Result.HOLDS
    assert said(many, "deny: {from: 'pod:a=b,a=c', to: 'ns:team=shop'}, over: all-pods").reason is Reason.NO_SOURCE


# NetworkPolicies read as what must be.


def _demanded(given: Compiled, *texts: str, kind: str) -> list[tuple[str, str]]:
    import io

    asked = Cluster(given.snapshot, given.profile)
    answer = asked.check(**{kind: [io.StringIO("\n---\n".join(texts))]})
    return [(each.name, str(each.result)) for each in answer]


def test_a_cluster_permits_its_own_policies() -> None:
    web = policy(
        "web",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}",
    )
    assert _demanded(cluster(DB, web), DB, web, kind="must_allow") == [
        ("NetworkPolicy shop/db ingress[0]", "holds"),
        ("NetworkPolicy shop/web egress[0]", "holds"),
    ]


def test_what_a_policy_lets_through_must_be_allowed() -> None:
    wider = DB.replace("[{podSelector: {matchLabels: {app: web}}}]", "[{namespaceSelector: {}}]")
    assert _demanded(cluster(DB), wider, kind="must_allow") == [("NetworkPolicy shop/db ingress[0]", "fails")]
    assert _demanded(cluster(wider), DB, kind="must_allow") == [("NetworkPolicy shop/db ingress[0]", "holds")]


def test_what_a_policy_lets_through_must_be_denied() -> None:
    from_ops = DB.replace(
        "[{podSelector: {matchLabels: {app: web}}}]", "[{namespaceSelector: {matchLabels: {team: ops}}}]"
    )
    assert _demanded(cluster(DB), from_ops, kind="must_deny") == [("NetworkPolicy shop/db ingress[0]", "holds")]
    assert _demanded(cluster(DB), DB, kind="must_deny") == [("NetworkPolicy shop/db ingress[0]", "fails")]
    assert _demanded(cluster(), from_ops, kind="must_deny") == [("NetworkPolicy shop/db ingress[0]", "fails")]


def test_a_policy_that_selects_nobody_demands_nothing() -> None:
    nobody = DB.replace("{app: db}", "{app: bd}")
    assert _demanded(cluster(DB), nobody, kind="must_deny") == [("NetworkPolicy shop/db ingress[0]", "vacuous")]


def test_policies_without_rules_are_nothing_to_check() -> None:
    with pytest.raises(UsageError, match="nothing to check"):
        _demanded(cluster(DB), policy("deny", "{podSelector: {}}"), kind="must_deny")


def test_admin_policies_state_no_demand() -> None:
    admin = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}
"""
    with pytest.raises(InputError, match="NS121"):
        _demanded(cluster(DB), admin, kind="must_deny")


# Inference.


def _inferred(given: Compiled) -> str:
    return "".join(written(infer(given), "text"))


def test_inferred_intents_hold_and_a_removed_policy_breaks_them() -> None:
    import netsim

    before = netsim.load(REPOSITORY / "fixtures" / "online-shop")
    file = _inferred(before)
    asked = intents(file)
    from netsim.queries.intents import check

    assert check(before, asked)
    policies = before.snapshot.policies
    for at, removed in enumerate(policies):
        from dataclasses import replace

        less = replace(before.snapshot, policies=(*policies[:at], *policies[at + 1 :]))
        after = Compiled(less, before.profile)
        differs = bool(netsim.diff(before, after).changes)
        assert bool(check(after, asked)) is not differs, f"{removed} taken away"


def test_inferred_intents_are_read_without_problems() -> None:
    problems: list = []
    import io

    assert read_intents([io.StringIO(_inferred(cluster(DB)))], problems)
    assert not problems
