"""Small clusters of roles and bindings, and requests that often nearly match: seeded, and fast, for there are many."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from netsim.ir.access import (
    RBAC_GROUP,
    Binding,
    CsrAction,
    Disguise,
    Request,
    Rights,
    Role,
    Rule,
    ServiceAccount,
    Subject,
    SubjectKind,
)
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector

T = TypeVar("T")

NAMESPACES = ("n1", "n2")
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
SPECIAL = ("bind", "escalate", "impersonate", "approve", "sign", "use")
GROUPS = ("", "apps", "x.example")
#: Resources as they are asked for, and as rules write them.
RESOURCES = (("pods", ""), ("pods", "exec"), ("pods", "log"), ("deployments", ""), ("deployments", "scale"))
WRITTEN = ("pods", "pods/exec", "pods/*", "*/scale", "*/exec", "*/*", "*", "pod*", "deployments", "deployments/scale")
NAMES = ("a", "b", "ab", "*", "a*", "")
PATHS = ("/healthz", "/healthz/etcd", "/livez", "/livez/", "/a*", "/a*/b", "/apis/x", "/ab")
URLS = ("/healthz", "/healthz/*", "/healthz*", "/livez/*", "*", "/a**", "/a*/b", "/apis", "/l*z", "/ab")
USERS = ("ann", "Ann", "bob", "devs", "system:anonymous", "system:serviceaccount:n1:app", "system:node:w1")
TEAMS = (
    "devs",
    "ops",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:n1",
    "system:serviceaccount:n1:app",
    "system:masters",
)
ACCOUNTS = ("app", "default", "ann")
THEMES = ("plain", "aggregation", "writes", "writes", "disguises", "certificates")
_AUTHENTICATION = ("", "authentication.k8s.io")
_CERTIFICATES = ("certificates.k8s.io",)
#: API groups, verbs and resources of rules about more than plain objects; those of one theme belong together.
SPECIALS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]] = {
    "writes": (
        (
            (RBAC_GROUP,),
            ("create", "update", "patch"),
            ("roles", "clusterroles", "rolebindings", "clusterrolebindings"),
        ),
        ((RBAC_GROUP,), ("bind", "escalate"), ("roles", "clusterroles", "rolebindings", "clusterrolebindings")),
    ),
    "disguises": (
        (("authentication.k8s.io",), ("impersonate:user-info",), ("users", "groups", "uids", "userextras/scopes")),
        (("authentication.k8s.io",), ("impersonate:serviceaccount",), ("serviceaccounts",)),
        (("authentication.k8s.io",), ("impersonate:arbitrary-node", "impersonate:associated-node"), ("nodes",)),
        (
            ("", "apps"),
            ("impersonate-on:user-info:get", "impersonate-on:serviceaccount:get", "impersonate-on:arbitrary-node:get"),
            ("*",),
        ),
        (
            ("", "authentication.k8s.io"),
            ("impersonate",),
            ("users", "groups", "serviceaccounts", "uids", "userextras/scopes"),
        ),
    ),
    "certificates": (
        (_CERTIFICATES, ("create", "approve", "sign"), ("certificatesigningrequests", "signers")),
        (
            _CERTIFICATES,
            ("update", "patch"),
            ("certificatesigningrequests/approval", "certificatesigningrequests/status"),
        ),
    ),
}
#: What a writer of roles holds, and what it may want to give: each text is covered, or nearly, by one of them.
HELD = (
    Rule(index=2, verbs=("get",), groups=("",), resources=("pods",)),
    Rule(index=3, verbs=("list",), groups=("",), resources=("pods",)),
    Rule(index=4, verbs=("*",), groups=("apps",), resources=("*/scale", "deployments"), names=("a",)),
    Rule(index=5, verbs=("get",), urls=("/a**", "/healthz")),
)
WANTED = (
    Rule(index=0, verbs=("get", "list"), groups=("",), resources=("pods",)),
    Rule(index=0, verbs=("patch",), groups=("apps",), resources=("deployments/scale",), names=("a",)),
    Rule(index=0, verbs=("*",), groups=("apps",), resources=("deployments",), names=("a",)),
    Rule(index=0, verbs=("get",), groups=("apps",), resources=("deployments",)),
    Rule(index=0, verbs=("get",), groups=("",), resources=("pods/exec",)),
    Rule(index=0, verbs=("get",), urls=("/ab",)),
    Rule(index=0, verbs=("get",), urls=("/healthz/etcd",)),
    Rule(index=0, verbs=("get",), urls=("/a*",)),
)
SIGNERS = ("kubernetes.io/kubelet-serving", "kubernetes.io/*", "example.com/a", "example.com/*", "*")
#: Of so many subjects each request is asked.
ASKERS = 4
#: What the names of such rules may be.
SPECIAL_NAMES = {
    "writes": ("r0", "r1", "r2", "b0", "b1", "*"),
    "disguises": (*USERS, *TEAMS, "app", "w1", "u1", "view", "*"),
    "certificates": SIGNERS,
}


@dataclass(frozen=True)
class Question:
    """A request of a subject in some more groups."""

    subject: Subject
    groups: tuple[str, ...]
    request: Request


class Maker:
    """Draws one cluster, and questions about it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - the same seeds make the same clusters
        self.rights = self._rights()

    def restart(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - as above

    def some(self, values: tuple[T, ...], least: int = 1, most: int = 2) -> tuple[T, ...]:
        return tuple(self.random.sample(values, min(self.random.randint(least, most), len(values))))

    def one(self, values: tuple[T, ...]) -> T:
        return self.random.choice(values)

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def _rights(self) -> Rights:
        self.theme = self.one(THEMES)
        #: Who holds most of it, and asks most of the questions.
        self.main = self.bound("n1")
        roles: dict[tuple[str, str], Role] = {}
        bindings: dict[tuple[str, str], Binding] = {}
        for number in range(1, self.random.randint(4, 7)):
            role = self._role(number)
            roles[role.namespace, role.name] = role
        if self.theme in SPECIALS:
            roles["", "r0"] = self._foundation()
            bound = Binding(name="b0", role_kind="ClusterRole", role="r0", subjects=(self.main,))
            bindings["", "b0"] = bound
        self.roles = tuple(roles.values())
        for number in range(1, self.random.randint(4, 7)):
            binding = self.binding(f"b{number}")
            bindings[binding.namespace, binding.name] = binding
        accounts = tuple(ServiceAccount(namespace=namespace, name=self.one(ACCOUNTS)) for namespace in NAMESPACES)
        return Rights(
            roles=tuple(roles[key] for key in sorted(roles)),
            bindings=tuple(bindings[key] for key in sorted(bindings)),
            accounts=accounts,
        )

    def _role(self, number: int) -> Role:
        namespace = self.one(("", "", "n1", "n2"))
        aggregating = self.theme == "aggregation"
        aggregated = not namespace and self.chance(0.5 if aggregating else 0.25)
        labels = self.some(("x", "y"), 1, 2)
        return Role(
            namespace=namespace,
            # Some names are those of roles elsewhere.
            name=f"r{self.one((number, number, 1, 2))}",
            labels={key: self.one(("true", "true", "false")) for key in labels},
            rules=tuple(self.rule(index, urls=not namespace) for index in range(self.random.randint(1, 3))),
            aggregates=self._selectors() if aggregated else None,
            served=self.chance(0.2),
            shipped=self.chance(0.1),
        )

    def _selectors(self) -> tuple[Selector, ...]:
        terms = [Requirement(self.one(("x", "y")), Operator.IN, ("true",)) for _ in range(3)]
        forms = (
            (Selector.of(terms[:1]),),
            (Selector.of(terms[:2]),),
            (Selector.of(terms[:1]), Selector.of(terms[1:2])),
            (EVERYTHING,),
            (Selector.of([Requirement("x", Operator.NOT_IN, ("true",))]),),
        )
        return self.one(forms)

    def rule(self, index: int = 0, *, urls: bool = True) -> Rule:
        if urls and self.chance(0.25):
            return Rule(index=index, verbs=self._verbs(), urls=self.some(URLS))
        if self.chance(0.25 if self.theme in SPECIALS else 0.1):
            return self._special(index)
        return Rule(
            index=index,
            verbs=self._verbs(),
            groups=("*",) if self.chance(0.2) else self.some(GROUPS, 0 if self.chance(0.05) else 1),
            resources=self.some(WRITTEN),
            names=self.some(NAMES, 1, 2) if self.chance(0.35) else (),
        )

    def _special(self, index: int) -> Rule:
        """Return a rule about roles and bindings, other identities, or certificates."""
        theme = self.theme if self.theme in SPECIALS else self.one(tuple(SPECIALS))
        groups, verbs, resources = self.one(SPECIALS[theme])
        whole = 4 if self.chance(0.6) else 1
        return Rule(
            index=index,
            verbs=("*",) if self.chance(0.1) else self.some(verbs, whole, 4),
            groups=groups if self.chance(0.7) else groups[:1],
            resources=self.some(resources, whole, 5),
            names=self.some(SPECIAL_NAMES[theme], 1, 4) if self.chance(0.3) else (),
        )

    def _foundation(self) -> Role:
        """Return a ClusterRole with much of what its theme needs together, so that something is allowed at all."""
        rules = tuple(
            Rule(
                index=index,
                verbs=verbs if self.chance(0.6) else self.some(verbs),
                groups=groups,
                resources=resources if self.chance(0.6) else self.some(resources, 1, 3),
                names=self.some(SPECIAL_NAMES[self.theme], 1, 3) if self.chance(0.4) else (),
            )
            for index, (groups, verbs, resources) in enumerate(SPECIALS[self.theme])
            if index == 0 or self.chance(0.5)
        )
        return Role(name="r0", rules=(*rules, *(HELD if self.theme == "writes" else ())))

    def _verbs(self) -> tuple[str, ...]:
        if self.chance(0.15):
            return ("*",)
        return self.some(VERBS + SPECIAL[:2], 1, 4)

    def binding(self, name: str) -> Binding:
        namespace = self.one(("", "n1", "n2"))
        role, astray = self.one(self.roles), self.chance(0.15)
        if role.namespace and not astray:
            namespace = role.namespace
        return Binding(
            namespace=namespace,
            name=name,
            role_kind=self.one(("ClusterRole", "Role")) if astray else role.kind,
            role=f"r{self.random.randint(0, 6)}" if astray else role.name,
            subjects=tuple(
                self.main if self.chance(0.8 if self.theme == "writes" else 0.4) else self.bound(namespace)
                for _ in range(self.random.randint(1, 3))
            ),
        )

    def bound(self, namespace: str) -> Subject:
        kind = self.one(tuple(SubjectKind))
        if kind is SubjectKind.ACCOUNT:
            return Subject.account(namespace if self.chance(0.4) else self.one(NAMESPACES), self.one(ACCOUNTS))
        return Subject(kind, self.one(USERS if kind is SubjectKind.USER else TEAMS[: 8 if self.chance(0.3) else 7]))

    def subject(self) -> tuple[Subject, tuple[str, ...]]:
        if self.chance(0.65):
            known = self.main if self.chance(0.7) else self.one(self.one(self.rights.bindings).subjects)
            if known.kind is SubjectKind.GROUP and self.chance(0.5):
                return Subject.user(self.one(USERS)), (known.name,)
            return known, ()
        kind = self.one((SubjectKind.ACCOUNT, SubjectKind.USER, SubjectKind.USER, SubjectKind.GROUP))
        teams = self.some(TEAMS[:4], 0, 1) if self.chance(0.4) else ()
        match kind:
            case SubjectKind.ACCOUNT:
                return Subject.account(self.one(NAMESPACES), self.one(ACCOUNTS)), ()
            case SubjectKind.USER:
                masters = ("system:masters",) if self.chance(0.05) else ()
                return Subject.user(self.one(USERS)), (*teams, *masters)
            case SubjectKind.GROUP:
                return Subject.group(self.one(TEAMS[: 8 if self.chance(0.1) else 7])), ()

    def request(self) -> Request:
        if self.chance(0.15):
            return Request(verb=self.one(("get", "post", "put", "list")), path=self.one(PATHS))
        if self.chance(0.1):
            return Request(
                verb=self.one(("get", "delete", "list", "watch", "create")),
                resource="namespaces",
                subresource=self.one(("", "", "status")),
                name=self.one((*NAMESPACES, "")),
            )
        resource, subresource = self.one(RESOURCES)
        group = ("" if resource == "pods" else "apps") if self.chance(0.8) else self.one(GROUPS)
        return Request(
            verb=self.one(SPECIAL if self.chance(0.1) else VERBS),
            group=group,
            resource=resource,
            subresource=subresource,
            namespace=self.one(("", "n1", "n2")),
            name=self.one(("a", "b", "ab", "", "", "*")),
        )

    def near(self) -> Request:
        """Return a request made of a rule that there is, some part of it perhaps another."""
        binding = self.one(self.rights.bindings)
        bound = [role for role in self.roles if (role.namespace, role.name) == binding.role_key]
        rule, other = self.one(self.one(tuple(bound) or self.roles).rules), self.request()
        verb = self.one(rule.verbs).replace("*", "get")
        if rule.urls:
            return Request(verb=verb if self.chance(0.8) else other.verb, path=self.one(PATHS))
        resource, _, subresource = self.one(rule.resources).replace("*", "deployments").partition("/")
        return Request(
            verb=verb if self.chance(0.85) else other.verb,
            group=self.one(rule.groups or GROUPS).replace("*", "apps") if self.chance(0.85) else other.group,
            resource=resource,
            subresource=subresource if self.chance(0.8) else other.subresource,
            namespace=binding.namespace if self.chance(0.7) else self.one(("", "n1", "n2")),
            name=self.one(rule.names) if rule.names and self.chance(0.7) else other.name,
        )

    def questions(self, count: int) -> Iterator[Question]:
        """Yield questions, each request asked for several subjects."""
        subjects = [self.subject() for _ in range(10)]
        for _ in range(count // ASKERS):
            request = self.near() if self.chance(0.6) else self.request()
            start = self.random.randrange(len(subjects))
            for offset in range(ASKERS):
                subject, groups = subjects[(start + offset) % len(subjects)]
                yield Question(subject, groups, request)

    def target(self) -> Role | Binding:
        """Return a role or a binding to be written; half of them are there already."""
        there: list[Role | Binding] = [*self.rights.roles, *self.rights.bindings]
        if self.chance(0.5):
            known = self.random.choice(there)
            if isinstance(known, Binding) or self.chance(0.5):
                return known
        if self.chance(0.3):
            return self.binding(f"b{self.random.randint(0, 9)}")
        namespace = self.one(("", "n1"))
        rules = [rule for role in self.rights.roles[1:] for rule in role.rules if not (namespace and rule.urls)]
        held = tuple(self.random.sample(rules, min(len(rules), self.one((0, 1, 1, 2)))))
        aggregates = (EVERYTHING,) if not namespace and self.chance(0.1) else None
        if self.chance(0.3):
            wanted = (self.one(WANTED if not namespace else WANTED[:5]),)
            return Role(namespace=namespace, name=f"r{self.random.randint(0, 6)}", rules=wanted)
        narrow = tuple(self._part(rule) if self.chance(0.8) else rule for rule in held)
        return Role(namespace=namespace, name=f"r{self.random.randint(0, 6)}", rules=narrow, aggregates=aggregates)

    def _part(self, rule: Rule) -> Rule:
        """Return a rule that gives a part of what another does, or a little more, as its text or as its meaning."""
        verbs = self.some(rule.verbs) if self.chance(0.8) else ("get",)
        if rule.urls:
            return Rule(index=0, verbs=verbs, urls=(self.one((*rule.urls, *PATHS)),))
        groups = self.some(rule.groups) if rule.groups and self.chance(0.8) else self.some(GROUPS)
        resources = tuple(self._below(resource) for resource in self.some(rule.resources))
        names = rule.names if self.chance(0.5) else self.some(NAMES, 0, 2)
        return Rule(index=0, verbs=verbs, groups=groups, resources=resources, names=names)

    def _below(self, resource: str) -> str:
        """Return a resource, or one that it may be thought to cover."""
        _, slash, subresource = resource.partition("/")
        if self.chance(0.4):
            return f"pods/{subresource}" if slash else f"{resource}/exec"
        return resource

    def disguise(self) -> Disguise:
        many = self.chance(0.1)
        return Disguise(
            user=self.one((*USERS, "system:serviceaccount:n2:app", "system:node:w2", "")),
            groups=self.some(TEAMS, 4, 5) if many else self.some(TEAMS, 0, 1),
            uid="u1" if self.chance(0.15) else "",
            extra=((("scopes", self.some(("view", "edit"))),) if self.chance(0.15) else ()),
        )

    def signer(self) -> tuple[CsrAction, str]:
        return self.one(tuple(CsrAction)), self.one(SIGNERS)
