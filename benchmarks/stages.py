"""What is measured, each in a process of its own: ``python -m benchmarks.stages NAME FILE...`` prints the figures."""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Figures = dict[str, Any]


class Clock:
    """Seconds by what was done: of the wall, and of the processor, which other programs hardly change."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall[name] = time.perf_counter() - wall
        self.processor[name] = time.process_time() - processor

    @property
    def figures(self) -> Figures:
        """Both, rounded to the tenth of a millisecond."""
        return {
            "seconds": {name: round(value, 4) for name, value in self.wall.items()},
            "processor": {name: round(value, 4) for name, value in self.processor.items()},
        }


def orjson(clock: Clock, path: Path) -> Figures:
    """Parse the file by orjson: the unit of the ratios."""
    import orjson as parser

    with clock.timed("parse"):
        parser.loads(path.read_bytes())
    return {}


def msgspec(clock: Clock, path: Path) -> Figures:
    """Decode of each object only what every question needs: the least that typed decoding takes."""
    import msgspec as decoder

    class Metadata(decoder.Struct):
        name: str = ""
        namespace: str = ""
        labels: dict[str, str] = {}

    class Item(decoder.Struct):
        kind: str = ""
        metadata: Metadata = decoder.field(default_factory=Metadata)

    class Items(decoder.Struct):
        items: list[Item]

    with clock.timed("decode"):
        decoder.json.decode(path.read_bytes(), type=Items)
    return {}


def command(clock: Clock, path: Path) -> Figures:
    """Run the whole command: read, compile, summarise."""
    from netsim.cli.main import run

    sys.argv = ["netsim", "reach", str(path), "--summary", "-o", "json", "-f", "/dev/null", "--quiet"]
    with clock.timed("netsim reach --summary"):
        try:
            run()
        except SystemExit as done:
            if done.code:
                raise
    return {}


def engine(clock: Clock, path: Path) -> Figures:
    """Time each step of one answer, and then single questions."""
    from netsim import api, queries

    with clock.timed("load"):
        cluster = api.load(path)
    gc.freeze()
    with clock.timed("lower"):
        _ = cluster.program
    with clock.timed("reach"):
        _ = cluster.reachability
    with clock.timed("summary"):
        summary = queries.reach(cluster, summary=True).summary
    pods = [str(pod) for pod in cluster.snapshot.pods if not pod.finished]
    with clock.timed("query, the first"):
        cluster.query(pods[0], pods[-1], port=8080)
    step = max(1, len(pods) // 100)
    asked = list(zip(pods[::step], reversed(pods[::step]), strict=True))
    with clock.timed("query"):
        for one, other in asked:
            cluster.query(one, other, port=8080)
    for seconds in (clock.wall, clock.processor):
        seconds["query"] /= len(asked)
    return {"summary": summary}


def listing(clock: Clock, path: Path) -> Figures:
    """List every connection and write it as JSON and as text."""
    from netsim import api, queries
    from netsim.render import written

    cluster = api.load(path)
    _ = cluster.reachability
    with clock.timed("list"):
        answer = queries.reach(cluster)
    with clock.timed("write json"):
        characters = sum(map(len, written(answer, "json")))
    with clock.timed("write text"):
        rows = sum(chunk.count("\n") for chunk in written(answer, "text"))
    with clock.timed("from one workload"):
        queries.reach(cluster, source=str(cluster.snapshot.pods[0]))
    return {"connections": sum(answer.counted), "rows of text": rows, "characters of json": characters}


def difference(clock: Clock, old: Path, new: Path) -> Figures:
    """Compare the connections of two clusters, compiling both."""
    from netsim import api

    with clock.timed("load one"):
        before = api.load(old)
    after = api.load(new)
    gc.freeze()
    with clock.timed("diff"):
        changes = api.diff(before, after, only=["connections"])
    return {"changes": changes.counts}


def edit(clock: Clock, path: Path) -> Figures:
    """Edit one policy in memory, and compare."""
    from netsim import api

    cluster = api.load(path)
    _ = cluster.reachability
    policies = [policy for policy in cluster.snapshot.policies if policy.kind == "NetworkPolicy" and policy.namespace]
    some = policies[:: max(1, len(policies) // 8)][:8]
    for number, policy in enumerate(some):
        name = "the first edit" if number == 0 else f"edit {number}"
        with clock.timed(name):
            edited = cluster.without_policy(str(policy))
            _ = edited.reachability
            edited.edits()
    for seconds in (clock.wall, clock.processor):
        others = sorted(seconds.pop(f"edit {number}") for number in range(1, len(some)))
        seconds["edit, the median"] = others[len(others) // 2]
    return {}


def pairwise(clock: Clock, path: Path) -> Figures:
    """Ask the definition of every pair of pods at one port, and the engine, which must say the same."""
    from netsim import api, queries, spec
    from netsim.ir.objects import Family
    from netsim.ir.traffic import Protocol
    from netsim.ir.verdict import Flow

    cluster = api.load(path)
    pods = [pod for pod in cluster.snapshot.pods if not pod.finished]
    with clock.timed("pair by pair"):
        said = [
            spec.judge(
                cluster.snapshot,
                cluster.profile,
                Flow(source=one, destination=other, protocol=Protocol.TCP, port=8080, family=Family.IPV4),
            ).allowed
            for one in pods
            for other in pods
        ]
    with clock.timed("netsim"):
        table = queries.matrix(cluster, port=8080, family="IPv4").table
    agree = said == [table[str(one)][str(other)] for one in pods for other in pods]
    return {"pairs": len(said), "agree": agree}


def packed(clock: Clock, path: Path) -> Figures:
    """Build Kano's matrices of pods, and netsim's relation."""
    from benchmarks.kano import matrices
    from netsim import api, queries

    cluster = api.load(path)
    with clock.timed("netsim, with ports"):
        _ = cluster.reachability
        totals = queries.reach(cluster, pods=True, summary=True).totals
    with clock.timed("packed matrices, without ports"):
        found = matrices(cluster.snapshot)
        connected = found.connected()
    size = (found.opens.nbytes + found.accepts.nbytes) / 1e6
    return {
        "connected pairs of pods": connected,
        "pairs that netsim connects": totals.inner[0] if totals else 0,
        "megabytes of matrices": round(size, 1),
    }


STAGES: Mapping[str, Callable[..., Figures]] = {
    stage.__name__: stage for stage in (orjson, msgspec, command, engine, listing, difference, edit, pairwise, packed)
}


def main() -> None:
    """Run one stage and print its figures as JSON."""
    name, *paths = sys.argv[1:]
    clock = Clock()
    more = STAGES[name](clock, *map(Path, paths))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps({**clock.figures, **more, "peak megabytes": round(peak, 1)}))


if __name__ == "__main__":
    main()
