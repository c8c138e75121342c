"""The public Cluster: a snapshot that answers questions."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, Any

from netsim.cluster import Compiled
from netsim.errors import InputError, Problem, UsageError
from netsim.ingest import Given, Manifests, read_names, snapshot
from netsim.ingest.intents import read_intents
from netsim.ir.access import CsrAction, Defaults, Impersonation, WriteDecision
from netsim.ir.objects import Family
from netsim.ir.policy import Policy, Tier
from netsim.knowledge import DEFAULT_PROFILE, defaults_of, profile, release
from netsim.queries import (
    Allowed,
    BlastRadius,
    Diff,
    Explained,
    Exposed,
    Holders,
    Matrix,
    Paths,
    Permissions,
    Reachability,
    Steps,
    Verdict,
    WhatIf,
    blast,
    can,
    explain,
    exposure,
    matrix,
    paths,
    permissions,
    query,
    reach,
    steps,
    whatif,
    who_can,
)
from netsim.queries import diff as difference
from netsim.queries.attack import level_of
from netsim.queries.focus import Peers
from netsim.queries.grants import may_certify, may_impersonate, may_write
from netsim.queries.intents import Check, Inferred, Wanted, check, demanded, infer
from netsim.queries.query import Denial
from netsim.queries.questioned import Questioned
from netsim.queries.rights import request_of
from netsim.render import install

Input = str | PathLike[str] | IO[str] | IO[bytes]

install()


class Cluster(Questioned):
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

    def can(
        self,
        subject: str,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
        groups: Sequence[str] = (),
    ) -> Allowed:
        """Return whether a subject may make a request of the API server, and which bindings, roles and rules allow it.

        Args:
            subject: ``ServiceAccount:ns/name``, ``User:name``, or ``Group:name`` for any member of a group.
            resource: ``secrets``; its group and subresource may be written with it: ``deployments.apps/scale``.
            group: The API group; the core group is empty.
            name: The object's. ``list`` and ``watch`` with one are those that select it by its name.
            namespace: Without one, the request is for all namespaces, or for an object that is in none.
            path: Of a request for no resource, ``/healthz``.
            groups: Those of the subject, beside those that it is in anyway.

        Raises:
            UsageError: The subject is none, or the parts of the request do not go together.
        """
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return can(self, subject, request, groups)

    def who_can(
        self,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
    ) -> list[str]:
        """Return every account, and every subject of a binding, that may make a request; sorted."""
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return list(who_can(self, request).subjects)

    def holders(
        self,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
    ) -> Holders:
        """Return ``who_can`` as an Answer that shows itself, with the bindings, roles and rules."""
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return who_can(self, request)

    def permissions(self, subject: str, *, groups: Sequence[str] = ()) -> Permissions:
        """Return every rule that a subject holds, each with its binding, role and place."""
        return permissions(self, subject, groups)

    def may_write(
        self, subject: str, verb: str, manifest: Mapping[str, Any], *, groups: Sequence[str] = ()
    ) -> WriteDecision:
        """Return whether a subject may create, update or patch a role or a binding.

        That takes the write itself, and what keeps it from giving more than is held: ``escalate`` or ``bind``, or
        every rule held.

        Args:
            manifest: The Role, ClusterRole, RoleBinding or ClusterRoleBinding as it would be then.

        Raises:
            InputError: The API server would refuse the object.
            UsageError: It is no role and no binding, or the verb is no write.
        """
        return may_write(self, subject, verb, manifest, groups)

    def may_impersonate(
        self,
        subject: str,
        *,
        user: str = "",
        as_groups: Sequence[str] = (),
        uid: str = "",
        extra: Mapping[str, Sequence[str]] | None = None,
        groups: Sequence[str] = (),
        action: Mapping[str, str] | None = None,
        node: str = "",
    ) -> Impersonation:
        """Return whether the API server lets a subject be taken for somebody else, by the headers ``Impersonate-*``.

        Args:
            user, as_groups, uid, extra: Who it wants to be.
            groups: Its own groups.
            action: The request that it makes so, as keywords of ``can``: constrained impersonation depends on it.
            node: The node that the token of an account is bound to.
        """
        asked = None if action is None else request_of(**action)
        return may_impersonate(
            self,
            subject,
            user=user,
            as_groups=as_groups,
            uid=uid,
            extra=extra or {},
            groups=groups,
            action=asked,
            node=node,
        )

    def may_certify(
        self, subject: str, action: str | CsrAction, signer: str, *, name: str = "", groups: Sequence[str] = ()
    ) -> bool:
        """Return whether a subject may ``create``, ``approve`` or ``sign`` a CertificateSigningRequest of a signer.

        Args:
            name: That of the CertificateSigningRequest; whatever it is called, where none is given.
        """
        return may_certify(self, subject, action, signer, name, groups)

    def check(self, *intents: "Intents", must_allow: Sequence[Input] = (), must_deny: Sequence[Input] = ()) -> Check:
        """Return which intents hold, and for each that does not a flow that breaks it; true iff all hold.

        Args:
            intents: Intent files, or what stands in one: ``{"intents": [...]}``, or that list.
            must_allow, must_deny: NetworkPolicies. What their rules let through must be allowed, or denied.

        Raises:
            InputError: Some of it cannot be read; it holds every problem.
            UsageError: Nothing is asked.
        """
        problems: list[Problem] = []
        read = read_intents([_written(each) for each in intents], problems)
        stated = [(demand, _policies(files, problems)) for demand, files in _demands(must_allow, must_deny)]
        if problems:
            raise InputError(problems)
        further = [checked for demand, policies in stated for checked in demanded(self, policies, demand)]
        if not read and not further:
            raise UsageError("there is nothing to check", hint="name an intent file, or NetworkPolicies with rules")
        return check(self, read, further)

    def infer(self) -> Inferred:
        """Return today's reachability as a first intent file, which holds; ``str`` writes it."""
        return infer(self)


#: An intent file, or what stands in one.
Intents = Input | Mapping[str, Any] | Sequence[Mapping[str, Any]]


def _written(intents: Intents) -> Input | Given:
    if isinstance(intents, Mapping):
        return Given(documents=[intents])
    if isinstance(intents, Sequence) and not isinstance(intents, str):
        return Given(documents=[{"intents": list(intents)}])
    return intents


def _demands(allow: Sequence[Input], deny: Sequence[Input]) -> list[tuple[Wanted, Sequence[Input]]]:
    return [(wanted, files) for wanted, files in ((Wanted.ALLOWED, allow), (Wanted.DENIED, deny)) if files]


def _policies(files: Sequence[Input], problems: list[Problem]) -> tuple[Policy, ...]:
    """Return the NetworkPolicies of some files; no other policy states what must be allowed, or denied."""
    found, own = snapshot(files, keep_going=True)
    problems += own
    for policy in found.policies:
        if policy.tier is not Tier.NETWORK_POLICY:
            place, message = policy.place, "states no demand: only NetworkPolicies are read as what must be"
            subject = f"{policy.kind} {policy}"
            problems.append(Problem(file=place.file, line=place.line, code="NS121", message=message, subject=subject))
    return found.policies


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
            earlier one's objects. The current folder where there is neither an input nor a document.
        documents: Objects as dicts, read after the inputs.
        cni: The name of the profile that says what this network does where the standard leaves a choice.
        dns: The addresses of domain names, ``{name: [address]}``; without them what a domain name means is unknown.
        keep_going: Read what can be read in spite of problems, which ``Cluster.problems`` then holds.
        kubernetes: The release that the cluster runs, ``1.33``; the newest that is known where not given.
        defaults: Which roles and bindings that every API server makes count: ``none``; ``named``, the roles that some
            binding names and the inputs do not hold; ``all``.

    Raises:
        InputError: Some object is one that the API server, or strict field checking, would refuse; it holds them all.
            Not where ``keep_going`` is true.
        UsageError: There is no such profile, release or choice of defaults.
    """
    network, version, chosen = profile(cni), release(kubernetes), defaults_of(defaults)
    given = [Given(documents=documents)] if documents else []
    problems: list[Problem] = []
    names = None if dns is None else read_names(Given(documents=[dns]), problems)
    manifests = Manifests()
    found, own = snapshot([*inputs, *given] or ["."], keep_going=True, names=names, manifests=manifests)
    refused = InputError([*problems, *own])
    if refused.problems and not keep_going:
        raise refused
    cluster = Cluster(found, network, manifests=manifests.all(), release=version, defaults=chosen)
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
