"""Who may ask the API server for what: roles, bindings, accounts, and one request.

Source:
    rbac.authorization.k8s.io/v1; ``attributes`` of kubernetes/apiserver for the request.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from netsim.ir.finding import Check, Severity
from netsim.ir.labels import Labels, Selector
from netsim.ir.place import NOWHERE, Place
from netsim.ir.release import Release

#: The API group of roles and bindings.
RBAC_GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One element of ``rules``: the product of its own lists, as they are written.

    Attributes:
        index: Which element it is, from 0.
        groups, names, urls: ``apiGroups``, ``resourceNames``, ``nonResourceURLs``. No names mean every name.
    """

    index: int
    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A Role, or with an empty namespace a ClusterRole.

    Attributes:
        rules: As written. What an aggregated one means is computed, not read.
        aggregates: The selectors of its ``aggregationRule``, ORed; None where it has none.
        served: Whether a server wrote it: an aggregated one then holds the rules of what it aggregates already.
        shipped: Whether it is one that every API server makes, taken from ``models/rbac`` and not from the input.
    """

    namespace: str = ""
    name: str
    labels: Labels = field(default_factory=dict, hash=False)
    rules: tuple[Rule, ...] = ()
    aggregates: tuple[Selector, ...] | None = None
    served: bool = False
    shipped: bool = False
    place: Place = NOWHERE

    @property
    def kind(self) -> str:
        """``Role`` or ``ClusterRole``."""
        return "Role" if self.namespace else "ClusterRole"

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class SubjectKind(StrEnum):
    """What a binding can name."""

    USER = "User"
    GROUP = "Group"
    ACCOUNT = "ServiceAccount"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A user, a group (any member of whom nothing else is known) or an account, as a binding names it.

    ``namespace`` is an account's, resolved: in a RoleBinding an absent one is the binding's. Else it is empty.
    ``place`` is where a binding names it, and no part of what it is.
    """

    kind: SubjectKind
    name: str
    namespace: str = ""
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}" if self.namespace else f"{self.kind}:{self.name}"

    @staticmethod
    def user(name: str) -> "Subject":
        """Return a user."""
        return Subject(SubjectKind.USER, name)

    @staticmethod
    def group(name: str) -> "Subject":
        """Return a group."""
        return Subject(SubjectKind.GROUP, name)

    @staticmethod
    def account(namespace: str, name: str) -> "Subject":
        """Return a ServiceAccount."""
        return Subject(SubjectKind.ACCOUNT, name, namespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A RoleBinding, or with an empty namespace a ClusterRoleBinding.

    ``role_kind`` and ``role`` are its ``roleRef``; no role of that name need exist.
    """

    namespace: str = ""
    name: str
    role_kind: str
    role: str
    subjects: tuple[Subject, ...] = ()
    shipped: bool = False
    place: Place = NOWHERE

    @property
    def kind(self) -> str:
        """``RoleBinding`` or ``ClusterRoleBinding``."""
        return "RoleBinding" if self.namespace else "ClusterRoleBinding"

    @property
    def role_key(self) -> tuple[str, str]:
        """The namespace and name of the role that it names; the namespace of a ClusterRole is empty."""
        return (self.namespace if self.role_kind == "Role" else "", self.role)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """An account.

    Attributes:
        automount: ``automountServiceAccountToken``; None where it does not say.
        secrets: The names of its token Secrets, as older servers and people wrote them.
        pull_secrets: The names of its ``imagePullSecrets``.
        annotations: As written; clouds tie roles of theirs to an account here.
    """

    namespace: str
    name: str
    automount: bool | None = None
    secrets: tuple[str, ...] = ()
    pull_secrets: tuple[str, ...] = ()
    annotations: Labels = field(default_factory=dict, hash=False)
    place: Place = NOWHERE

    @property
    def subject(self) -> Subject:
        """The account as a binding names it."""
        return Subject.account(self.namespace, self.name)

    def __str__(self) -> str:
        return f"ServiceAccount {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Request:
    """What is asked of the API server; an empty text is an absent part.

    Attributes:
        group: The API group without a version; the core group is empty.
        namespace: Empty for a request over all namespaces and for objects that are in none.
        name: ``list`` and ``watch`` have one iff they select by ``metadata.name``.
        path: Of a request for no resource, as ``/healthz``; then only ``verb`` counts beside it.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return f"{self.verb} {self.path}"
        resource = ".".join(filter(None, (self.resource, self.group)))
        what = "/".join(filter(None, (resource, self.subresource)))
        named = f' "{self.name}"' if self.name else ""
        return f"{self.verb} {what}{named}" + (f" in {self.namespace}" if self.namespace else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """All roles, bindings and accounts that count, shipped ones among them; each kind sorted by namespace and name."""

    roles: tuple[Role, ...] = ()
    bindings: tuple[Binding, ...] = ()
    accounts: tuple[ServiceAccount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Why a request is allowed: the subject of the binding that the caller is, its role, and the rule.

    ``origin`` is the ClusterRole in which the rule is written: the role itself, or one that it aggregates.
    """

    subject: Subject
    binding: Binding
    role: Role
    rule: Rule
    origin: Role


class Authority(StrEnum):
    """Which authorizer allows a request."""

    MASTERS = "system:masters"
    NODE = "Node"
    RBAC = "RBAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a request is allowed; ``grants`` are the bindings, roles and rules that do it, in canonical order.

    ``by`` is None where nothing allows it; grants are then empty, as they are for whoever is in system:masters.
    """

    by: Authority | None
    grants: tuple[Grant, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it is allowed."""
        return self.by is not None

    def __bool__(self) -> bool:
        return self.allowed


class Defaults(StrEnum):
    """Which of the roles and bindings that every API server makes count beside those of the input.

    NAMED: a role where some binding of the input names it, and the input does not hold it.
    """

    NONE = "none"
    NAMED = "named"
    ALL = "all"


class Warrant(StrEnum):
    """Why somebody who may write a role or a binding may put this into it."""

    MASTERS = "system:masters"
    VERB = "escalate or bind"
    HELD = "held"


class Refusal(StrEnum):
    """Why a role or a binding may not be written.

    REQUEST: the write itself is not allowed. HELD: it would give more than its writer holds.
    ABSENT: it binds a role that does not exist. IMMUTABLE: it binds another role than before.
    """

    REQUEST = "request"
    HELD = "held"
    ABSENT = "absent"
    IMMUTABLE = "immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteDecision:
    """Whether a role or a binding may be written.

    Attributes:
        request: Whether the write itself is allowed.
        special: Whether ``escalate`` or ``bind`` is; None where it was not asked.
        warrant, refusal: Why it may, or may not; exactly one is None.
        missing: The rules that it would give and that are not wholly held.
    """

    request: Decision
    special: Decision | None = None
    warrant: Warrant | None = None
    refusal: Refusal | None = None
    missing: tuple[Rule, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it may be written."""
        return self.warrant is not None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguise:
    """Who a caller asks to be taken for, by the headers ``Impersonate-*``; an empty text is an absent header.

    ``extra`` are the fields and their values, the fields in lower case.
    """

    user: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impersonation:
    """Whether a disguise is accepted.

    Attributes:
        mode: ``impersonate``, or the mode of KEP-5284 that accepts it; for a refusal ``impersonate``.
        checks: The requests that were asked for it, in order, each with its decision; a refused one is the last.
        user, groups: Who the caller is then, if it is accepted.
    """

    allowed: bool
    mode: str = "impersonate"
    checks: tuple[tuple[Request, Decision], ...] = ()
    user: str = ""
    groups: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.allowed


class CsrAction(StrEnum):
    """What can be done with a CertificateSigningRequest."""

    CREATE = "create"
    APPROVE = "approve"
    SIGN = "sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsCheck:
    """What to look for in roles and bindings: one row of the table.

    Attributes:
        check: The row of the catalogue; its severity is that of what is granted cluster-wide.
        namespaced: The severity of what is granted in a namespace; None where that is not worth telling.
        requests: Of these a rule must allow one; empty where the check is computed.
        wildcard: Whether it is about rules with ``*`` for their resources.
        until: The last release in which it matters.
        message: A template of ``{subjects}``, ``{where}``, ``{role}``, ``{binding}`` and ``{verbs}``.
    """

    check: Check
    namespaced: Severity | None = None
    requests: tuple[Request, ...] = ()
    wildcard: bool = False
    until: Release | None = None
    message: str
