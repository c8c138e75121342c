"""What is asked of every input, however it came about."""

import io
import time
from typing import Any

import netsim
from netsim.errors import InputError
from netsim.ingest import snapshot
from tests.agree.choices import Choices
from tests.fuzz import naive
from tests.fuzz.cluster import damaged, torn, written

#: No input here has more than some kilobytes.
_SECONDS = 20
_MODELLED = {"Namespace": "v1", "Pod": "v1", "NetworkPolicy": "networking.k8s.io/v1"}


def refused_or_right(choices: Choices) -> bool:
    """Damage a cluster's objects; return whether it is refused, having compared every verdict if it is not."""
    objects = damaged(choices)
    text = written(choices, objects)
    try:
        cluster = netsim.load(io.BytesIO(text))
    except InputError as error:
        return bool(error.problems)
    read = [_plain(each) for each in objects if isinstance(each, dict) and _is_modelled(each)]
    pods = naive.pods(read)
    for source in pods:
        for destination in pods:
            if source is not destination:
                _compare(cluster, read, source, destination)
    return False


def _is_modelled(each: Any) -> bool:
    """Is an object of a kind that is read? Of another API group it is somebody else's, and a warning says so."""
    version, meant = each.get("apiVersion"), _MODELLED.get(str(each.get("kind")))
    # What says neither a version nor a name is not taken for an object: a warning says that it is passed over.
    return meant is not None and (version == meant or (version in (None, "") and "metadata" in each))


def _compare(cluster: netsim.Cluster, objects: list[Any], source: Any, destination: Any) -> None:
    for protocol, port in (("TCP", 80), ("TCP", 8080), ("TCP", 53), ("UDP", 53), ("TCP", 5432), ("TCP", 5000)):
        one, other = naive.peer(source), naive.peer(destination)
        said = cluster.query(one, other, port=port, protocol=protocol)
        meant = naive.allows(objects, source, destination, protocol, port)
        assert said.allowed is meant, f"{one} to {other}, {protocol} {port}: we say {said.allowed}, it is {meant}"


def _plain(value: Any) -> Any:
    """Return what JSON makes of a value: 80.0 is 80."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read_without_a_traceback(text: bytes) -> None:
    """Read any bytes at all: problems are the only trouble, and it ends soon."""
    start = time.process_time()
    found, problems = snapshot([io.BytesIO(text)], keep_going=True)
    assert all(str(problem) for problem in problems)
    assert all(str(notice) for notice in found.warnings)
    assert time.process_time() - start < _SECONDS


def torn_text(choices: Choices) -> bytes:
    """Return the text of a cluster, damaged as objects and again as bytes."""
    return torn(choices, written(choices, damaged(choices)))
