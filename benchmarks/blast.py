"""Seconds of a blast radius: ``python -m benchmarks.blast --pods 10000 --bindings 2000 --policies 1000``."""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netsim import knowledge, queries
from netsim.cluster import Compiled
from netsim.ingest import Manifests, snapshot

GENERATOR = Path(__file__).resolve().parents[2] / "shared" / "bench" / "gen_cluster.py"
RBAC = "rbac.authorization.k8s.io"

#: What roles of clusters hold: mostly little, here and there too much.
RULES = (
    ([""], ["pods", "services", "configmaps"], ["get", "list", "watch"]),
    (["apps"], ["deployments", "replicasets"], ["get", "list", "watch"]),
    ([""], ["configmaps"], ["get", "update"]),
    (["apps"], ["deployments"], ["get", "update", "patch"]),
    ([""], ["secrets"], ["get"]),
    ([""], ["pods/exec"], ["create"]),
    (["batch"], ["jobs"], ["create", "delete"]),
    ([""], ["serviceaccounts/token"], ["create"]),
)


def main() -> int:
    """Generate a cluster with rights, time the questions, print the figures."""
    options = _options()
    generator = Path(os.environ.get("NETSIM_BENCH_GENERATOR", GENERATOR))
    if not generator.is_file():
        print(f"no cluster generator at {generator}: set NETSIM_BENCH_GENERATOR to its path", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cluster.json"
        arguments = [f"--{name}={getattr(options, name)}" for name in ("pods", "policies", "seed")]
        subprocess.run([sys.executable, generator, *arguments, "--format=json", f"--out={path}"], check=True)
        arm(path, options.bindings, options.seed)
        figures = measured(path)
    figures |= {name: getattr(options, name) for name in ("pods", "bindings", "policies", "seed")}
    print("\n".join(f"{name:<18} {value}" for name, value in figures.items()))
    return 0


def arm(path: Path, bindings: int, seed: int) -> None:
    """Give the pods of a generated cluster accounts, roles and, to one in two hundred, a way out of its container."""
    chance = random.Random(seed)
    whole = json.loads(path.read_text(encoding="utf-8"))
    items = whole["items"]
    pods = [each for each in items if each["kind"] == "Pod"]
    spaces = sorted({pod["metadata"]["namespace"] for pod in pods})
    for number, pod in enumerate(pods):
        pod["spec"]["serviceAccountName"] = f"sa-{chance.randrange(6)}"
        if number % 200 == 0:
            pod["spec"]["containers"][0]["securityContext"] = {"privileged": True, "runAsUser": 0}
    items += list(_rights(chance, spaces, bindings))
    path.write_text(json.dumps(whole), encoding="utf-8")


def _rights(chance: random.Random, spaces: list[str], bindings: int) -> Iterator[dict[str, Any]]:
    for number, (groups, resources, verbs) in enumerate(RULES):
        rule = {"apiGroups": groups, "resources": resources, "verbs": verbs}
        metadata = {"name": f"role-{number}"}
        yield {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": [rule]}
    for number in range(bindings):
        space = chance.choice(spaces)
        wide = number % 100 == 0
        # One binding in a hundred is of the whole cluster; the grave roles are the rarer ones.
        role = min(chance.randrange(len(RULES)), chance.randrange(len(RULES)))
        metadata = {"name": f"binding-{number}", **({} if wide else {"namespace": space})}
        subject = {"kind": "ServiceAccount", "name": f"sa-{chance.randrange(6)}", "namespace": space}
        yield {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding" if wide else "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": f"role-{role}"},
            "subjects": [subject],
        }


def measured(path: Path) -> dict[str, Any]:
    """Return the CPU seconds of loading, and after it of one pod's blast radius and paths, with the memory of all.

    ``all`` is until the blast radius; ``paths`` are asked after it, of a world that has its rules already.
    """
    start = time.process_time()
    manifests = Manifests()
    found, _ = snapshot([path], manifests=manifests)
    cluster = Compiled(found, knowledge.profile(), manifests=manifests.all())
    read = time.process_time()
    _ = cluster.reachability
    compiled = time.process_time()
    _ = cluster.attack
    loaded = time.process_time()
    source = next(name for name, facts in cluster.attack.pods.items() if "privileged" in facts.containers[0].facts)
    answer = queries.blast(cluster, source)
    done = time.process_time()
    led = queries.paths(cluster, source, "cluster-admin")
    searched = time.process_time()
    return {
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "read": f"{read - start:.2f} s",
        "reachability": f"{compiled - read:.2f} s",
        "attack world": f"{loaded - compiled:.2f} s",
        "blast": f"{done - loaded:.2f} s",
        "all": f"{done - start:.2f} s",
        "paths": f"{searched - done:.2f} s",
        "paths / blast": f"{(searched - done) / (done - loaded):.1f}",
        "fallen": len(answer),
        "score": answer.score,
        "kinds of paths": f"{len(led)}{'' if led.complete else ' or more'}",
        "cut": f"{'none' if led.cut is None else len(led.cut)}{'' if led.exact else ', not settled'}",
        "peak megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blast", description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--bindings", type=int, default=2_000)
    parser.add_argument("--policies", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
