"""What objects a policy is about: kinds, namespaces, labels."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import NotEvaluatedError, Review
from netsim.posture.faults import items, mapping

_PLURALS = {"Endpoints": "endpoints"}


def plural(kind: str) -> str:
    """Return the resource of a kind: ``pods``."""
    name = kind.lower()
    if kind in _PLURALS:
        return _PLURALS[kind]
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


def request_of(review: Review) -> Mapping[str, Any]:
    """Return what an AdmissionRequest says of a request, beside who asks and the object."""
    kind = {"group": review.group, "version": review.version, "kind": review.kind}
    resource = {"group": review.group, "version": review.version, "resource": plural(review.kind)}
    return {
        "kind": kind,
        "requestKind": kind,
        "resource": resource,
        "requestResource": resource,
        "operation": "CREATE",
        "name": review.name,
        "namespace": review.namespace,
        "dryRun": False,
    }


def labels_of(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the labels of an object."""
    return mapping(mapping(value.get("metadata")).get("labels"))


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Does a label selector select these labels? An absent or empty one does.

    Raises:
        NotEvaluatedError: An operator is unknown.
    """
    written = mapping(selector)
    if any(labels.get(key) != value for key, value in mapping(written.get("matchLabels")).items()):
        return False
    return all(_holds(mapping(each), labels) for each in items(written.get("matchExpressions")))


def _holds(term: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(term.get("key")), items(term.get("values"))
    match term.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise NotEvaluatedError(f"the operator {other} of a selector is unknown")


def constrained(match: Mapping[str, Any], review: Review) -> bool:
    """Is an object one of those that ``matchConstraints`` or ``matchResources`` name? Empty rules name everything."""
    rules = items(match.get("resourceRules"))
    if rules and not any(_in_rule(mapping(rule), review) for rule in rules):
        return False
    if any(_in_rule(mapping(rule), review) for rule in items(match.get("excludeResourceRules"))):
        return False
    return selects(match.get("namespaceSelector"), review.labels) and selects(
        match.get("objectSelector"), labels_of(review.object)
    )


def _in_rule(rule: Mapping[str, Any], review: Review) -> bool:
    names = items(rule.get("resourceNames"))
    return (
        _among(review.group, rule.get("apiGroups"))
        and _among(review.version, rule.get("apiVersions"))
        and _among("CREATE", rule.get("operations"))
        and rule.get("scope", "*") in ("*", "Namespaced" if review.namespace else "Cluster")
        and any(each in ("*", "*/*", plural(review.kind)) for each in items(rule.get("resources")))
        and (not names or review.name in names)
    )


def _among(value: str, listed: Any) -> bool:
    return any(each in ("*", value) for each in items(listed))


def gatekeeper_matches(match: Mapping[str, Any], review: Review) -> bool:
    """Is an object one that a Gatekeeper constraint is about?"""
    kinds = [mapping(each) for each in items(match.get("kinds"))]
    if kinds and not any(
        _among(review.group, each.get("apiGroups", ["*"])) and _among(review.kind, each.get("kinds", ["*"]))
        for each in kinds
    ):
        return False
    if match.get("source") == "Generated":  # it is about what expansions make, and none is made here
        return False
    if match.get("scope") == "Cluster" and review.namespace:
        return False
    if match.get("scope") == "Namespaced" and not review.namespace:
        return False
    if match.get("namespaces") and not in_namespaces(review, items(match["namespaces"])):
        return False
    if in_namespaces(review, items(match.get("excludedNamespaces"))):
        return False
    if match.get("name") and not fnmatchcase(review.name, str(match["name"])):
        return False
    return selects(match.get("labelSelector"), labels_of(review.object)) and selects(
        match.get("namespaceSelector"), review.labels
    )


def in_namespaces(review: Review, listed: Iterable[Any]) -> bool:
    """Is an object in one of some namespaces, which may be patterns? A namespace is in itself."""
    name = review.name if review.kind == "Namespace" else review.namespace
    return any(fnmatchcase(name, str(each)) for each in listed)
