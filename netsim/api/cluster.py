"""The public Cluster, a snapshot that answers questions; and how to load and compare some."""

from collections.abc import Mapping, Sequence
from typing import Any

from netsim.api.access import AccessQuestions
from netsim.api.attack import AttackQuestions, Input
from netsim.api.proofs import ProofQuestions
from netsim.cluster import Compiled
from netsim.errors import InputError, Problem, UsageError
from netsim.ingest import Given, Manifests, read_artifacts, read_names, snapshot
from netsim.ingest.edits import with_policy, without_policy
from netsim.ingest.intents import read_intents
from netsim.ingest.stated import Intents, demanded_policies, intents_input
from netsim.ir.access import Defaults
from netsim.ir.objects import Family
from netsim.ir.snapshot import Snapshot
from netsim.knowledge import DEFAULT_PROFILE, defaults_of, profile, release
from netsim.queries import (
    Diff,
    Explained,
    Exposed,
    Findings,
    Matrix,
    Reachability,
    Verdict,
    explain,
    exposure,
    matrix,
    posture,
    query,
    reach,
)
from netsim.queries import diff as difference
from netsim.queries.edited import edited
from netsim.queries.fix import Fix, fix
from netsim.queries.focus import Peers
from netsim.queries.intents import Check, Inferred, Wanted, check, demanded, infer
from netsim.queries.prove import scope_of
from netsim.queries.query import Denial
from netsim.queries.report import Highlight, Report, report
from netsim.render import install

install()


class Cluster(AccessQuestions, AttackQuestions, ProofQuestions):
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

    def with_policy(self, policy: Mapping[str, Any]) -> "Cluster":
        """Return the cluster with a policy in it, as its document says; it replaces the one of its kind and name.

        What is compiled stays: only what the policy touches is compiled anew.

        Raises:
            InputError: The API server, or strict field checking, would refuse the policy.
            UsageError: It is no policy of the pod network.
        """
        return self._edited(with_policy(self.snapshot, policy))

    def without_policy(self, name: str, *, kind: str | None = None) -> "Cluster":
        """Return the cluster without the policy ``namespace/name``, or ``name`` where it is cluster-wide.

        Raises:
            UsageError: There is no such policy, or several kinds of it.
        """
        return self._edited(without_policy(self.snapshot, name, kind))

    def edits(self) -> Diff:
        """Return the connections that differ from those of the cluster which this one was edited from.

        As far as connections go it says what ``netsim.diff`` says, which looks at everything else, too.

        Raises:
            UsageError: It was not edited from another.
        """
        return edited(self)

    def _edited(self, snapshot: Snapshot) -> "Cluster":
        return Cluster(
            snapshot,
            self.profile,
            manifests=self.manifests,
            release=self.stated_release,
            defaults=self.defaults,
            artifacts=self.artifacts,
            notices=self.notices,
            edited=self,
        )

    def allows(self, source: str, destination: str, port: int | str, protocol: str | None = None) -> Verdict:
        """Return the verdict of ``query``, which is true in a condition iff the connection is surely allowed."""
        return self.query(source, destination, port=port, protocol=protocol)

    def denies(self, source: str, destination: str, port: int | str, protocol: str | None = None) -> Denial:
        """Return the verdict of ``query`` as a denial, which is true in a condition iff it is surely denied."""
        return Denial(self.query(source, destination, port=port, protocol=protocol))

    def only_reached_by(
        self, destination: str, sources: str | Sequence[str], port: int | str | Sequence[int | str] | None = None
    ) -> Check:
        """Return whether nobody but ``sources`` may connect to ``destination``; true in a condition iff surely so.

        Args:
            sources: Peers; nobody at all where there is none.
            port: This traffic alone, of every protocol where none is named. Default: all.
        """
        who = [sources] if isinstance(sources, str) else list(sources)
        ports = list(port) if isinstance(port, Sequence) and not isinstance(port, str) else port
        said = f"only {', '.join(who) or 'nobody'} reaches {destination}"
        return self.check({"intents": [{"name": said, "to": destination, "only-from": who, "port": ports}]})

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

    def report(
        self,
        *,
        source: Peers = None,
        destination: Peers = None,
        workload: Peers = None,
        port: int | str | None = None,
        diff: Diff | None = None,
        highlights: tuple[Highlight, ...] = (),
    ) -> Report:
        """Return all that one page can show, which a notebook shows in a frame; ``.page()`` is the HTML.

        Args:
            source, destination, workload, port: Show these alone, as ``reach`` lists them.
            diff: What became of the cluster: ``netsim.diff(old, this)``.
            highlights: What to offer to follow on the map.
        """
        return report(
            self,
            source=source,
            destination=destination,
            workload=workload,
            port=port,
            diff=diff,
            highlights=highlights,
        )

    def posture(self, *areas: str) -> Findings:
        """Return what is wrong with the inputs, the worst first.

        Args:
            areas: ``rbac``, ``podsec``, ``admission``, ``encryption``, ``etcd``, ``audit``, ``files``; all where none
                is named.

        Raises:
            UsageError: There is no such area.
        """
        return posture(self, areas)

    def check(self, *intents: Intents, must_allow: Sequence[Input] = (), must_deny: Sequence[Input] = ()) -> Check:
        """Return which intents hold, and for each that does not a flow that breaks it; true iff all hold.

        Args:
            intents: Intent files, or what stands in one: ``{"intents": [...]}``, or that list.
            must_allow, must_deny: NetworkPolicies. What their rules let through must be allowed, or denied.

        Raises:
            InputError: Some of it cannot be read; it holds every problem.
            UsageError: Nothing is asked.
        """
        problems: list[Problem] = []
        read = read_intents([intents_input(each) for each in intents], problems)
        stated = [(demand, demanded_policies(files, problems)) for demand, files in _demands(must_allow, must_deny)]
        if problems:
            raise InputError(problems)
        further = [checked for demand, policies in stated for checked in demanded(self, policies, demand)]
        if not read and not further:
            raise UsageError("there is nothing to check", hint="name an intent file, or NetworkPolicies with rules")
        return check(self, read, further)

    def fix(self, *intents: Intents, pod_cidr: Sequence[str] = ()) -> Fix:
        """Return the smallest change of NetworkPolicies after which intents hold, proved; true iff they hold then.

        Args:
            intents: Intent files, or what stands in one: ``{"intents": [...]}``, or that list.
            pod_cidr: Where pods have addresses: rules for outside addresses leave them out.

        Raises:
            InputError: Some of it cannot be read; it holds every problem.
            UsageError: Nothing is asked, or a block is none.
        """
        problems: list[Problem] = []
        read = read_intents([intents_input(each) for each in intents], problems)
        if problems:
            raise InputError(problems)
        return fix(self, read, scope_of(over="pods", pod_cidr=pod_cidr, timeout=0).pod_blocks)

    def infer(self) -> Inferred:
        """Return today's reachability as a first intent file, which holds; ``str`` writes it."""
        return infer(self)


def _demands(allow: Sequence[Input], deny: Sequence[Input]) -> list[tuple[Wanted, Sequence[Input]]]:
    return [(wanted, files) for wanted, files in ((Wanted.ALLOWED, allow), (Wanted.DENIED, deny)) if files]


def load(
    *inputs: Input,
    documents: Sequence[Mapping[str, Any]] = (),
    cni: str = DEFAULT_PROFILE,
    dns: Mapping[str, Sequence[str]] | None = None,
    keep_going: bool = False,
    kubernetes: str = "",
    defaults: str | Defaults = Defaults.NAMED,
) -> Cluster:
    """Return the cluster that the inputs describe.

    Args:
        inputs: Files, folders, ``git:REV:PATH``, ``-`` for standard input, or open files; a later one overrides an
            earlier one's objects. The current folder where there is neither an input nor a document. Scripts,
            Dockerfiles, certificates and guides that are named are kept for ``posture``; nothing is run.
        documents: Objects as dicts, read after the inputs.
        cni: The name of the profile that says what this network does where the standard leaves a choice.
        dns: The addresses of domain names, ``{name: [address]}``; without them what a domain name means is unknown.
        keep_going: Read what can be read in spite of problems, which ``Cluster.problems`` then holds.
        kubernetes: The release that the cluster runs, ``1.33``. Where not given, that of its newest kubelet, or the
            newest that is known.
        defaults: Which roles and bindings that every API server makes count: ``none``; ``named``, the roles that some
            binding names and the inputs do not hold; ``all``.

    Raises:
        InputError: Some object is one that the API server, or strict field checking, would refuse; it holds them all.
            Not where ``keep_going`` is true.
        UsageError: There is no such profile, release or choice of defaults.
    """
    network, chosen = profile(cni), defaults_of(defaults)
    version = release(kubernetes) if kubernetes else None
    given = [Given(documents=documents)] if documents else []
    problems: list[Problem] = []
    names = None if dns is None else read_names(Given(documents=[dns]), problems)
    manifests = Manifests()
    objects, artifacts, notices = read_artifacts([*inputs, *given] or ["."], problems)
    found, own = snapshot(objects, keep_going=True, names=names, manifests=manifests)
    refused = InputError([*problems, *own])
    if refused.problems and not keep_going:
        raise refused
    cluster = Cluster(
        found,
        network,
        manifests=manifests.all(),
        release=version,
        defaults=chosen,
        artifacts=artifacts,
        notices=(*notices, *manifests.notices()),
    )
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
    only: Sequence[str] = (),
    severity: str = "medium",
    attackers: Sequence[str] = (),
) -> Diff:
    """Return what differs between two clusters, each with the policy rule that did it, the gravest opening first.

    Args:
        source, destination, workload, port: Compare these alone, as ``Cluster.reach`` lists them.
        pods: Pod by pod instead of workload by workload.
        crown: Workloads that are crown jewels, beside those whose annotation says so.
        only: Compare these parts alone, all where none is named: ``connections``, ``gaps``, an area of ``posture``,
            ``steps``, ``paths``.
        severity: Tell findings that are as bad as this, or worse.
        attackers: Where attack paths start, beside the internet: what ``Cluster.blast`` takes.

    Raises:
        UsageError: A peer, the port, a part or the severity names nothing.
    """
    among: dict[str, Any] = {"source": source, "destination": destination, "workload": workload, "port": port}
    return difference(old, new, **among, pods=pods, crown=crown, only=only, severity=severity, attackers=attackers)
