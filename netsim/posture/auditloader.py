"""Would the API server start with an audit policy, and what does it drop of it in silence?

Source: k8s.io/apiserver ``pkg/apis/audit/validation/validation.go`` and ``pkg/audit/policy/reader.go``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.validation import dns_subdomain
from netsim.ir.audit import AuditLevel, Stage
from netsim.posture.faults import Fault, items, mapping

API_VERSION = "audit.k8s.io/v1"
_LEVELS = frozenset(level.label for level in AuditLevel)
_STAGES = frozenset(stage.value for stage in Stage)
_OF_POLICY = frozenset({"apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"})
_OF_RULE = frozenset(
    {
        "level",
        "users",
        "userGroups",
        "verbs",
        "resources",
        "namespaces",
        "nonResourceURLs",
        "omitStages",
        "omitManagedFields",
    }
)
_LISTS = _OF_RULE - {"level", "omitManagedFields"}
_OF_RESOURCES = frozenset({"group", "resources", "resourceNames"})


def loader_faults(written: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every reason why the API server would not start with a policy."""
    for path, message in _refusals(written):
        yield Fault(check="audit-invalid-policy", path=path, message=message)


_Refusals = Iterator[tuple[Path, str]]


def _refusals(written: Mapping[str, Any]) -> _Refusals:
    if written.get("apiVersion") != API_VERSION or written.get("kind") != "Policy":
        yield ("apiVersion",), f"must be {API_VERSION} with kind Policy"
    rules = items(written.get("rules"))
    if not rules:
        yield ("rules",), "is empty: the API server refuses a policy without rules"
    yield from _of_stages(written, ())
    for number, rule in enumerate(rules):
        yield from _of_rule(mapping(rule), ("rules", number))


def _of_stages(written: Mapping[str, Any], path: Path) -> _Refusals:
    for number, stage in enumerate(items(written.get("omitStages"))):
        if stage not in _STAGES:
            yield (*path, "omitStages", number), f'"{stage}" is none of {", ".join(sorted(_STAGES))}'


def _of_rule(rule: Mapping[str, Any], path: Path) -> _Refusals:
    yield from _of_types(rule, _LISTS, path)
    level = rule.get("level")
    if level not in _LEVELS:
        said = f'"{level}"' if level is not None else "missing, and"
        yield (*path, "level"), f"{said} is none of None, Metadata, Request, RequestResponse"
    yield from _of_stages(rule, path)
    urls = items(rule.get("nonResourceURLs"))
    if urls and (rule.get("resources") or rule.get("namespaces")):
        yield (*path, "nonResourceURLs"), "cannot stand beside `resources` or `namespaces`"
    for number, url in enumerate(urls):
        if wrong := _of_url(str(url)):
            yield (*path, "nonResourceURLs", number), f'"{url}" {wrong}'
    for number, each in enumerate(items(rule.get("resources"))):
        yield from _of_resources(mapping(each), (*path, "resources", number))


def _of_types(written: Mapping[str, Any], lists: Iterable[str], path: Path) -> _Refusals:
    """Yield the fields that are no list of texts: what cannot be decoded is refused, however lenient the decoder."""
    for field in sorted(lists):
        value = written.get(field)
        if value is None:
            continue
        if not isinstance(value, list):
            yield (*path, field), f"is {value}, and must be a list"
        elif field != "resources" or path[-2:-1] == ("resources",):
            for number, each in enumerate(value):
                if each is not None and not isinstance(each, str):
                    yield (*path, field, number), f"is {each}, and must be a text"


def _of_url(url: str) -> str:
    if url == "*":
        return ""
    if not url.startswith("/"):
        return "must begin with a slash"
    return "may hold `*` only as its last character" if "*" in url[:-1] else ""


def _of_resources(written: Mapping[str, Any], path: Path) -> _Refusals:
    yield from _of_types(written, ("resources", "resourceNames"), path)
    group = written.get("group") or ""
    if group and dns_subdomain(str(group)):
        yield (*path, "group"), f'"{group}" is no API group, and there is no wildcard here'
    if written.get("resourceNames") and not written.get("resources"):
        yield (*path, "resourceNames"), "needs `resources`"


def dropped(written: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the fields that the API server drops with no more than a warning in its log."""
    for path in _unknown(written):
        message = "is no field here: the API server drops it, and the rule means something else"
        yield Fault(check="audit-unknown-field-ignored", path=path, message=message)


def _unknown(written: Mapping[str, Any]) -> Iterator[Path]:
    yield from ((field,) for field in sorted(map(str, written.keys() - _OF_POLICY)))
    for number, each in enumerate(items(written.get("rules"))):
        rule, path = mapping(each), ("rules", number)
        yield from ((*path, field) for field in sorted(map(str, rule.keys() - _OF_RULE)))
        for index, resources in enumerate(items(rule.get("resources"))):
            fields = sorted(map(str, mapping(resources).keys() - _OF_RESOURCES))
            yield from ((*path, "resources", index, field) for field in fields)
