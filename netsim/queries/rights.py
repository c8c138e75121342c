"""Who may ask the API server for what: one decision, everybody who may, and all that somebody may."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from netsim.access import Access, Identity, identity
from netsim.access.aggregation import selects
from netsim.access.identity import account_of
from netsim.access.near import NearMiss, near_misses
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.access import Authority, Binding, Decision, Defaults, Grant, Request, Role, Subject, SubjectKind
from netsim.ir.snapshot import Notice
from netsim.queries.answer import Answer, frame
from netsim.queries.granted import (
    DecisionShape,
    PermissionsShape,
    SubjectShape,
    WhoCanShape,
    grant_dict,
    request_dict,
    rule_dict,
)

#: What may stand before the colon of a subject, in lower case.
_KINDS = {
    "group": SubjectKind.GROUP,
    "sa": SubjectKind.ACCOUNT,
    "serviceaccount": SubjectKind.ACCOUNT,
    "user": SubjectKind.USER,
}
_FORMS = "write ServiceAccount:NAMESPACE/NAME, User:NAME or Group:NAME"


@dataclass(frozen=True, kw_only=True)
class Allowed(Answer):
    """Whether a subject may make a request; true in a condition iff it may.

    Attributes:
        groups: Those that the subject was asked to be in, beside those that it is in anyway.
        by: Which authorizer allows it; None where none does.
        grants: The bindings, roles and rules that allow it, each with its place; none for whoever is in system:masters.
        near: Where it is denied, the rules of the subject that all parts of the request match but one.
    """

    kind: ClassVar[str] = "Decision"

    subject: str
    groups: tuple[str, ...] = ()
    request: Request
    by: Authority | None
    grants: tuple[Grant, ...] = ()
    near: tuple[NearMiss, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it is allowed."""
        return self.by is not None

    def __bool__(self) -> bool:
        return self.allowed

    def facts(self) -> DecisionShape:
        """Return the decision as JSON values."""
        return {
            "subject": self.subject,
            "groups": list(self.groups),
            "request": request_dict(self.request),
            "allowed": self.allowed,
            "by": self.by and str(self.by),
            "grants": [grant_dict(grant) for grant in self.grants],
            "near_misses": [{**grant_dict(each.grant), "part": str(each.part)} for each in self.near],
        }


@dataclass(frozen=True, kw_only=True)
class Holders(Answer):
    """Everybody known who may make a request: accounts, and what bindings name; sorted by their texts.

    ``grants`` are those of each of them, in the same order; none for whoever is in system:masters.
    """

    kind: ClassVar[str] = "WhoCan"

    request: Request
    subjects: tuple[str, ...]
    grants: tuple[tuple[Grant, ...], ...]

    def __iter__(self) -> Iterator[str]:
        return iter(self.subjects)

    def __len__(self) -> int:
        return len(self.subjects)

    def facts(self) -> WhoCanShape:
        """Return the subjects as JSON values."""
        rows: list[SubjectShape] = [
            {"subject": subject, "grants": [grant_dict(grant) for grant in grants]}
            for subject, grants in zip(self.subjects, self.grants, strict=True)
        ]
        return {"request": request_dict(self.request), "subjects": rows}

    def to_frame(self) -> Any:
        """Return one row a grant as a pandas DataFrame.

        Raises:
            UsageError: pandas is not installed.
        """
        rows = [
            (subject, str(grant.binding), str(grant.role), grant.rule.index, str(grant.rule.place))
            for subject, grants in zip(self.subjects, self.grants, strict=True)
            for grant in grants
        ]
        return frame(["subject", "binding", "role", "rule", "place"], rows)


@dataclass(frozen=True, kw_only=True)
class Permissions(Answer):
    """Every rule that a subject holds, cluster-wide ones first, then by the namespace that they hold in.

    ``everything`` is true for whoever is in system:masters, which no rule adds to.
    """

    kind: ClassVar[str] = "Permissions"

    subject: str
    groups: tuple[str, ...] = ()
    everything: bool = False
    grants: tuple[Grant, ...] = ()

    def __iter__(self) -> Iterator[Grant]:
        return iter(self.grants)

    def __len__(self) -> int:
        return len(self.grants)

    def facts(self) -> PermissionsShape:
        """Return the rules as JSON values."""
        return {
            "subject": self.subject,
            "groups": list(self.groups),
            "everything": self.everything,
            "permissions": [{**rule_dict(grant), **grant_dict(grant)} for grant in self.grants],
        }

    def to_frame(self) -> Any:
        """Return one row a rule as a pandas DataFrame.

        Raises:
            UsageError: pandas is not installed.
        """
        columns = ["namespace", "verbs", "groups", "resources", "names", "urls", "binding", "role", "place"]
        rows = [
            (
                grant.binding.namespace,
                ",".join(grant.rule.verbs),
                ",".join(grant.rule.groups),
                ",".join(grant.rule.resources),
                ",".join(grant.rule.names),
                ",".join(grant.rule.urls),
                str(grant.binding),
                str(grant.role),
                str(grant.rule.place),
            )
            for grant in self.grants
        ]
        return frame(columns, rows)


def can(cluster: Compiled, subject: str, request: Request, groups: Sequence[str] = ()) -> Allowed:
    """Return whether a subject may make a request.

    Raises:
        UsageError: The text names no subject.
    """
    asked, access = subject_of(subject), cluster.access
    caller = identity(asked, groups)
    decision = _decided(cluster, caller, request)
    return Allowed(
        subject=str(asked),
        groups=tuple(groups),
        request=request,
        by=decision.by,
        grants=decision.grants,
        near=() if decision else near_misses(access, caller, request),
        assumptions=_assumptions(cluster, asked, access.bindings_of(caller), (request,)),
        warnings=tuple(_dangling(access, caller)),
    )


def who_can(cluster: Compiled, request: Request) -> Holders:
    """Return every account and every subject of a binding that may make a request."""
    access = cluster.access
    found = access.who_can(request)
    grants = tuple(access.allows(subject, request).grants for subject in found)
    resting = [(grant.subject, grant.binding, grant.role) for held in grants for grant in held]
    return Holders(
        request=request,
        subjects=tuple(str(subject) for subject in found),
        grants=grants,
        assumptions=_assumptions(cluster, None, resting, (request,)),
    )


def permissions(cluster: Compiled, subject: str, groups: Sequence[str] = ()) -> Permissions:
    """Return every rule that a subject holds.

    Raises:
        UsageError: The text names no subject.
    """
    asked, access = subject_of(subject), cluster.access
    caller = identity(asked, groups)
    return Permissions(
        subject=str(asked),
        groups=tuple(groups),
        everything=caller.master,
        grants=access.held_anywhere(caller),
        assumptions=_assumptions(cluster, asked, access.bindings_of(caller), ()),
        warnings=tuple(_dangling(access, caller)),
    )


def request_of(
    verb: str,
    resource: str | None = None,
    *,
    group: str = "",
    subresource: str | None = None,
    name: str | None = None,
    namespace: str | None = None,
    path: str | None = None,
) -> Request:
    """Return a request; a resource may be written with its group and its subresource: ``deployments.apps/scale``.

    Raises:
        UsageError: Neither a resource nor a path is given, or both, or one part in two ways that do not agree.
    """
    if not verb:
        raise UsageError("no verb is given", hint="get, list, watch, create, update, patch, delete, ... or *")
    if path is not None:
        if resource or subresource or name or namespace or group:
            raise UsageError(f"`{path}` is no resource: it has no group, namespace or name", hint="ask for it alone")
        if not path.startswith("/"):
            raise UsageError(f"the path `{path}` does not start with `/`")
        return Request(verb=verb.lower(), path=path)
    if not resource:
        raise UsageError(
            "neither a resource nor a path is given", hint="secrets, pods/exec, deployments.apps, /healthz"
        )
    head, _, below = resource.partition("/")
    plural, _, its_group = head.partition(".")
    return Request(
        verb=verb,
        group=_agreed("group", its_group, group),
        resource=plural,
        subresource=_agreed("subresource", below, subresource or ""),
        namespace=namespace or "",
        name=name or "",
    )


def _agreed(what: str, written: str, given: str) -> str:
    if written and given and written != given:
        raise UsageError(f"two {what}s are given: `{written}` and `{given}`", hint="write it once")
    return written or given


def subject_of(text: str) -> Subject:
    """Return the subject that a text means: ``ServiceAccount:ns/name``, ``User:name``, ``Group:name``.

    Raises:
        UsageError: It means none.
    """
    kind, colon, name = text.partition(":")
    known = _KINDS.get(kind.lower())
    if not colon or known is None or not name:
        # An account's user name is what logs show.
        account = account_of(text)
        hint = f"write ServiceAccount:{account.namespace}/{account.name}" if account else _FORMS
        raise UsageError(f"`{text}` names no subject", hint=hint)
    if known is not SubjectKind.ACCOUNT:
        return Subject(known, name)
    namespace, slash, own = name.partition("/")
    if not slash or not namespace or not own or "/" in own:
        raise UsageError(f"`{text}` does not say in which namespace the account is", hint=_FORMS)
    return Subject.account(namespace, own)


def _decided(cluster: Compiled, caller: Identity, request: Request) -> Decision:
    """Return what the authorizers say in their order: the node authorizer knows the pods of the input alone."""
    from netsim.access.nodes import NodeReach, is_node, node_may
    from netsim.knowledge import gates, shipped_rights

    node = is_node(caller)
    if node and not caller.master:
        reach = cluster.node_reach.get(node) or NodeReach()
        rules = next(role.rules for role in shipped_rights(cluster.release).roles if role.name == "system:node")
        selecting = cluster.release >= gates()["node-selectors"]
        if node_may(node, reach, rules, request, selecting=selecting):
            return Decision(by=Authority.NODE)
    return cluster.access.decides(caller, request)


def _dangling(access: Access, caller: Identity) -> Iterator[Notice]:
    """Yield the bindings that would apply to a caller if their role existed."""
    for subject, binding in access.dangling_of(caller):
        kind = f"{binding.role_kind} {binding.namespace}/" if binding.role_kind == "Role" else f"{binding.role_kind} "
        what = f"{binding} names {subject}, and {kind}{binding.role}"
        if binding.role_kind == "ClusterRole" and binding.role.startswith("system:"):
            why = "is not in the input: if it is one of Kubernetes' own, what it grants is not counted"
        else:
            why = "does not exist: it grants nothing until somebody makes it"
        yield Notice(f"{what} {why}", binding.place)


def _assumptions(
    cluster: Compiled,
    asked: Subject | None,
    resting: Sequence[tuple[Subject, Binding, Role]],
    requests: Sequence[Request],
) -> tuple[str, ...]:
    """Return what an answer takes for granted, sorted."""
    found = {
        f"{role} is taken as Kubernetes {cluster.release} makes it: the input does not hold it"
        for _, _, role in resting
        if role.shipped
    }
    found.update(_of_aggregation(cluster, {role.name: role for _, _, role in resting}.values()))
    if asked is not None:
        found.update(_of_subject(cluster, asked))
    found.update(note for request in requests for note in _of_request(cluster, request))
    return tuple(sorted(found))


def _of_aggregation(cluster: Compiled, roles: Iterable[Role]) -> Iterator[str]:
    """Yield which roles of the input would aggregate roles of Kubernetes that do not count."""
    from netsim.knowledge import shipped_rights

    spare = [
        role
        for role in shipped_rights(cluster.release).roles
        if (role.namespace, role.name) not in cluster.access.roles
    ]
    for role in roles:
        made = role.aggregates and not role.served and not role.shipped
        parts = [part.name for part in spare if any(selects(each, part.labels) for each in role.aggregates or ())]
        if made and parts and cluster.defaults is not Defaults.NONE:
            yield f"{role} aggregates {', '.join(parts)} of Kubernetes {cluster.release}, too, which was left out"


def _of_subject(cluster: Compiled, asked: Subject) -> Iterator[str]:
    account = account_of(asked.name) if asked.kind is SubjectKind.USER else None
    if account:
        yield f"{asked} was asked with no groups but its own; the account with its groups is {account}"
    known = {each.subject for each in cluster.snapshot.accounts}
    if asked.kind is SubjectKind.ACCOUNT and asked not in known and asked.name != "default":
        yield f"the input holds no ServiceAccount {asked.namespace}/{asked.name}: it was asked for as if it existed"


def _of_request(cluster: Compiled, request: Request) -> Iterator[str]:
    from netsim.knowledge import gates

    if request.name and request.verb in ("create", "deletecollection") and not request.subresource and not request.path:
        yield f'a {request.verb} carries no name: "{request.name}" was left out, as the API server does'
    if request.verb == "get" and (request.resource, request.subresource) == ("nodes", "proxy"):
        yield "get nodes/proxy runs commands: the kubelet takes a WebSocket, which is a GET, for exec"
    opens = request.resource == "pods" and request.subresource in ("exec", "attach", "portforward")
    if request.verb == "get" and opens:
        since = gates()["websocket-create"]
        what = f"pods/{request.subresource}"
        if cluster.release < since:
            yield f"get {what} is enough to use it by a WebSocket before Kubernetes {since}"
        else:
            yield f"since Kubernetes {since} get {what} opens no WebSocket without create {what}"
