"""What answers build, counted: no more than they tell."""

from collections import Counter
from typing import Any

import pytest

from benchmarks.clusters import own
from netsim import api, queries
from netsim.bits.compare import Comparison
from netsim.queries import blame, changes, listing, reasons
from netsim.render import written


@pytest.fixture(scope="module")
def cluster() -> api.Cluster:
    return api.load(documents=[own(pods=300, policies=60, seed=3)])


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is made while the test runs."""
    found: Counter[str] = Counter()

    def count(module: Any, name: str) -> None:
        made = getattr(module, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            found[name] += 1
            return made(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    count(listing, "Line")
    count(changes, "Change")
    count(blame, "side")
    count(reasons, "near_misses")
    return found


def test_a_summary_makes_no_line(cluster: api.Cluster, built: Counter[str]) -> None:
    assert queries.reach(cluster, summary=True).summary["connections"] > 1_000
    assert built["Line"] == 0


def test_a_line_is_made_once_for_all_sources_that_reach_the_same(cluster: api.Cluster, built: Counter[str]) -> None:
    answer = queries.reach(cluster)
    lines = {id(line) for _, own in answer.listed for line in own}
    assert built["Line"] == len(lines)
    assert len(lines) * 10 < len(answer)


@pytest.mark.parametrize("end", ["source", "destination"])
def test_a_listing_of_one_end_makes_its_own_lines_alone(cluster: api.Cluster, built: Counter[str], end: str) -> None:
    row = next(row for row in queries.reach(cluster) if "[" in row.source and "[" in row.destination)
    built.clear()
    answer = queries.reach(cluster, **{end: getattr(row, end)})
    assert 0 < built["Line"] <= len(answer) + 1


def test_what_is_written_is_what_is_listed(cluster: api.Cluster) -> None:
    answer = queries.reach(cluster)
    assert sum(chunk.count('"to"') for chunk in written(answer, "json")) == len(answer)


def test_a_diff_makes_no_change_before_somebody_looks_and_asks_each_kind_once(
    cluster: api.Cluster, built: Counter[str]
) -> None:
    changed = api.load(documents=[own(pods=300, policies=60, seed=3, drop_policies=0.1)])
    answer = queries.diff(cluster, changed)
    assert answer.summary["added"] + answer.summary["removed"] + answer.summary["changed"] == len(answer)
    assert built["side"] * 5 < len(answer)
    made = built["Change"]
    assert made * 5 < len(answer)
    assert sum(chunk.count('"to"') for chunk in written(answer, "json")) == len(answer)
    assert built["Change"] == made
    assert len([*answer]) == len(answer) == built["Change"] - made


def test_an_edit_compares_what_it_touches_alone(cluster: api.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    original = Comparison.changed

    def changed(self: Comparison, source: int) -> Any:
        compared.append(source)
        return original(self, source)

    monkeypatch.setattr(Comparison, "changed", changed)
    edited = cluster.without_policy(next(str(p) for p in cluster.snapshot.policies if p.name.startswith("allow")))
    assert len(edited.edits()) > 0
    assert len(compared) < len(set(cluster.program.class_of)) / 2


def test_reasons_are_judged_once_for_pairs_of_one_kind(cluster: api.Cluster, built: Counter[str]) -> None:
    answer = queries.explain(cluster)
    assert built["side"] * 2 < len(answer)
