"""Kyverno's ClusterPolicy and Policy: which objects a rule is about, and what it says of them.

Source: kyverno.io/docs: match and exclude, validate rules, autogen rules, preconditions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import Action, NotEvaluatedError, Outcome, Review, Ruling
from netsim.ir.podsecurity import Level
from netsim.posture import cel
from netsim.posture.faults import items, mapping
from netsim.posture.matching import labels_of, selects
from netsim.posture.patterns import Mismatch, Skipped, check
from netsim.posture.podsecurity import failures
from netsim.posture.quantities import number_of

#: The kinds with pod templates for which a rule on pods is made over.
CONTROLLERS = ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
_CRON = "CronJob"
_OFF = "pod-policies.kyverno.io/autogen-controllers"
_VARIABLE = re.compile(r"\{\{\s*(?P<query>.+?)\s*\}\}")
_PATH = re.compile(
    r"request\.(?P<path>object(?:\.[\w-]+)*|operation|namespace|name)(?:\s*\|\|\s*(?P<default>'[^']*'|`[^`]*`|\w+))?"
)
_LONGEST_NAME = 63


def actions_of(spec: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[Action]:
    """Yield what is done with what fails in some namespace: that of the namespaces that are named last."""
    validate = mapping(rule.get("validate"))
    # Kyverno audits unless the rule or the policy says that it is enforced.
    yield _action(validate.get("failureAction") or spec.get("validationFailureAction") or "Audit")
    yield from (_action(each.get("action")) for each in _overrides(spec, rule))


def action_of(spec: Mapping[str, Any], rule: Mapping[str, Any], review: Review) -> Action:
    """Return what is done with an object that fails.

    Raises:
        NotEvaluatedError: A selector of namespaces has an unknown operator.
    """
    for each in _overrides(spec, rule):
        named = items(each.get("namespaces"))
        chosen = any(fnmatchcase(review.namespace, str(name)) for name in named) or not named
        if chosen and selects(each.get("namespaceSelector"), review.labels):
            return _action(each.get("action"))
    return next(actions_of(spec, rule))


def _action(written: Any) -> Action:
    return Action.DENY if str(written).lower() == "enforce" else Action.AUDIT


def _overrides(spec: Mapping[str, Any], rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    own = items(mapping(rule.get("validate")).get("failureActionOverrides"))
    return [mapping(each) for each in own or items(spec.get("validationFailureActionOverrides"))]


def rulings(policy: Mapping[str, Any], namespace: str, review: Review) -> Iterator[Ruling]:
    """Yield what each rule of a policy says of an object, those made over for controllers among them.

    Args:
        namespace: Of a Policy: the one that it is about; empty for a ClusterPolicy.
    """
    spec = mapping(policy.get("spec"))
    annotations = mapping(mapping(policy.get("metadata")).get("annotations"))
    for written in items(spec.get("rules")):
        rule = mapping(written)
        if "validate" not in rule:
            continue
        for name, made, target in _generated(rule, annotations, review):
            if namespace and review.namespace != namespace:
                continue
            yield replace(_ruling(name, made, target), action=action_of(spec, rule, target))


def _generated(
    rule: Mapping[str, Any], annotations: Mapping[str, Any], review: Review
) -> Iterator[tuple[str, Mapping[str, Any], Review]]:
    """Yield the rule, or what is made of it for the kind of an object: the same, asked of the object's pod template."""
    name = str(rule.get("name") or "")
    yield name, rule, review
    chosen = str(annotations.get(_OFF, "all"))
    if review.kind not in (*CONTROLLERS, _CRON) or chosen == "none" or not _is_about_pods(rule):
        return
    if chosen not in ("all", "") and review.kind not in [each.strip() for each in chosen.split(",")]:
        return
    is_cron = review.kind == _CRON
    path = ("spec", "jobTemplate", "spec", "template") if is_cron else ("spec", "template")
    template: Any = review.object
    for step in path:
        template = mapping(template).get(step) or {}
    pod = Review(
        group="",
        version="v1",
        kind="Pod",
        namespace=review.namespace,
        name=review.name,
        object={"metadata": mapping(template.get("metadata")), "spec": mapping(template.get("spec"))},
        labels=review.labels,
    )
    yield f"{'autogen-cronjob-' if is_cron else 'autogen-'}{name}"[:_LONGEST_NAME], rule, pod


def _is_about_pods(rule: Mapping[str, Any]) -> bool:
    """Is a rule about pods alone, whatever their names and labels? Only such a one is made over for controllers."""
    blocks = [*_blocks(mapping(rule.get("match"))), *_blocks(mapping(rule.get("exclude")))]
    limits = ("name", "names", "selector", "annotations")
    if any(mapping(each.get("resources")).get(limit) for each in blocks for limit in limits):
        return False
    kinds = [kind for each in _blocks(mapping(rule.get("match"))) for kind in _kinds(each)]
    return bool(kinds) and all(kind.rpartition("/")[2] == "Pod" for kind in kinds)


def _blocks(match: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = [*items(match.get("any")), *items(match.get("all"))]
    return [mapping(each) for each in listed] or ([match] if match else [])


def _kinds(block: Mapping[str, Any]) -> list[str]:
    return [str(kind) for kind in items(mapping(block.get("resources")).get("kinds"))]


def _ruling(name: str, rule: Mapping[str, Any], review: Review) -> Ruling:
    try:
        if not _concerns(rule, review):
            return Ruling(rule=name, outcome=Outcome.SKIP)
        return _judged(name, mapping(rule.get("validate")), rule, review)
    except NotEvaluatedError as error:
        return Ruling(rule=name, outcome=Outcome.UNKNOWN, why=str(error))


def _concerns(rule: Mapping[str, Any], review: Review) -> bool:
    if not _matched(mapping(rule.get("match")), review):
        return False
    excluded = mapping(rule.get("exclude"))
    return not (excluded and _matched(excluded, review))


def _matched(match: Mapping[str, Any], review: Review) -> bool:
    if "all" in match:
        return all(_in_block(mapping(each), review) for each in items(match["all"]))
    return any(_in_block(each, review) for each in _blocks(match))


def _in_block(block: Mapping[str, Any], review: Review) -> bool:
    resources = mapping(block.get("resources"))
    kinds = _kinds(block)
    if kinds and not any(_is_kind(kind, review) for kind in kinds):
        return False
    names = [*items(resources.get("names")), *([resources["name"]] if resources.get("name") else [])]
    if names and not any(fnmatchcase(review.name, str(each)) for each in names):
        return False
    namespaces = items(resources.get("namespaces"))
    if namespaces and not any(fnmatchcase(review.namespace, str(each)) for each in namespaces):
        return False
    operations = items(resources.get("operations"))
    if operations and "CREATE" not in operations:
        return False
    annotations = mapping(mapping(review.object.get("metadata")).get("annotations"))
    for key, value in mapping(resources.get("annotations")).items():
        if not any(fnmatchcase(str(k), key) and fnmatchcase(str(v), str(value)) for k, v in annotations.items()):
            return False
    if not selects(resources.get("selector"), labels_of(review.object)):
        return False
    if not selects(resources.get("namespaceSelector"), review.labels):
        return False
    if any(block.get(field) for field in ("subjects", "roles", "clusterRoles")):
        raise NotEvaluatedError("it depends on who asks")
    return True


def _is_kind(written: str, review: Review) -> bool:
    parts = written.split("/")
    if len(parts) == 1:
        return fnmatchcase(review.kind, parts[0])
    if len(parts) == 2:
        # `v1/Pod`, `apps/Deployment` and `*/Pod`; `Pod/exec` is a subresource.
        held = parts[0] in ("*", review.version, review.group, f"{review.group}/{review.version}")
        return held and fnmatchcase(review.kind, parts[1])
    group, version, kind = parts[-3:]
    return fnmatchcase(review.group, group) and fnmatchcase(review.version, version) and fnmatchcase(review.kind, kind)


def _judged(name: str, validate: Mapping[str, Any], rule: Mapping[str, Any], review: Review) -> Ruling:
    if rule.get("context") or validate.get("foreach"):
        raise NotEvaluatedError("it has a context or a loop, which are not evaluated here")
    if "preconditions" in rule and not _conditions(rule["preconditions"], review):
        return Ruling(rule=name, outcome=Outcome.SKIP)
    message = str(validate.get("message") or "")
    if "pattern" in validate:
        return _by_patterns(name, [validate["pattern"]], message, review)
    if "anyPattern" in validate:
        return _by_patterns(name, items(validate["anyPattern"]), message, review)
    if "deny" in validate:
        conditions = mapping(validate["deny"]).get("conditions")
        is_denied = conditions is None or _conditions(conditions, review)
        return Ruling(rule=name, outcome=Outcome.FAIL if is_denied else Outcome.PASS, why=message)
    if "podSecurity" in validate:
        return _by_standards(name, mapping(validate["podSecurity"]), review)
    if "cel" in validate:
        return _by_cel(name, mapping(validate["cel"]), review)
    raise NotEvaluatedError(f"it validates by {', '.join(sorted(map(str, validate)))}")


def _by_patterns(name: str, patterns: Sequence[Any], message: str, review: Review) -> Ruling:
    skipped = 0
    paths = []
    for pattern in patterns:
        try:
            check(review.object, _substituted(pattern, review))
        except Skipped:
            skipped += 1
        except Mismatch as found:
            paths.append(found.path)
        else:
            return Ruling(rule=name, outcome=Outcome.PASS)
    if skipped:
        return Ruling(rule=name, outcome=Outcome.SKIP)
    return Ruling(rule=name, outcome=Outcome.FAIL, why=f"{message} ({', '.join(paths)})".strip())


def _by_standards(name: str, asked: Mapping[str, Any], review: Review) -> Ruling:
    level = {each.label: each for each in Level}.get(str(asked.get("level", "")))
    if level is None or asked.get("exclude"):
        raise NotEvaluatedError("exclusions of podSecurity are not evaluated here")
    version = str(asked.get("version") or "latest")
    found = failures(review.object, level, version)
    why = ", ".join(each.control.id for each in found)
    return Ruling(rule=name, outcome=Outcome.FAIL if found else Outcome.PASS, why=why)


def _by_cel(name: str, asked: Mapping[str, Any], review: Review) -> Ruling:
    if asked.get("paramKind") or asked.get("variables"):
        raise NotEvaluatedError("parameters and variables of cel rules are not evaluated here")
    data = {"object": review.object, "oldObject": None, "request": {"operation": "CREATE"}}
    for each in items(asked.get("expressions")):
        try:
            holds = cel.value(str(mapping(each).get("expression")), data)
        except cel.CelError as error:
            return Ruling(rule=name, outcome=Outcome.FAIL, why=str(error))
        if holds is not True:
            return Ruling(rule=name, outcome=Outcome.FAIL, why=str(mapping(each).get("message") or ""))
    return Ruling(rule=name, outcome=Outcome.PASS)


def _substituted(value: Any, review: Review) -> Any:
    """Return a pattern with its variables replaced, as far as they are fields of the request."""
    match value:
        case Mapping():
            return {key: _substituted(item, review) for key, item in value.items()}
        case list():
            return [_substituted(item, review) for item in value]
        case str() if found := _VARIABLE.fullmatch(value.strip()):
            return _asked(found["query"], review)
        case str():
            return _VARIABLE.sub(lambda found: str(_asked(found["query"], review)), value)
        case _:
            return value


def _asked(query: str, review: Review) -> Any:
    found = _PATH.fullmatch(query)
    if found is None:
        raise NotEvaluatedError(f"the variable {query} is not evaluated here")
    request = {"object": review.object, "operation": "CREATE", "namespace": review.namespace, "name": review.name}
    value: Any = request
    for step in found["path"].split("."):
        value = mapping(value).get(step)
    if value is None and found["default"]:
        return found["default"].strip("'`")
    if value is None:
        raise NotEvaluatedError(f"the variable {query} has no value")
    return value


def _conditions(written: Any, review: Review) -> bool:
    if isinstance(written, list):
        return all(_holds(mapping(each), review) for each in written)
    block = mapping(written)
    every = [_holds(mapping(each), review) for each in items(block.get("all"))]
    some = [_holds(mapping(each), review) for each in items(block.get("any"))]
    return all(every) and (not some or any(some))


def _holds(condition: Mapping[str, Any], review: Review) -> bool:
    key = _substituted(condition.get("key"), review)
    value = _substituted(condition.get("value"), review)
    keys = key if isinstance(key, list) else [key]
    values = value if isinstance(value, list) else [value]
    among = [any(_alike(own, each) for each in values) for own in keys]
    match str(condition.get("operator")):
        case "Equals" | "Equal":
            return key == value or _alike(key, value)
        case "NotEquals" | "NotEqual":
            return not (key == value or _alike(key, value))
        case "In" | "AnyIn":
            return any(among)
        case "AllIn":
            return all(among)
        case "NotIn" | "AllNotIn":
            return not any(among)
        case "AnyNotIn":
            return not all(among)
        case "GreaterThan" | "GreaterThanOrEquals" | "LessThan" | "LessThanOrEquals" as operator:
            return _compared(key, value, operator)
        case other:
            raise NotEvaluatedError(f"the operator {other} is not evaluated here")


def _alike(own: Any, other: Any) -> bool:
    return own == other or (isinstance(own, str) and isinstance(other, str) and fnmatchcase(own, other))


def _compared(key: Any, value: Any, operator: str) -> bool:
    own, bound = number_of(key), number_of(value)
    if own is None or bound is None:
        return False
    more = own > bound if operator.startswith("Greater") else own < bound
    return more or (operator.endswith("Equals") and own == bound)
