"""Clusters to measure on: by the generator at ``NETSIM_BENCH`` where there is one, else by a small one of our own."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

#: Where the generator is looked for: this file, or a folder that holds ``gen_cluster.py``.
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "bench"


def generator() -> Path | None:
    """Return the generator; None where there is none, and ours is taken."""
    place = Path(os.environ.get("NETSIM_BENCH", BESIDE))
    found = place if place.is_file() else place / "gen_cluster.py"
    return found if found.is_file() else None


def generate(path: Path, *, pods: int, policies: int, seed: int, **more: float) -> Path:
    """Write a cluster as one JSON List and return its path.

    Args:
        more: What else the generator is told: ``unique_labels``, ``unique_refs``, ``drop_policies``, shares of 1;
            ``apps_per_namespace``. Ours knows ``unique_labels`` and ``drop_policies``.
    """
    program = generator()
    if program is None:
        path.write_text(json.dumps(own(pods=pods, policies=policies, seed=seed, **more)), encoding="utf-8")
        return path
    options = {"pods": pods, "policies": policies, "seed": seed, **more}
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    subprocess.run([sys.executable, program, *given, "--format=json", f"--out={path}"], check=True)
    return path


def own(
    *,
    pods: int,
    policies: int,
    seed: int,
    unique_labels: float = 0,
    drop_policies: float = 0,
    **_: float,
) -> dict[str, Any]:
    """Return a cluster of our own: namespaces of ten applications, a default deny in each, the rest allow."""
    rng = random.Random(seed)
    count = max(2, pods // 250)
    items: list[Mapping[str, Any]] = [_namespace(number) for number in range(count)]
    items += (_pod(number, count, unique=rng.random() < unique_labels) for number in range(pods))
    written = [_deny(number) for number in range(min(count, policies))]
    written += [_allow(rng, number, count) for number in range(max(0, policies - count))]
    items += (policy for policy in written if rng.random() >= drop_policies)
    return {"apiVersion": "v1", "kind": "List", "items": items}


TIERS = ("frontend", "backend", "cache", "db")


def _namespace(number: int) -> dict[str, Any]:
    labels = {"team": f"t{number % 7}", "env": ("prod", "dev")[number % 2]}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"ns{number}", "labels": labels}}


def _pod(number: int, count: int, *, unique: bool) -> dict[str, Any]:
    app = number // count // 10 % 10
    labels = {"app": f"a{app}", "tier": TIERS[app % 4], **({"id": f"p{number}"} if unique else {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"p{number}", "namespace": f"ns{number % count}", "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "c", "ports": [{"name": "http", "containerPort": 8080}]}]},
        "status": {"podIP": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"},
    }


def _policy(number: int, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": f"ns{number}"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _deny(number: int) -> dict[str, Any]:
    return _policy(number, "default-deny", {"podSelector": {}, "policyTypes": ["Ingress"]})


def _allow(rng: random.Random, number: int, count: int) -> dict[str, Any]:
    peers = list(_peers(rng))
    ports = [{"port": rng.choice((8080, 9090, 5432, "http"))}]
    spec = {"podSelector": {"matchLabels": {"app": f"a{rng.randrange(10)}"}}, "policyTypes": ["Ingress"]}
    return _policy(rng.randrange(count), f"allow-{number}", {**spec, "ingress": [{"from": peers, "ports": ports}]})


def _peers(rng: random.Random) -> Iterator[dict[str, Any]]:
    kind = rng.random()
    if kind < 0.6:
        yield {"podSelector": {"matchLabels": {"app": f"a{rng.randrange(10)}"}}}
    elif kind < 0.9:
        yield {
            "namespaceSelector": {"matchLabels": {"team": f"t{rng.randrange(7)}"}},
            "podSelector": {"matchLabels": {"tier": rng.choice(TIERS)}},
        }
    else:
        yield {"ipBlock": {"cidr": f"10.{rng.randrange(4)}.0.0/16"}}
