"""What a proved isolation rests on: no policy of it can be missed, and none beside it is needed."""

from typing import Any

from netsim.cluster import Compiled
from netsim.ir.proof import Outcome
from netsim.queries.operands import with_policies
from netsim.queries.prove import Prover
from netsim.render import written
from tests.agree.generate import seeded
from tests.build import cluster, policy

CLOSED = policy("closed", "{podSelector: {}, policyTypes: [Ingress]}")
DB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
)
OPS = policy("ops", "{podSelector: {}, policyTypes: [Egress]}", "ops")
WIDE = policy("wide", "{podSelector: {matchLabels: {app: web}}, ingress: [{}]}")
DENY = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: apart}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {team: shop}}}
  ingress:
  - {name: apart, action: Deny, from: [{namespaces: {matchLabels: {team: ops}}}]}
"""
ACCEPT = DENY.replace("name: apart", "name: opened").replace("Deny", "Accept").replace("priority: 1", "priority: 2")


def test_an_isolation_rests_on_the_policies_that_close_it() -> None:
    team = cluster(DB, WIDE)
    shop = Prover(team).isolated(source="ops/*", destination="shop/db", explain=True)
    assert shop.core is not None
    assert [(each.policy.name, each.alone) for each in shop.core] == [("db", Outcome.REFUTED)]
    assert shop.core[0].without is not None
    assert "rests on 1 policy, without which it fails" in "".join(written(shop, "text"))


def test_of_policies_that_close_the_same_one_is_enough_and_the_others_are_told() -> None:
    found = Prover(cluster(DB, CLOSED, OPS)).isolated(source="ops/*", destination="shop/db", explain=True)
    assert found.core is not None
    assert [each.alone for each in found.core] == [Outcome.HOLDS]
    assert "could be deleted: they hold the same" in "".join(written(found, "text"))


def test_two_policies_that_close_the_halves_of_it_are_both_needed() -> None:
    found = Prover(cluster(DB, WIDE, policy("web", "{podSelector: {matchLabels: {app: web}}, ingress: []}")))
    proof = found.isolated(source="internet", destination=["shop/db", "shop/web"], explain=True)
    assert not proof.holds
    assert proof.core is None
    narrow = Prover(cluster(DB, policy("web", "{podSelector: {matchLabels: {app: web}}, ingress: []}")))
    proof = narrow.isolated(source="internet", destination=["shop/db", "shop/web"], explain=True)
    assert [each.policy.name for each in proof.core or ()] == ["db", "web"]
    assert [each.alone for each in proof.core or ()] == [Outcome.REFUTED, Outcome.REFUTED]


def test_what_denies_before_others_allow_is_not_needed_once_these_are_gone() -> None:
    found = Prover(cluster(DENY, ACCEPT, CLOSED)).isolated(source="ops/*", destination="shop/*", explain=True)
    assert found.core is not None
    assert len(found.core) == 1


def test_where_nobody_is_meant_an_isolation_rests_on_nothing() -> None:
    proof = Prover(cluster(DB)).isolated(source="pod:a=b,a=c", destination="shop/db", explain=True)
    assert proof.core == ()
    assert "rests on no policy" in "".join(written(proof, "text"))


def test_a_core_holds_by_itself_and_lacks_no_member() -> None:
    sizes = []
    for case in map(seeded, range(40)):
        given = Compiled(case.snapshot, case.profile)
        prover = Prover(given)
        for source, destination in ((None, "internet"), ("internet", None)):
            own = [f"{space}/*" for space in case.snapshot.namespaces]
            asked: dict[str, Any] = {"source": source or own, "destination": destination or own, "port": 80}
            proof = prover.isolated(**asked, explain=True)
            if not proof.core:
                continue
            kept = [support.policy for support in proof.core]
            sizes.append(len(kept))
            assert Prover(with_policies(given, kept)).isolated(**asked).holds
            for one in kept:
                fewer = with_policies(given, [each for each in kept if each is not one])
                assert not Prover(fewer).isolated(**asked).holds
    assert max(sizes) > 1, sizes
