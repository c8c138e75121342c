"""The public Cluster: a snapshot that answers questions."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any

from netsim.cluster import Compiled
from netsim.errors import InputError, Problem
from netsim.ingest import Given, Manifests, read_names, snapshot
from netsim.ir.objects import Family
from netsim.knowledge import DEFAULT_PROFILE, profile
from netsim.queries import (
    Diff,
    Explained,
    Exposed,
    Matrix,
    Reachability,
    Verdict,
    explain,
    exposure,
    matrix,
    query,
    reach,
)
from netsim.queries import diff as difference
from netsim.queries.focus import Peers
from netsim.render import install

Input = str | PathLike[str] | IO[str] | IO[bytes]

install()


class Cluster(Compiled):
    """A cluster as its inputs describe it; make one with ``netsim.load``.

    ``problems`` are what is wrong with the inputs, sorted, where they were read all the same: an object in doubt is not
    part of the cluster.
    """

    problems: tuple[Problem, ...] = ()

    def query(
        self,
        source: str,
        destination: str,
        *,
        port: int | str,
        protocol: str | None = None,
        family: str | Family | None = None,
    ) -> Verdict:
        """Return whether ``source`` may open a connection to ``destination``, and why.

        Args:
            source, destination: ``namespace/name``, ``name``, ``namespace/name[Kind]``, an address, ``node:NAME``, ...
            port: A number, or the name of a port of the destination.
            protocol: ``TCP`` where not given.
            family: ``IPv4`` or ``IPv6``; both where not given and both are in use.

        Raises:
            UsageError: A peer or the port names nothing.
        """
        return query(self, source, destination, port=port, protocol=protocol, family=family)

    def allows(self, source: str, destination: str, port: int | str, protocol: str | None = None) -> Verdict:
        """Return the verdict of ``query``, which is true in a condition iff the connection is surely allowed."""
        return self.query(source, destination, port=port, protocol=protocol)

    def matrix(
        self, *, port: int | str, protocol: str | None = None, family: str | Family | None = None
    ) -> Mapping[str, Mapping[str, bool | None]]:
        """Return ``{source: {destination: True|False|None}}`` for one port, pod by pod.

        Where the port is a name, destinations that do not declare it are left out.
        """
        return self.truth_table(port=port, protocol=protocol, family=family).table

    def truth_table(
        self, *, port: int | str, protocol: str | None = None, family: str | Family | None = None
    ) -> Matrix:
        """Return ``matrix`` as an Answer that shows itself."""
        return matrix(self, port=port, protocol=protocol, family=family)

    def reach(
        self,
        *,
        source: Peers = None,
        destination: Peers = None,
        workload: Peers = None,
        port: int | str | None = None,
        pods: bool = False,
    ) -> Reachability:
        """Return every allowed connection between workloads, and with the outside.

        Args:
            source, destination, port: List these alone; one peer or several.
            workload: List those of which either end is one of these peers.
            pods: Pod by pod instead of workload by workload.
        """
        return reach(self, source=source, destination=destination, workload=workload, port=port, pods=pods)

    def exposure(
        self,
        *,
        source: Peers = None,
        destination: Peers = None,
        workload: Peers = None,
        port: int | str | None = None,
        pods: bool = False,
    ) -> Exposed:
        """Return what ``reach`` lists, and what it leaves open to pods that could be."""
        return exposure(self, source=source, destination=destination, workload=workload, port=port, pods=pods)

    def explain(
        self,
        *,
        source: Peers = None,
        destination: Peers = None,
        workload: Peers = None,
        port: int | str | None = None,
        pods: bool = False,
    ) -> Explained:
        """Return what is behind each connection that ``reach`` lists, and behind what is denied.

        Where both ``source`` and ``destination`` are named, pairs that may exchange nothing are explained, too.
        """
        return explain(self, source=source, destination=destination, workload=workload, port=port, pods=pods)


def load(
    *inputs: Input,
    documents: Sequence[Mapping[str, Any]] = (),
    cni: str = DEFAULT_PROFILE,
    dns: Mapping[str, Sequence[str]] | None = None,
    keep_going: bool = False,
) -> Cluster:
    """Return the cluster that the inputs describe.

    Args:
        inputs: Files, folders, ``git:REV:PATH``, ``-`` for standard input, or open files; a later one overrides an
            earlier one's objects. The current folder where there is neither an input nor a document.
        documents: Objects as dicts, read after the inputs.
        cni: The name of the profile that says what this network does where the standard leaves a choice.
        dns: The addresses of domain names, ``{name: [address]}``; without them what a domain name means is unknown.
        keep_going: Read what can be read in spite of problems, which ``Cluster.problems`` then holds.

    Raises:
        InputError: Some object is one that the API server, or strict field checking, would refuse; it holds them all.
            Not where ``keep_going`` is true.
        UsageError: There is no such profile.
    """
    network = profile(cni)
    given = [Given(documents=documents)] if documents else []
    problems: list[Problem] = []
    names = None if dns is None else read_names(Given(documents=[dns]), problems)
    manifests = Manifests()
    found, own = snapshot([*inputs, *given] or ["."], keep_going=True, names=names, manifests=manifests)
    refused = InputError([*problems, *own])
    if refused.problems and not keep_going:
        raise refused
    cluster = Cluster(found, network, manifests=manifests.all())
    cluster.problems = refused.problems
    return cluster


def diff(
    old: Compiled,
    new: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
    crown: Peers = None,
) -> Diff:
    """Return what differs between two clusters, each with the policy rule that did it, the gravest opening first.

    Args:
        source, destination, workload, port: Compare these alone, as ``Cluster.reach`` lists them.
        pods: Pod by pod instead of workload by workload.
        crown: Workloads that are crown jewels, beside those whose annotation says so.
    """
    return difference(
        old, new, source=source, destination=destination, workload=workload, port=port, pods=pods, crown=crown
    )
