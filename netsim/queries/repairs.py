"""What mends the findings on roles and bindings, as patches; and what somebody has to decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, assert_never

from netsim.access.repairs import Asked, Repair, repairs
from netsim.cluster import Compiled
from netsim.ir.access import RBAC_GROUP, Binding, Role, Rule, Subject, SubjectKind
from netsim.ir.finding import Finding
from netsim.knowledge import known_resources, rights_checks
from netsim.queries.answer import Answer, warnings_of

_FIELDS = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")


@dataclass(frozen=True, kw_only=True)
class RightsRepairs(Answer):
    """The repairs, and what is left.

    Attributes:
        undecided: The findings that are there once every repair is made, the worst first.
    """

    kind: ClassVar[str] = "RightsRepairs"

    repairs: tuple[Repair, ...]
    undecided: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Repair]:
        return iter(self.repairs)

    def __len__(self) -> int:
        return len(self.repairs)

    def facts(self) -> Mapping[str, Any]:
        """Return the repairs as JSON values."""
        return {
            "summary": {"repairs": len(self.repairs), "undecided": len(self.undecided)},
            "repairs": [_told(each) for each in self.repairs],
            "undecided": [each.to_dict() for each in self.undecided],
        }


def rights_repairs(cluster: Compiled) -> RightsRepairs:
    """Return what mends the findings on roles and bindings, where one edit is the obvious one."""
    asked = Asked(
        rights=cluster.rights,
        checks=rights_checks(),
        release=cluster.release,
        resources=known_resources()[0],
        manifests=cluster.manifests,
    )
    made, left = repairs(asked)
    return RightsRepairs(repairs=made, undecided=left, warnings=warnings_of(cluster))


def patch(repair: Repair) -> dict[str, Any]:
    """Return a repair as a strategic merge patch; kustomize removes an object by ``$patch: delete``."""
    before, after = repair.before, repair.after
    metadata = {"name": before.name} | ({"namespace": before.namespace} if before.namespace else {})
    head = {"apiVersion": f"{RBAC_GROUP}/v1", "kind": before.kind, "metadata": metadata}
    match after:
        case None:
            return {"$patch": "delete", **head}
        case Role():
            return {**head, "rules": [_rule(each) for each in after.rules]}
        case Binding():
            return {**head, "subjects": [_subject(each) for each in after.subjects]}
        case _:
            assert_never(after)


def _told(repair: Repair) -> dict[str, Any]:
    return {
        "object": str(repair.before),
        "file": repair.before.place.file or None,
        "line": repair.before.place.line or None,
        "mends": sorted({each.code for each in repair.mends}),
        "left": sorted({each.code for each in repair.left}),
        "proved": not repair.left,
        "patch": patch(repair),
    }


def _rule(rule: Rule) -> dict[str, list[str]]:
    values = (rule.verbs, rule.groups, rule.resources, rule.names, rule.urls)
    return {name: list(value) for name, value in zip(_FIELDS, values, strict=True) if value}


def _subject(subject: Subject) -> dict[str, str]:
    if subject.kind is SubjectKind.ACCOUNT:
        return {"kind": str(subject.kind), "name": subject.name, "namespace": subject.namespace}
    return {"apiGroup": RBAC_GROUP, "kind": str(subject.kind), "name": subject.name}
