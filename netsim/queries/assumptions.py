"""What an answer rests on beside its inputs: a listing on what any row may hang on, a verdict on what it does."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from netsim.cluster import Compiled
from netsim.ir.policy import Direction, DomainPeer, Policy, Tier
from netsim.ir.profile import Baseline, Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.verdict import Verdict
from netsim.lower.program import Program
from netsim.queries.answer import assumptions_of
from netsim.queries.candidates import candidates
from netsim.queries.controllers import ON_ITS_NETWORK, crosses, is_unknown
from netsim.spec import judge
from netsim.spec.peers import name_covers

NAMES = "the addresses given for domain names were taken to be all that these names resolve to (S3.5)"


def of_listing(*clusters: Compiled) -> tuple[str, ...]:
    """Return what rows of a listing about these clusters may hang on, sorted."""
    return tuple(sorted({text for cluster in clusters for text in cluster.once("of listing", partial(_of, cluster))}))


def _of(cluster: Compiled) -> tuple[str, ...]:
    return (*assumptions_of(cluster), *_of_baseline(cluster.program), *_of_names(cluster.snapshot))


def of_verdicts(cluster: Compiled, snapshot: Snapshot, judged: Sequence[Verdict]) -> tuple[str, ...]:
    """Return what these verdicts hang on, sorted.

    Args:
        snapshot: What they were judged in: the cluster's, or one with the controller that is not in the input.
    """
    found = [*assumptions_of(cluster)]
    own = cluster.profile
    has_baseline = cluster.once("has baseline", partial(_has_baseline, snapshot.policies))
    if has_baseline and own.baseline is Baseline.PER_DIRECTION:
        other = replace(own, baseline=Baseline.UNSELECTED)
        if any(_allowed(cluster, snapshot, other, each) is not each.allowed for each in judged):
            found.append(
                "a NetworkPolicy isolates in one direction alone: in the other the baseline tier was asked, "
                "and the verdict hangs on it; the standard leaves that open (S4.3)"
            )
    if cluster.once("names asked", lambda: any(_of_names(snapshot))):
        without = replace(snapshot, names=None)
        # S3.5: names stand in rules that allow, so that a longer table could only open what is not allowed.
        if any(
            each.allowed is not True and _allowed(cluster, without, own, each) is not each.allowed for each in judged
        ):
            found.append(NAMES)
    entered = (each.flow.destination for each in judged if each.allowed is not False and is_unknown(each.flow.source))
    if any(crosses(each, snapshot) for each in entered):
        found.append(ON_ITS_NETWORK)
    return tuple(sorted(found))


def _allowed(cluster: Compiled, snapshot: Snapshot, profile: Profile, verdict: Verdict) -> bool | None:
    return judge(snapshot, profile, verdict.flow, candidates(cluster, verdict.flow)).allowed


def _has_baseline(policies: Sequence[Policy]) -> bool:
    return any(policy.tier is Tier.BASELINE for policy in policies)


def _of_baseline(program: Program) -> Iterator[str]:
    """Yield that endpoints are asked about a baseline that another reading of S4.3 would not ask."""
    if not _has_baseline(program.snapshot.policies) or program.profile.baseline is not Baseline.PER_DIRECTION:
        return
    sizes = Counter(program.class_of)
    torn = sum(size for member, size in sizes.items() if _is_torn(program, member))
    if torn:
        told = "1 endpoint is" if torn == 1 else f"{torn} endpoints are"
        yield (
            f"{told} isolated by NetworkPolicy in one direction alone: in the other the baseline tier was asked, "
            "which the standard leaves open (S4.3)"
        )


def _is_torn(program: Program, member: int) -> bool:
    """Return whether a NetworkPolicy isolates the class in one direction, and the baseline speaks of the other."""
    groups = [program.groups[direction][program.group_of[direction][member]] for direction in Direction]
    spoken = (
        any(program.policies[number].tier is Tier.BASELINE for number in group.policies)
        for group in groups
        if not group.isolated
    )
    return any(group.isolated for group in groups) and any(spoken)


def _of_names(snapshot: Snapshot) -> Iterator[str]:
    """Yield that a name was taken to resolve to what the table has of it; of others the table says nothing."""
    if not snapshot.names:
        return
    rules = (rule for policy in snapshot.policies for rule in policy.rules)
    asked = {peer.name for rule in rules for peer in rule.peers or () if isinstance(peer, DomainPeer)}
    if any(name_covers(pattern, name) for pattern in asked for name in snapshot.names or ()):
        yield NAMES
