"""The catalogue of attack steps, read once from models/attack."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from netsim.errors import UsageError
from netsim.ir.access import Request
from netsim.ir.attack import Access, Catalogue, Certainty, HostPath, Need, Severity, StepKind
from netsim.ir.release import Release
from netsim.knowledge import attack_table, exact_rows

FAMILIES = ("network", "escapes", "credentials", "rbac", "nodes")

_KEYS = (
    "id", "title", "from", "to", "needs", "moves", "severity", "mitre", "network", "certainty", "mitigation",
    "versions", "source",
)  # fmt: skip
_OPTIONAL = ("needs", "moves", "versions")
_CERTAINTIES = {"certain": Certainty.CERTAIN, "likely": Certainty.LIKELY, "exploit": Certainty.EXPLOIT}

#: The resources that are in no namespace, of those that the catalogue names.
CLUSTER_SCOPED = frozenset({
    "nodes", "persistentvolumes", "clusterroles", "clusterrolebindings", "certificatesigningrequests", "signers",
    "users", "groups", "mutatingwebhookconfigurations", "validatingwebhookconfigurations", "mutatingadmissionpolicies",
    "customresourcedefinitions", "apiservices", "adminnetworkpolicies", "baselineadminnetworkpolicies",
    "clusternetworkpolicies", "globalnetworkpolicies", "ciliumclusterwidenetworkpolicies",
    "securitycontextconstraints", "podsecuritypolicies", "storageclasses", "clusterpolicies", "compositions",
    "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingpolicies", "constrainttemplates",
})  # fmt: skip

#: Verbs whose requests have no name.
NAMELESS = frozenset({"create", "deletecollection"})


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """A request as the catalogue writes it: ``update configmaps in kube-system named aws-auth``.

    Attributes:
        namespace: The only one in which it counts; empty for each.
        names: The only names that count; empty for those of the objects of the input, ``*`` for any.
        by_kubelet: Whether it is a kubelet that is asked.
    """

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""
    namespace: str = ""
    names: tuple[str, ...] = ()
    by_kubelet: bool = False

    @property
    def namespaced(self) -> bool:
        """Whether it is made in a namespace: leave to bind a ClusterRole is asked for where it is bound."""
        return self.verb == "bind" or self.resource not in CLUSTER_SCOPED

    @property
    def nameless(self) -> bool:
        """Whether the request has no name, however it is asked."""
        return self.verb in NAMELESS and not (self.verb == "create" and self.subresource)

    @property
    def is_sent(self) -> bool:
        """Whether it is a request of its own to the API server: ``bind`` and the like are asked about others."""
        return self.verb not in ("bind", "escalate", "approve", "sign", "use", "impersonate") and not self.by_kubelet

    def request(self, namespace: str, name: str = "") -> Request:
        """Return the request for one object, or without a name for all."""
        return Request(
            verb=self.verb,
            group=self.group,
            resource=self.resource,
            subresource=self.subresource,
            namespace=namespace if self.namespaced else "",
            name=name,
        )

    def __str__(self) -> str:
        return str(self.request(""))


#: What one subject must be allowed, all of it.
Together = tuple[Wanted, ...]

_FORM = re.compile(
    r"(?P<verbs>[\w,-]+) (?P<resource>[a-z]+)(?:\.(?P<group>[a-z0-9.-]+))?(?:/(?P<sub>[a-z]+))?"
    r"(?: in (?P<namespace>\S+))?(?: named (?P<names>\S+))?(?P<kubelet> via kubelet)?(?: if (?P<versions>\S+))?"
)


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that is shipped.

    Raises:
        UsageError: A table holds a key that no code reads.
    """
    rows = [row for family in FAMILIES for row in attack_table(family)["step"]]
    kinds = {kind.id: kind for kind in map(step_kind, rows)}
    if len(kinds) != len(rows):
        raise UsageError("two steps of the catalogue have one id")
    paths = attack_table("host-paths")["path"]
    return Catalogue(
        kinds=kinds,
        paths=tuple(map(_host_path, paths)),
        default_capabilities=frozenset(attack_table("capabilities")["default"]),
    )


def step_kind(row: Mapping[str, Any]) -> StepKind:
    """Return the kind of step that a row of the catalogue describes.

    Raises:
        UsageError: It has a key that no code reads, or lacks one.
    """
    exact_rows([row], known=_KEYS, optional=_OPTIONAL)
    return StepKind(
        id=row["id"],
        title=row["title"],
        source=row["from"],
        target=row["to"],
        needs=tuple(row.get("needs", ())),
        moves=tuple(tuple(_spread(move)) for move in row.get("moves", ())),
        severity=Severity(row["severity"]),
        mitre=tuple(row["mitre"]),
        network=Need(row["network"]),
        certainty=_CERTAINTIES[row["certainty"]],
        mitigation=row["mitigation"],
        versions=row.get("versions", ""),
        source_of=row["source"],
    )


def _spread(move: list[str]) -> Iterator[str]:
    for text in move:
        if text == "$operators":
            continue
        yield from attack_table("requests")[text[1:]] if text.startswith("$") else (text,)


def _host_path(row: Mapping[str, Any]) -> HostPath:
    exact_rows([row], known=("path", "below", "access", "gives", "reason"))
    return HostPath(
        path=row["path"], below=row["below"], access=Access(row["access"]), gives=row["gives"], reason=row["reason"]
    )


@dataclass(frozen=True, slots=True)
class Operator:
    """A controller that acts with its own rights on custom resources; ``pods`` selects its pods."""

    resource: str
    pods: str
    reason: str


@cache
def operators() -> tuple[Operator, ...]:
    """Return the controllers that are known, in the order of the table."""
    rows = attack_table("operators")["operator"]
    exact_rows(rows, known=("resource", "pods", "reason"))
    return tuple(Operator(row["resource"], row["pods"], row["reason"]) for row in rows)


@cache
def provisioners() -> Mapping[str, str]:
    """Return the provisioners that take a path of the node from a StorageClass, each with how."""
    rows = attack_table("provisioners")["provisioner"]
    exact_rows(rows, known=("name", "reason"))
    return {row["name"]: row["reason"] for row in rows}


@cache
def policies_off() -> tuple[str, ...]:
    """Return the requests of which any lets somebody change or take away admission policies."""
    return tuple(attack_table("requests")["policies-off"])


@cache
def alternatives(texts: tuple[str, ...], release: Release | None) -> tuple[Together, ...]:
    """Return the ways of one move: any will do; of each, one subject must be allowed every request.

    A request of other releases than this is left out; with no release known, none is.
    """
    found: list[Together] = []
    for text in texts:
        parts = [tuple(wanted(part, release)) for part in text.split(" & ")]
        if len(parts) == 1:
            found += [(each,) for each in parts[0]]
        else:
            found += [(first, second) for first in parts[0] for second in parts[1]]
    return tuple(found)


def wanted(text: str, release: Release | None) -> Iterator[Wanted]:
    """Yield the requests that a text of the catalogue means, one for each verb.

    Raises:
        UsageError: The text is malformed.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"the catalogue has a request that cannot be read: `{text}`")
    if not in_versions(form["versions"] or "", release):
        return
    for verb in form["verbs"].split(","):
        yield Wanted(
            verb=verb,
            resource=form["resource"],
            group=form["group"] or "",
            subresource=form["sub"] or "",
            namespace=form["namespace"] or "",
            names=tuple((form["names"] or "").split("|")) if form["names"] else (),
            by_kubelet=bool(form["kubelet"]),
        )


def in_versions(versions: str, release: Release | None) -> bool:
    """Return whether a release is among ``<1.35`` or ``>=1.24``; where it is not known, it is."""
    if not versions or release is None:
        return True
    operator, _, minor = versions.partition("1.")
    bound = Release(1, int(minor))
    return release < bound if operator == "<" else release >= bound
