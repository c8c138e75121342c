"""An edited cluster says what one that was lowered anew says: on generated clusters, through several edits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netsim import queries
from netsim.cluster import Compiled
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import NONE
from netsim.lower.program import key_of
from netsim.queries.edited import edited as what_changed
from tests.agree.generate import Case, cases, seeded
from tests.effort import tries


def edited(snapshot: Snapshot, policies: Sequence[Policy]) -> Snapshot:
    return replace(snapshot, policies=tuple(sorted(policies, key=key_of)))


def steps(start: Snapshot, others: Sequence[Policy], choices: Sequence[int]) -> Iterator[Snapshot]:
    """Yield snapshots, each one policy away from the one before: it has one more, one less, or another in its place."""
    policies = {key_of(policy): policy for policy in start.policies}
    for number, choice in enumerate(choices):
        known = sorted(policies)
        if choice % 3 and others:
            policy = others[choice % len(others)]
            policies[key_of(policy)] = policy
        elif choice % 3 and number and known:
            policies[known[choice % len(known)]] = replace(policies[known[choice % len(known)]])
        elif known:
            del policies[known[choice % len(known)]]
        yield edited(start, list(policies.values()))


def said(cluster: Compiled) -> list[dict[str, object]]:
    """Return all that listings say, by workload and by pod; and what is counted without a listing."""
    listings = [queries.reach(cluster), queries.reach(cluster, pods=True), queries.reach(cluster, summary=True)]
    return [listing.to_dict() for listing in listings]


def told(answer: queries.Diff) -> dict[tuple[object, ...], object]:
    return {
        (c.source, c.destination, c.family): (c.old, c.new, c.old_unknown, c.new_unknown, c.because) for c in answer
    }


@given(cases(), cases(), st.lists(st.integers(0, 60), min_size=1, max_size=4))
@tries(50)
def test_an_edited_cluster_says_what_one_that_was_lowered_anew_says(
    first: Case, second: Case, choices: list[int]
) -> None:
    cluster = Compiled(edited(first.snapshot, first.snapshot.policies), first.profile)
    for snapshot in steps(cluster.snapshot, second.snapshot.policies, choices):
        before, cluster = cluster, Compiled(snapshot, first.profile, edited=cluster)
        anew = Compiled(snapshot, first.profile)
        assert said(cluster) == said(anew)
        assert told(what_changed(cluster)) == told(queries.diff(Compiled(before.snapshot, first.profile), anew))


def test_many_edits_are_edits_and_not_made_anew() -> None:
    counts = {True: 0, False: 0}
    for seed in range(60):
        first, second = seeded(seed), seeded(1_000 + seed)
        cluster = Compiled(edited(first.snapshot, first.snapshot.policies), first.profile)
        for snapshot in steps(cluster.snapshot, second.snapshot.policies, [seed, seed + 1, seed + 2]):
            cluster = Compiled(snapshot, first.profile, edited=cluster)
            counts[cluster.edit is not None] += 1
    assert counts[True] > 60, counts  # the others speak of nodes, domain names or port names


def test_a_diff_in_two_families_is_that_of_the_listings_whatever_was_asked_before() -> None:
    # Traffic sets are numbered as they are met: with these clusters in another order in either family.
    first, second = seeded(429), seeded(100_429)
    *_, old, new = steps(first.snapshot, second.snapshot.policies, [38, 56, 7])
    before, after = (Compiled(snapshot, first.profile) for snapshot in (old, new))
    changes = {(c.source, c.destination): (c.old, c.new) for c in queries.diff(before, after)}
    was, now = ({(c.source, c.destination): c.traffic for c in queries.reach(side)} for side in (before, after))
    assert changes == {ends: (was.get(ends, NONE), now.get(ends, NONE)) for ends in changes}
    assert changes.keys() == {ends for ends in was.keys() | now.keys() if was.get(ends) != now.get(ends)}


def test_a_diff_keeps_the_families_of_pods_of_one_class_apart() -> None:
    # p0 may get an address of either family, p2 has one of IPv6, and no rule tells them apart.
    first = seeded(847)
    start = edited(first.snapshot, first.snapshot.policies)
    *_, old, new = start, *steps(start, seeded(100_847).snapshot.policies, [24, 54])
    changes = list(queries.diff(Compiled(old, first.profile), Compiled(new, first.profile)))
    outside = {(c.source, c.destination) for c in changes if c.destination.endswith("/0")}
    assert ("db/p2[Deployment]", "::/0") in outside
    assert ("db/p2[Deployment]", "0.0.0.0/0") not in outside
    assert {("db/p0[Deployment]", "::/0"), ("db/p0[Deployment]", "0.0.0.0/0")} <= outside
