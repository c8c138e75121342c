"""The questions of a Cluster about attacks."""

from collections.abc import Sequence
from os import PathLike
from typing import IO

from netsim.cluster import Compiled
from netsim.queries import BlastRadius, Paths, Steps, WhatIf, blast, paths, steps, whatif
from netsim.queries.attack import level_of

Input = str | PathLike[str] | IO[str] | IO[bytes]


class AttackQuestions(Compiled):
    """What falls if something falls, by which steps, and what a change saves."""

    def steps(self, *, connections: bool = True) -> Steps:
        """Return every attack step: ``.id``, ``.source``, ``.target``, ``.certainty``, ``.guards``, ``.because``.

        Args:
            connections: With those from pod to pod, of which there may be very many.
        """
        return steps(self, connections=connections)

    def blast(self, source: str, *, max_steps: int | None = None) -> BlastRadius:
        """Return what falls if a pod, workload, ``sa:NS/NAME``, ``user:NAME``, ``node:NAME`` or ``internet`` is taken.

        Args:
            max_steps: Count no proof that is longer.
        """
        return blast(self, source, max_steps=max_steps)

    def paths(self, source: str, target: str, *, level: str = "exploit") -> Paths:
        """Return how an attacker gets from one place to another, and what cuts every way.

        Args:
            target: ``cluster-admin``, ``node`` (any), ``node:NAME``, ``etcd``, ``secret:NS/NAME``,
                ``namespace-admin:NS``, ``crown-jewels``, an account, a pod or a workload.
            level: ``certain``, ``likely`` or ``exploit``: no step that is less sure.
        """
        return paths(self, source, target, level=level_of(level))

    def whatif(self, source: str, *, edits: Sequence[Input] = (), remove: Sequence[str] = ()) -> WhatIf:
        """Return what falls before and after a change that is given as manifests.

        Args:
            edits: Inputs whose objects replace those of the cluster, or join them.
            remove: Objects to be left out: ``RoleBinding ci/admin``.
        """
        return whatif(self, source, edits=edits, remove=remove)
