"""One snapshot under one profile; each compiled form is built once, on first use."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from netsim.ir.access import Defaults, Rights
from netsim.ir.finding import Finding
from netsim.ir.objects import Family
from netsim.ir.profile import Profile
from netsim.ir.release import NEWEST, OLDEST, Release
from netsim.ir.snapshot import Notice, Snapshot
from netsim.ir.still import still

if TYPE_CHECKING:  # numpy is imported on first use, so that `netsim --help` stays fast
    from netsim.access import Access
    from netsim.access.nodes import NodeReach
    from netsim.access.tokens import Token
    from netsim.bits.reach import Reach
    from netsim.graph.world import World
    from netsim.ingest.artifacts import Artifact
    from netsim.ingest.manifests import Manifest
    from netsim.lower.bench import Bench
    from netsim.lower.edit import Edit
    from netsim.lower.program import Program

T = TypeVar("T")


class Compiled:
    """A snapshot, a profile, and what is compiled from them. Caches live here and nowhere else."""

    def __init__(
        self,
        snapshot: Snapshot,
        profile: Profile,
        families: frozenset[Family] = frozenset(),
        *,
        manifests: Sequence[Manifest] = (),
        release: Release | None = None,
        defaults: Defaults = Defaults.NAMED,
        artifacts: Sequence[Artifact] = (),
        notices: Sequence[Notice] = (),
        edited: Compiled | None = None,
    ) -> None:
        """``families`` are asked about even where the snapshot names no address of them.

        ``manifests`` are the objects of the snapshot as they were written, for what asks more of them than it holds.
        ``edited`` is a cluster that differs in policies alone: what these do not touch is taken over from it.
        ``release`` is the Kubernetes that the cluster runs, where somebody says it; ``defaults`` are the roles of its
        own that count.
        ``artifacts`` are the inputs that are no objects: scripts, command lines, certificates;
        ``notices`` are what of them was not understood, and which manifests replace others.
        """
        self.snapshot = snapshot
        self.profile = profile
        self.manifests = tuple(manifests)
        self.stated_release = release
        self.defaults = defaults
        self.artifacts = tuple(artifacts)
        self.notices = tuple(notices)
        self._families = families
        self.base = edited
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what a question needs of this cluster whatever it asks, made on first use and kept under a key."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def lasting(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return, as ``once`` does, what no policy matters to: a cluster and what is edited from it share it."""
        return self.once(key, make) if self.base is None else self.base.lasting(key, make)

    @cached_property
    def program(self) -> Program:
        """The policies lowered."""
        from netsim.lower import lower

        if self.edit is not None:
            return self.edit.bench.program
        with still():
            return lower(self.snapshot, self.profile, self._families)

    @cached_property
    def edit(self) -> Edit | None:
        """How the program differs from that of the cluster which was edited; None where it has to be made anew."""
        from netsim.lower.edit import edited

        if self.base is None or self._families:
            return None
        with still():
            return edited(self.base.bench, self.snapshot)

    @cached_property
    def bench(self) -> Bench:
        """The program on the bench, for edits."""
        from netsim.lower.bench import Bench

        with still():
            return self.edit.bench if self.edit else Bench.of(self.program)

    @cached_property
    def reachability(self) -> Reach:
        """The reachability relation."""
        from netsim.bits.reach import Reach

        with still():
            if self.edit is not None and self.base is not None:
                return Reach(self.program, (self.base.reachability, self.edit.origin))
            return Reach(self.program)

    @property
    def release(self) -> Release:
        """The release of which the roles and rules count: the one that the cluster runs, or the newest known."""
        return self.known_release or NEWEST

    @cached_property
    def known_release(self) -> Release | None:
        """The release that the cluster runs: the one stated, or that of its newest kubelet; None if not known.

        A kubelet is never newer than its server. Of releases that are not known the nearest that is counts.
        """
        from netsim.graph.objects import kubelet_releases

        found = self.stated_release or max(kubelet_releases(self.manifests), default=None)
        return None if found is None else min(max(found, OLDEST), NEWEST)

    @cached_property
    def access(self) -> Access:
        """Who may ask the API server for what."""
        from netsim.access import Access

        return Access(self.rights)

    @cached_property
    def rights(self) -> Rights:
        """Every role, binding and account that counts: those of the input, and defaults beside them."""
        from netsim.access.defaults import with_defaults
        from netsim.knowledge import shipped_rights

        found = self.snapshot
        written = Rights(roles=found.roles, bindings=found.bindings, accounts=found.accounts)
        return with_defaults(written, shipped_rights(self.release), self.defaults)

    @cached_property
    def rights_findings(self) -> tuple[Finding, ...]:
        """What dangles, what nobody uses and what is too wide among roles and bindings, the worst first."""
        from netsim.access.findings import findings
        from netsim.knowledge import rights_checks

        return findings(self.access, rights_checks(), release=self.release, manifests=self.manifests)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of accounts in every container; empty where the objects were not kept whole."""
        from netsim.access.tokens import tokens

        return tokens(self.manifests, self.snapshot.accounts)

    @cached_property
    def node_reach(self) -> Mapping[str, NodeReach]:
        """What the node authorizer lets each node read, as far as the objects were kept whole."""
        from netsim.access.nodes import node_reach

        return node_reach(self.manifests, self.snapshot.accounts)

    @cached_property
    def attack(self) -> World:
        """The cluster as an attacker sees it; every default role counts, for anybody may be bound to it."""
        from netsim.access import Access
        from netsim.access.defaults import with_defaults
        from netsim.access.tokens import tokens
        from netsim.graph.objects import forget, kept
        from netsim.graph.world import World
        from netsim.ir.access import Defaults
        from netsim.knowledge import shipped_rights

        rights = with_defaults(self.rights, shipped_rights(self.release), Defaults.ALL)
        manifests = kept(self.manifests)
        with still():
            world = World(
                self.snapshot,
                self.program,
                self.reachability,
                Access(rights),
                manifests,
                tokens(manifests, self.snapshot.accounts),
                self.known_release,
            )
        forget(manifests)
        return world

    def lend(self, other: Compiled) -> None:
        """Let a cluster have what is compiled here from the parts of the snapshot that the two share."""
        parts = ("namespaces", "pods", "nodes", "policies", "networks", "names")
        if all(getattr(self.snapshot, part) is getattr(other.snapshot, part) for part in parts):
            other.__dict__["program"] = replace(self.program, snapshot=other.snapshot)
            other.__dict__["reachability"] = self.reachability
        if all(
            getattr(self.snapshot, part) is getattr(other.snapshot, part) for part in ("roles", "bindings", "accounts")
        ) and (self.release == other.release):
            other.__dict__["rights"], other.__dict__["access"] = self.rights, self.access

    @cached_property
    def secondary(self) -> Mapping[str, Compiled]:
        """The secondary networks that some pod is on, by label, each as a cluster of its own."""
        from netsim.lower.attached import attached

        return {
            label: Compiled(seen, self.profile, release=self.stated_release)
            for label, seen in attached(self.snapshot).items()
        }

    def over(self, families: frozenset[Family]) -> Compiled:
        """Return this cluster with these families asked about, too; itself where it is already."""
        if families <= set(self.program.families):
            return self
        return Compiled(
            self.snapshot,
            self.profile,
            families,
            manifests=self.manifests,
            release=self.stated_release,
            defaults=self.defaults,
            artifacts=self.artifacts,
            notices=self.notices,
        )
