"""The truth tables: one case a file, a cluster, its policies, and who may connect to whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import netsim
from netsim.ir.objects import Family, Pod
from netsim.ir.traffic import Protocol
from netsim.ir.verdict import Endpoint, Flow
from netsim.lower.program import Program
from tests.conformance.data import read_yaml, root
from tests.conformance.endpoints import common_family, endpoint


@cache
def case_files() -> tuple[Path, ...]:
    """Return the file of every case of every suite, sorted."""
    return tuple(sorted((root() / "truth").glob("*/*.yaml")))


def name_of(file: Path) -> str:
    """Return ``suite/case``."""
    return f"{file.parent.name}/{file.stem}"


def policy_kinds(file: Path) -> frozenset[str]:
    """Return the kinds of policies that a case uses."""
    return frozenset(policy["kind"] for policy in read_yaml(file)["policies"])


@cache
def cluster_of(file: Path) -> netsim.Cluster:
    """Return a case's cluster, read as any user's objects are."""
    case = read_yaml(file)
    return netsim.load(documents=[*case["cluster"], *case["policies"]], dns=case.get("dns"))


@dataclass(frozen=True, slots=True)
class Probe:
    """One port, and the expected table: ``expect[source][destination]``.

    Sources and destinations are pods, ``namespace/name``, or ``ip:`` and an address that no pod has.
    """

    protocol: str
    port: int | str
    family: str | None
    expect: Mapping[str, Mapping[str, bool]]

    def of_pods(self) -> dict[tuple[str, str], bool]:
        """Return what is expected of a pod and a pod."""
        return {(one, other): allowed for one, other, allowed in self._entries() if _is_pod(one) and _is_pod(other)}

    def with_addresses(self) -> Iterator[tuple[str, str, bool]]:
        """Yield what is expected of a pod and an address, as users type them."""
        for one, other, allowed in self._entries():
            if not (_is_pod(one) and _is_pod(other)):
                yield _typed(one), _typed(other), allowed

    def flows(self, program: Program) -> Iterator[tuple[Flow, bool]]:
        """Yield every connection that the table is about, and whether it is allowed."""
        protocol = Protocol(self.protocol)
        for one, other, allowed in self._entries():
            source, destination = endpoint(_typed(one), program), endpoint(_typed(other), program)
            family = _family(self.family) if self.family else common_family(source, destination)
            number = _number(self.port, protocol, destination)
            yield (
                Flow(source=source, destination=destination, protocol=protocol, port=number, family=family),
                allowed,
            )

    def _entries(self) -> Iterator[tuple[str, str, bool]]:
        return ((one, other, allowed) for one, row in self.expect.items() for other, allowed in row.items())


def _is_pod(key: str) -> bool:
    return "/" in key


def _typed(key: str) -> str:
    return key.removeprefix("ip:")


def _family(name: str) -> Family:
    return next(family for family in Family if str(family) == name)


def _number(port: int | str, protocol: Protocol, destination: Endpoint) -> int:
    if isinstance(port, int):
        return port
    declared = destination.ports if isinstance(destination, Pod) else ()
    (number,) = {p.number for p in declared if p.name == port and p.protocol is protocol}
    return number


def probes(file: Path) -> tuple[Probe, ...]:
    """Return the probes of a case."""
    return tuple(Probe(p["protocol"], p["port"], p.get("family"), p["expect"]) for p in read_yaml(file)["probes"])


def asserted(file: Path) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield the single assertions that a suite itself makes: source, destination, port and protocol, verdict."""
    for said in read_yaml(file).get("asserted", ()):
        port = {"port": said["port"], "protocol": said["protocol"]}
        yield _typed(said["from"]), _typed(said["to"]), port, said["allowed"]
