"""Each wrong reading of the standard is caught by the agreement of the definition with the fast form."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from netsim import spec
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, Profile, Ties
from tests.agree.compare import Asked, asked
from tests.agree.generate import Case, seeded
from tests.agree.wrong import WRONG as OF_NETWORK_POLICY
from tests.agree.wrong import Wrong
from tests.agree.wrong_networks import WRONG as OF_NETWORKS
from tests.agree.wrong_tiers import WRONG as OF_TIERS

WRONG = OF_NETWORK_POLICY + OF_TIERS + OF_NETWORKS

#: A wrong reading must show within this many generated clusters.
SEEDS = 240

#: So many rounds over the clusters ask all questions; a prime, since questions come in blocks of ports and pairs.
STRIDE = 31

UPSTREAM = Profile(name="upstream")

#: The networks on which readings show that say what upstream says, too.
ELSEWHERE = {
    "endPort is always supported": replace(UPSTREAM, end_port=False),
    "a port name is always looked up": replace(UPSTREAM, named_ports=NamedPorts.EVERY_PORT),
    "ipBlock always matches pods": replace(UPSTREAM, blocks_match_pods=False),
    "ipBlock always matches nodes": replace(UPSTREAM, blocks_match_nodes=False),
    "bare pods are always governed": replace(UPSTREAM, bare_pods_governed=False),
    "bare pods are on no network": replace(UPSTREAM, bare_pods_governed=False),
    "hostNetwork pods are subjects": replace(UPSTREAM, host_network=HostNetwork.AS_POD),
    "hostNetwork pods are peers": replace(UPSTREAM, host_network=HostNetwork.AS_POD),
    "ties are never broken by name": replace(UPSTREAM, ties=Ties.BY_NAME),
    "Baseline is by direction": replace(UPSTREAM, baseline=Baseline.UNSELECTED),
}


@cache
def _case(seed: int, profile: Profile) -> tuple[Case, tuple[Asked, ...]]:
    case = replace(seeded(seed), profile=profile)
    return case, tuple(asked(case))


def _wrong_verdicts(profile: Profile, seeds: int = SEEDS) -> Iterator[int]:
    """Yield the clusters of wrong verdicts: a few questions of each cluster first, for most show on many of one."""
    some = range(seeds)
    for among, start in product((some[:30], some[30:]), range(STRIDE)):
        yield from _wrong_among(profile, among, start)


def _wrong_among(profile: Profile, seeds: range, start: int) -> Iterator[int]:
    for seed in seeds:
        case, questions = _case(seed, profile)
        for question in questions[start::STRIDE]:
            if spec.judge(case.snapshot, case.profile, question.flow).allowed is not question.fast:
                yield seed


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_reading_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(wrong.module, wrong.function)
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(right))
    found = next(_wrong_verdicts(ELSEWHERE.get(wrong.name, UPSTREAM)), None)
    assert found is not None, f"{wrong.clause} is not tested"


@pytest.mark.parametrize("profile", [UPSTREAM, *ELSEWHERE.values()], ids=["upstream", *ELSEWHERE])
def test_the_right_reading_is_not_caught(profile: Profile) -> None:
    # Otherwise every wrong one would be, whatever it says.
    assert next(_wrong_verdicts(profile, seeds=10), None) is None


def test_every_reading_that_shows_elsewhere_is_in_the_table() -> None:
    assert ELSEWHERE.keys() <= {wrong.name for wrong in WRONG}


def test_the_table_has_enough_wrong_readings_and_no_name_twice() -> None:
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 75
