"""Claims about policies, proved or refuted with Z3: over every pod that could exist, or over those that do.

What a witness shows was asked of the definition before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.ports import asked
from netsim.ir.objects import Family, Network
from netsim.ir.policy import AddressPeer, DomainPeer
from netsim.ir.proof import Outcome, Part
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import ALL
from netsim.queries.answer import warnings_of
from netsim.queries.judged import flow_dict
from netsim.queries.operands import by_name, only, side_of, sides_of, with_policies
from netsim.queries.proof import Claim, Over, Proof, Relation, Remark
from netsim.queries.query import Verdict
from netsim.queries.symbolic import alike, ends, is_host
from netsim.spec import explained

if TYPE_CHECKING:  # z3 is imported on first use, so that `netsim --help` stays fast
    from netsim.smt import claims
    from netsim.smt.policies import Parts
    from netsim.smt.question import Question, Side

#: Seconds for each question of the solver, where nothing is said.
TIMEOUT = 60.0

Peers = str | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which connections a claim is about.

    Attributes:
        pod_blocks: Where pods that could exist have their addresses; none: nowhere that an ipBlock matches.
        timeout: Seconds for each question of the solver.
    """

    over: Over = Over.ALL_PODS
    pod_blocks: tuple[Network, ...] = ()
    timeout: float = TIMEOUT


def scope_of(*, over: str, pod_cidr: Sequence[str], timeout: float) -> Scope:
    """Return the scope that a user names.

    Raises:
        UsageError: There is no such choice, or a block is none.
    """
    if over not in tuple(Over):
        raise UsageError(f"`{over}` is not what a claim can be about", hint=f"write {' or '.join(Over)}")
    try:
        blocks = tuple(ip_network(text, strict=False) for text in pod_cidr)
    except ValueError as error:
        raise UsageError(f"where pods have addresses: {error}", hint="write 10.244.0.0/16") from error
    return Scope(over=Over(over), pod_blocks=blocks, timeout=timeout)


class Deletion(Enum):
    """How what is redundant is deleted."""

    TOGETHER = "together"
    """All that is found at once; nothing more could be."""
    ALONE = "alone"
    """Each of what is found, while everything else stays."""


@dataclass(frozen=True, slots=True)
class Prover:
    """The claims that can be proved of a cluster."""

    cluster: Compiled
    scope: Scope = Scope()

    def within(self, *, over: str = Over.ALL_PODS, pod_cidr: Sequence[str] = (), timeout: float = TIMEOUT) -> Prover:
        """Return what can be proved within other bounds.

        Args:
            over: ``all-pods``, or ``pods`` for those that exist.
            pod_cidr: Where pods that could exist have their addresses.
            timeout: Seconds for each question of the solver.
        """
        return replace(self, scope=scope_of(over=over, pod_cidr=pod_cidr, timeout=timeout))

    def of(self, policy: str) -> Prover:
        """Return what can be proved of one policy alone: ``NAMESPACE/NAME``; its ``cluster`` has no other.

        Raises:
            UsageError: None, or several, are called so.
        """
        return replace(self, cluster=only(self.cluster, policy))

    def isolated(
        self,
        *,
        source: Peers = None,
        destination: Peers = None,
        port: int | str | None = None,
        explain: bool = False,
    ) -> Proof:
        """Prove that no connection from ``source`` to ``destination`` is allowed.

        Args:
            explain: Find the policies that it rests on, too.
        """
        from netsim.smt import claims

        question = self._question(source, destination, port)
        proof = self._of_one(Claim.ISOLATED, claims.isolated, question, _about(source, destination, port))
        return self._explained(proof, question) if explain else proof

    def reachable(self, *, source: Peers = None, destination: Peers = None, port: int | str | None = None) -> Proof:
        """Prove that every connection from ``source`` to ``destination`` is allowed."""
        from netsim.smt import claims

        question = self._question(source, destination, port)
        return self._of_one(Claim.REACHABLE, claims.reachable, question, _about(source, destination, port))

    def only_from(
        self, *, source: Peers, destination: Peers, port: int | str | None = None, explain: bool = False
    ) -> Proof:
        """Prove that nobody but ``source`` may connect to ``destination``.

        Over all pods, a pod that is named stands for every pod of its labels in its namespace.

        Args:
            explain: Find the policies that it rests on, too.
        """
        from netsim.smt import claims

        given = ends(self.cluster, source, self.scope.over) if source else ()
        but = alike(given) if self.scope.over is Over.ALL_PODS else given
        question = replace(self._question(None, destination, port), but_from=but)
        proof = self._of_one(Claim.ONLY_FROM, claims.isolated, question, _about(source, destination, port))
        proof = self._explained(proof, question) if explain else proof
        if but == given:
            return proof
        return replace(proof, assumptions=(*proof.assumptions, ALIKE))

    def equivalent(self, new: Compiled, *, per_policy: bool = False) -> Proof:
        """Prove that this cluster's policies and another's allow the same connections.

        Args:
            per_policy: That both have policies of the same names, and each alone allows what the other does.
        """
        from netsim.smt import claims

        if per_policy:
            return self._per_policy(new)
        return self._of_two(Claim.EQUIVALENT, claims.equivalent, new)

    def contains(self, inner: Compiled) -> Proof:
        """Prove that every connection that another cluster's policies allow is allowed by this one's."""
        from netsim.smt import claims

        return self._of_two(Claim.CONTAINS, claims.contains, inner)

    def relate(self, new: Compiled) -> Proof:
        """Say how what two clusters' policies allow relates; proved where that is known."""
        from netsim.smt import claims

        # Both ways in one world, or the two would not be about the same.
        one, two, notices = sides_of(self.cluster, new, self.scope.over)
        outward, inward = (
            self._answer(Claim.RELATE, claims.contains(*pair, self._of_both(one)), pair, names=names, notices=notices)
            for pair, names in (((one, two), ("old", "new")), ((two, one), ("new", "old")))
        )
        both = {outward.outcome, inward.outcome}
        if Outcome.UNKNOWN in both:
            return outward if outward.outcome is Outcome.UNKNOWN else inward
        found = {
            (True, True): Relation.EQUAL,
            (True, False): Relation.AROUND,
            (False, True): Relation.INSIDE,
            (False, False): Relation.INCOMPARABLE,
        }[outward.holds, inward.holds]
        shown = outward if outward.witness else replace(inward, verdicts=inward.verdicts[::-1])
        return replace(shown, outcome=Outcome.HOLDS, relation=found)

    def permits(self, stated: Compiled) -> Proof:
        """Prove that this cluster allows whatever some rule of another's policies allows."""
        from netsim.smt.claims import Explicit

        return self._explicitly(Claim.PERMITS, stated, Explicit.PERMITTED)

    def forbids(self, stated: Compiled) -> Proof:
        """Prove that this cluster allows nothing of what some rule of another's policies allows."""
        from netsim.smt.claims import Explicit

        return self._explicitly(Claim.FORBIDS, stated, Explicit.FORBIDDEN)

    def interferes(self, other: Compiled) -> Proof:
        """Prove that some rule here allows a connection that no rule of another cluster's policies allows."""
        from netsim.smt.claims import Explicit, explicitly

        one, two, notices = sides_of(self.cluster, other, self.scope.over)
        found = explicitly(one, two, self._of_both(one), Explicit.SHARED)
        turned = {Outcome.HOLDS: Outcome.REFUTED, Outcome.REFUTED: Outcome.HOLDS, Outcome.UNKNOWN: Outcome.UNKNOWN}
        return self._answer(
            Claim.INTERFERES, replace(found, outcome=turned[found.outcome]), (one, two), notices=notices
        )

    def redundant(self, deletion: Deletion = Deletion.TOGETHER) -> Proof:
        """Find policies and rules that could be deleted without changing any answer."""
        from netsim.smt.policies import redundant, removable

        side, question = side_of(self.cluster), self._question(None, None, None)
        return self._parts(
            Claim.REDUNDANT, removable(side, question) if deletion is Deletion.ALONE else redundant(side, question)
        )

    def shadowed(self) -> Proof:
        """Find rules that decide no connection, for others always do before them."""
        from netsim.smt.policies import shadowed

        return self._parts(Claim.SHADOWED, shadowed(side_of(self.cluster), self._question(None, None, None)))

    def contradicted(self) -> Proof:
        """Find rules of admin policies, and of baselines, that deny what an earlier one of their tier allows."""
        from netsim.smt.policies import contradicted

        found = list(contradicted(side_of(self.cluster), self._question(None, None, None)))
        remarks = [
            Remark(part=each.denies, other=each.allows, witness=each.witness, exception=each.exception)
            for each in found
            if each.witness
        ]
        return self._found(Claim.CONTRADICTED, remarks, unknown=len(remarks) < len(found))

    def vacuous(self) -> Proof:
        """Find policies that select no pod, and rules that name peers and mean nobody."""
        from netsim.smt.policies import vacuous

        return self._parts(Claim.VACUOUS, vacuous(side_of(self.cluster), self._question(None, None, None)))

    def disjoint(self) -> Proof:
        """Prove that no pod is selected by two policies; the pairs that overlap are told."""
        from netsim.smt.policies import overlapping
        from netsim.smt.solve import Satisfiable

        found = list(overlapping(side_of(self.cluster), self._question(None, None, None)))
        pairs = [(one, other) for one, other, answer in found if answer is Satisfiable.YES]
        remarks = [Remark(part=Part(one), other=Part(other)) for one, other in pairs]
        proof = self._found(Claim.DISJOINT, remarks, unknown=len(pairs) < len(found))
        if proof.outcome is Outcome.UNKNOWN:
            return proof
        return replace(proof, outcome=Outcome.REFUTED if remarks else Outcome.HOLDS)

    def _explained(self, proof: Proof, question: Question) -> Proof:
        """Return a proof with the policies that it rests on, where it is one."""
        from netsim.smt.core import core

        return replace(proof, core=core(side_of(self.cluster), question)) if proof.holds else proof

    def _per_policy(self, new: Compiled) -> Proof:
        own, others = by_name(self.cluster), by_name(new)
        missing = [Remark(part=Part({**own, **others}[name])) for name in sorted(own.keys() ^ others.keys())]
        if missing:
            return replace(self._found(Claim.EQUIVALENT, missing), outcome=Outcome.REFUTED)
        for name in sorted(own):
            alone = Prover(with_policies(self.cluster, [own[name]]), self.scope)
            proof = alone.equivalent(with_policies(new, [others[name]]))
            if not proof.holds:
                return replace(proof, remarks=(Remark(part=Part(own[name]), other=Part(others[name])),))
        return self._found(Claim.EQUIVALENT, [], holds=True)

    def _question(self, source: Peers, destination: Peers, port: int | str | None) -> Question:
        from netsim.smt.question import Question

        traffic = ALL
        if port is not None:
            wanted = asked(port)
            if wanted.name is not None:
                raise UsageError(
                    f"`{port}` is a port's name, which any pod may declare otherwise", hint="name a number"
                )
            traffic = wanted.traffic(None)
        return Question(
            sources=ends(self.cluster, source, self.scope.over),
            destinations=ends(self.cluster, destination, self.scope.over),
            families=(Family.IPV4, Family.IPV6),
            traffic=traffic,
            pod_blocks=self.scope.pod_blocks,
            timeout=int(self.scope.timeout * 1000),
        )

    def _of_one(
        self,
        claim: Claim,
        prove: Callable[[Side, Question], claims.Proof],
        question: Question,
        about: tuple[tuple[str, str], ...],
    ) -> Proof:
        from netsim.smt.claims import spoken
        from netsim.smt.solve import Satisfiable

        side = side_of(self.cluster)
        found = prove(side, question)
        nobody = found.outcome is Outcome.HOLDS and spoken(side, question) is Satisfiable.NO
        return self._answer(claim, found, (side,), about=about, notices=(NOBODY,) if nobody else ())

    def _of_two(self, claim: Claim, prove: Callable[[Side, Side, Question], claims.Proof], other: Compiled) -> Proof:
        one, two, notices = sides_of(self.cluster, other, self.scope.over)
        return self._answer(claim, prove(one, two, self._of_both(one)), (one, two), notices=notices)

    def _of_both(self, side: Side) -> Question:
        """Return the question about everybody in the world that two sides share."""
        return replace(self, cluster=Compiled(side.snapshot, side.profile))._question(None, None, None)  # noqa: SLF001

    def _explicitly(self, claim: Claim, stated: Compiled, asked_of: claims.Explicit) -> Proof:
        from netsim.smt.claims import explicitly

        own, spec, notices = sides_of(self.cluster, stated, self.scope.over)
        found = explicitly(spec, own, self._of_both(spec), asked_of)
        return self._answer(claim, found, (spec, own), names=("stated", "found"), notices=notices)

    def _answer(
        self,
        claim: Claim,
        found: claims.Proof,
        sides: tuple[Side, ...],
        *,
        about: tuple[tuple[str, str], ...] = (),
        names: tuple[str, ...] = ("old", "new"),
        notices: tuple[Notice, ...] = (),
    ) -> Proof:
        if self.cluster.snapshot.networks:
            return self._found(claim, [], unknown=True)
        told = []
        for name, side, judged in zip(names, sides, found.verdicts, strict=False):
            spaces = {each.name: each for each in found.witness.namespaces} if found.witness else {}
            world = replace(side.snapshot, namespaces={**side.namespaces, **spaces}, policies=side.policies)
            flow = flow_dict(judged.flow)
            verdict = Verdict(
                source=flow["from"],
                destination=flow["to"],
                port=f"{flow['port']}/{flow['protocol']}",
                allowed=judged.allowed,
                flows=(explained(judged, world, side.profile),),
            )
            told.append((name if len(sides) > 1 else "", verdict))
        return Proof(
            claim=claim,
            over=self.scope.over,
            about=about,
            outcome=found.outcome,
            reason=found.reason,
            witness=found.witness,
            verdicts=tuple(told),
            assumptions=self._assumptions(),
            warnings=(*notices, *warnings_of(self.cluster)),
        )

    def _parts(self, claim: Claim, found: Parts) -> Proof:
        return self._found(claim, [Remark(part=part) for part in found.parts], unknown=bool(found.unknown))

    def _found(self, claim: Claim, remarks: Sequence[Remark], *, unknown: bool = False, holds: bool = False) -> Proof:
        """Return the answer to a claim about policies: proved where some are found."""
        networks = bool(self.cluster.snapshot.networks)
        known = Outcome.HOLDS if remarks or holds else Outcome.UNKNOWN if unknown else Outcome.REFUTED
        return Proof(
            claim=claim,
            over=self.scope.over,
            outcome=Outcome.UNKNOWN if networks else known,
            reason=NETWORKS if networks else "the solver gave up on some" if unknown else "",
            remarks=() if networks else tuple(remarks),
            assumptions=self._assumptions(),
            warnings=warnings_of(self.cluster),
        )

    def _assumptions(self) -> tuple[str, ...]:
        return tuple(_assumptions(self.cluster, self.scope))


#: That a claim says nothing.
NOBODY = Notice("no connection is asked about: it is proved because no pod could be so, or because a pod is itself")
#: What a pod that is named as a source stands for.
ALIKE = "a pod that is named stands for every pod of its labels in its namespace: nothing tells them apart"
#: Why nothing is proved where pods are on several networks.
NETWORKS = "the input names networks beside the pod network, of which pods that could exist may be on any"


def _assumptions(cluster: Compiled, scope: Scope) -> Iterator[str]:
    yield "protocols without ports are not asked about, nor what a pod's own node may do (S2.7, S2.9)"
    hosts = sum(is_host(cluster, pod) for pod in cluster.snapshot.pods)
    if hosts:
        told = "1 hostNetwork pod is" if hosts == 1 else f"{hosts} hostNetwork pods are"
        yield f"{told} not asked about: no policy applies to what is its node (S2.10)"
    if scope.over is Over.ALL_PODS:
        yield "pods that could exist are made by controllers, and do not use their node's network"
        peers = {type(p) for policy in cluster.snapshot.policies for rule in policy.rules for p in rule.peers or ()}
        if peers & {AddressPeer, DomainPeer} and not scope.pod_blocks:
            yield "no ipBlock matches the address of a pod that could exist: where those are, nobody said (S2.12)"


def _about(source: Peers, destination: Peers, port: int | str | None) -> tuple[tuple[str, str], ...]:
    def text(peers: Peers) -> str:
        return peers if isinstance(peers, str) else ", ".join(peers or ())

    given = (("from", text(source)), ("to", text(destination)), ("port", "" if port is None else str(port)))
    return tuple((name, value) for name, value in given if value)
