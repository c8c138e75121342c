"""Role and ClusterRole of rbac.authorization.k8s.io/v1."""

from collections.abc import Iterable
from typing import Any

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata, texts
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, selector
from netsim.ingest.schema import Closed
from netsim.ingest.validation import path_segment
from netsim.ir.access import RBAC_GROUP, Role, Rule

Texts = list[str | None]


class PolicyRule(Closed, frozen=True):
    """One element of rules."""

    verbs: Texts | None = None
    api_groups: Texts | None = None
    resources: Texts | None = None
    resource_names: Texts | None = None
    non_resource_urls: Texts | None = msgspec.field(default=None, name="nonResourceURLs")


class WrittenRole(Closed, frozen=True):
    """A Role with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    rules: list[PolicyRule | None] | None = None


class AggregationRule(Closed, frozen=True):
    """Which ClusterRoles a ClusterRole is made of."""

    cluster_role_selectors: list[LabelSelector | None] | None = None


class WrittenClusterRole(WrittenRole, frozen=True):
    """A ClusterRole with all its fields."""

    aggregation_rule: AggregationRule | None = None


_NO_RULE, _NO_METADATA = PolicyRule(), WholeMetadata()


def _check(role: WrittenRole, reading: Reading) -> None:
    check_whole_metadata(role.metadata or _NO_METADATA, reading)
    for index, rule in enumerate(role.rules or ()):
        _check_rule(rule or _NO_RULE, ("rules", index), reading)


def _check_rule(rule: PolicyRule, path: Path, reading: Reading) -> None:
    if not rule.verbs:
        reading.refuse("NS108", (*path, "verbs"), "must hold at least one verb", hint='`"*"` is every verb')
    if rule.non_resource_urls:
        _check_urls(rule, path, reading)
        return
    if not rule.api_groups:
        hint = 'the core group is the empty text: `apiGroups: [""]`'
        reading.refuse("NS108", (*path, "apiGroups"), "must hold at least one API group", hint=hint)
    if not rule.resources:
        reading.refuse("NS108", (*path, "resources"), "must hold at least one resource")


def _check_urls(rule: PolicyRule, path: Path, reading: Reading) -> None:
    if reading.namespace:
        hint = "write a ClusterRole, and bind it with a ClusterRoleBinding"
        reading.refuse(
            "NS125", (*path, "nonResourceURLs"), "is not possible in a Role: URLs are in no namespace", hint=hint
        )
    given = {"apiGroups": rule.api_groups, "resources": rule.resources, "resourceNames": rule.resource_names}
    if beside := [name for name, values in given.items() if values]:
        message = f"stands beside {', '.join(f'`{name}`' for name in beside)}: a rule is about resources or about URLs"
        reading.refuse("NS125", (*path, "nonResourceURLs"), message, hint="make it two rules")


def _check_cluster_role(role: WrittenClusterRole, reading: Reading) -> None:
    _check(role, reading)
    if role.aggregation_rule is None:
        return
    path: Path = ("aggregationRule", "clusterRoleSelectors")
    selectors = role.aggregation_rule.cluster_role_selectors
    if not selectors:
        reading.refuse("NS108", path, "must hold at least one selector", hint="`[{}]` selects every ClusterRole")
    for index, each in enumerate(selectors or ()):
        check_selector(each, (*path, index), reading)


def _read(role: WrittenRole, reading: Reading) -> Role:
    metadata = role.metadata or _NO_METADATA
    return Role(
        namespace=reading.namespace,
        name=reading.name,
        labels=texts(metadata.labels),
        rules=tuple(_rule(each or _NO_RULE, index, reading) for index, each in enumerate(role.rules or ())),
        aggregates=_aggregates(role) if isinstance(role, WrittenClusterRole) else None,
        served=bool(metadata.resource_version),
        place=reading.place(),
    )


def _aggregates(role: WrittenClusterRole) -> Any:
    if role.aggregation_rule is None:
        return None
    return tuple(selector(each) for each in role.aggregation_rule.cluster_role_selectors or ())


def _rule(rule: PolicyRule, index: int, reading: Reading) -> Rule:
    return Rule(
        index=index,
        verbs=_words(rule.verbs),
        groups=_words(rule.api_groups),
        resources=_words(rule.resources),
        names=_words(rule.resource_names),
        urls=_words(rule.non_resource_urls),
        place=reading.place("rules", index),
    )


def _words(written: Iterable[str | None] | None) -> tuple[str, ...]:
    return tuple(word or "" for word in written or ())


_VERSIONS = (f"{RBAC_GROUP}/v1", f"{RBAC_GROUP}/v1beta1")

ROLES = (
    Kind(api_versions=_VERSIONS, name="Role", naming=path_segment, model=WrittenRole, check=_check, read=_read),
    Kind(
        api_versions=_VERSIONS,
        name="ClusterRole",
        namespaced=False,
        naming=path_segment,
        model=WrittenClusterRole,
        check=_check_cluster_role,
        read=_read,
    ),
)
