"""Kyverno's ClusterPolicy and Policy: which objects a rule is about, and what it says of them.

Source: kyverno.io/docs: match and exclude, validate rules, autogen rules, preconditions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import Action, NotEvaluatedError, Outcome, Review, Ruling
from netsim.ir.podsecurity import Level
from netsim.posture.expressions import validated
from netsim.posture.faults import items, mapping
from netsim.posture.jmespath import Known
from netsim.posture.kyvernovariables import conditions, elements, known_of, substituted, with_context
from netsim.posture.matching import labels_of, selects
from netsim.posture.patterns import Mismatch, Skipped, check
from netsim.posture.podsecurity import failures

#: The kinds with pod templates for which a rule on pods is made over.
CONTROLLERS = ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
_CRON = "CronJob"
_OFF = "pod-policies.kyverno.io/autogen-controllers"
_LONGEST_NAME = 63


def actions_of(spec: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[Action]:
    """Yield what is done with what fails in some namespace: that of the namespaces that are named last."""
    validate = mapping(rule.get("validate"))
    if spec.get("admission") is False:  # it is for reports alone
        yield Action.AUDIT
        return
    # Kyverno audits unless the rule or the policy says that it is enforced.
    yield _action(validate.get("failureAction") or spec.get("validationFailureAction") or "Audit")
    yield from (_action(each.get("action")) for each in _overrides(spec, rule))


def action_of(spec: Mapping[str, Any], rule: Mapping[str, Any], review: Review) -> Action:
    """Return what is done with an object that fails.

    Raises:
        NotEvaluatedError: A selector of namespaces has an unknown operator.
    """
    for each in _overrides(spec, rule) if spec.get("admission") is not False else ():
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
    pod = replace(review, group="", version="v1", kind="Pod", object=pod_of(review))
    yield f"{'autogen-cronjob-' if is_cron else 'autogen-'}{name}"[:_LONGEST_NAME], rule, pod


def pod_of(review: Review) -> Mapping[str, Any]:
    """Return a pod, or the one that a controller's template makes."""
    if review.kind not in (*CONTROLLERS, _CRON):
        return review.object
    path = ("spec", "jobTemplate", "spec", "template") if review.kind == _CRON else ("spec", "template")
    template: Any = review.object
    for step in path:
        template = mapping(mapping(template).get(step))
    return {"metadata": mapping(template.get("metadata")), "spec": mapping(template.get("spec"))}


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
    if not _selects(resources.get("selector"), labels_of(review.object)):
        return False
    if not _selects(resources.get("namespaceSelector"), review.labels):
        return False
    if any(block.get(field) for field in ("subjects", "roles", "clusterRoles")):
        raise NotEvaluatedError("it depends on who asks")
    return True


def _selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Does a selector select these labels? Keys and values of ``matchLabels`` may be patterns."""
    for key, value in mapping(mapping(selector).get("matchLabels")).items():
        if not any(fnmatchcase(str(k), str(key)) and fnmatchcase(str(v), str(value)) for k, v in labels.items()):
            return False
    return selects({"matchExpressions": mapping(selector).get("matchExpressions")}, labels)


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
    known = with_context(known_of(review), rule.get("context"))
    if "preconditions" in rule and not conditions(rule["preconditions"], known):
        return Ruling(rule=name, outcome=Outcome.SKIP)
    message = str(validate.get("message") or "")
    if (found := _by_value(name, validate, message, review.object, known)) is not None:
        return found
    if "foreach" in validate:
        return _by_loops(name, items(validate["foreach"]), message, review.object, known)
    if "podSecurity" in validate:
        return _by_standards(name, mapping(validate["podSecurity"]), review)
    if "cel" in validate:
        return _by_cel(name, mapping(validate["cel"]), review)
    raise NotEvaluatedError(f"it validates by {', '.join(sorted(map(str, validate)))}")


def _by_value(name: str, validate: Mapping[str, Any], message: str, value: Any, known: Known) -> Ruling | None:
    """Return what patterns or a denial say of a value; None where there are none."""
    if "pattern" in validate:
        return _by_patterns(name, [validate["pattern"]], message, value, known)
    if "anyPattern" in validate:
        return _by_patterns(name, items(validate["anyPattern"]), message, value, known)
    if "deny" in validate:
        written = mapping(validate["deny"]).get("conditions")
        is_denied = written is None or conditions(written, known)
        return Ruling(rule=name, outcome=Outcome.FAIL if is_denied else Outcome.PASS, why=message)
    return None


def _by_loops(name: str, loops: Sequence[Any], message: str, whole: Any, known: Known) -> Ruling:
    """Return what loops say: the first element that fails decides; without any, nothing is asked."""
    outcome = Outcome.SKIP
    for loop in map(mapping, loops):
        for element, inner in elements(loop.get("list"), known):
            own = with_context(inner, loop.get("context"))
            if "preconditions" in loop and not conditions(loop["preconditions"], own):
                continue
            # A pattern is about the element, unless the loop says that it is about the whole object.
            value = whole if loop.get("elementScope") is False else element
            found = _by_value(name, loop, message, value, own)
            if found is None and "foreach" in loop:
                found = _by_loops(name, items(loop["foreach"]), message, whole, own)
            if found is None:
                raise NotEvaluatedError(f"a loop validates by {', '.join(sorted(map(str, loop)))}")
            if found.outcome is Outcome.FAIL:
                return found
            outcome = Outcome.PASS if found.outcome is Outcome.PASS else outcome
    return Ruling(rule=name, outcome=outcome)


def _by_patterns(name: str, patterns: Sequence[Any], message: str, value: Any, known: Known) -> Ruling:
    skipped = 0
    paths = []
    for pattern in patterns:
        try:
            check(value, substituted(pattern, known))
        except Skipped:
            skipped += 1
        except Mismatch as found:
            paths.append(found.path)
        else:
            return Ruling(rule=name, outcome=Outcome.PASS)
    if skipped == len(patterns):
        return Ruling(rule=name, outcome=Outcome.SKIP)
    return Ruling(rule=name, outcome=Outcome.FAIL, why=f"{message} ({', '.join(paths)})".strip())


def _by_standards(name: str, asked: Mapping[str, Any], review: Review) -> Ruling:
    level = {each.label: each for each in Level}.get(str(asked.get("level", "")))
    if level is None or asked.get("exclude"):
        raise NotEvaluatedError("exclusions of podSecurity are not evaluated here")
    version = str(asked.get("version") or "latest")
    found = failures(pod_of(review), level, version)
    why = ", ".join(each.control.id for each in found)
    return Ruling(rule=name, outcome=Outcome.FAIL if found else Outcome.PASS, why=why)


def _by_cel(name: str, asked: Mapping[str, Any], review: Review) -> Ruling:
    if asked.get("paramKind"):
        raise NotEvaluatedError("parameters of cel rules are not evaluated here")
    source = {"validations": items(asked.get("expressions")), "variables": items(asked.get("variables"))}
    return validated(name, source, review)


def may_except(exception: Mapping[str, Any], policy: str, rule: str, review: Review) -> bool:
    """May a PolicyException let an object pass that a rule of a policy fails?

    Whether exceptions count at all is a setting of Kyverno, and the CEL of one is not looked at.
    """
    spec = mapping(exception.get("spec"))
    if any(mapping(each).get("name") == policy for each in items(spec.get("policyRefs"))):
        return True
    rules = [
        str(name)
        for each in map(mapping, items(spec.get("exceptions")))
        if each.get("policyName") == policy
        for name in items(each.get("ruleNames"))
    ]
    if not any(fnmatchcase(rule, name) for name in rules):
        return False
    try:
        return _matched(mapping(spec.get("match")), review)
    except NotEvaluatedError:
        return True
