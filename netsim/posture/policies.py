"""Every admission policy of the input as one thing: what it says of an object, and what is done with what fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ir.admission import Action, NotEvaluatedError, Outcome, Review, Ruling
from netsim.posture import kyverno
from netsim.posture.expressions import validated
from netsim.posture.faults import items, mapping, subject
from netsim.posture.kyverno import CONTROLLERS
from netsim.posture.matching import constrained, gatekeeper_matches, in_namespaces, labels_of, request_of, selects
from netsim.posture.rego import modern, violations

_ANY_OBJECT = "anyObject"
_Judge = Callable[[Review], Iterable[Ruling]]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy: a Kyverno policy, a constraint with its template, a ValidatingAdmissionPolicy with a binding.

    Attributes:
        manifest: What users know it by: the constraint, not the template.
        action: The gravest thing that is done with what fails.
        judge: Says what each of its rules makes of an object.
        engine: ``Kyverno``, ``Gatekeeper`` or ``Kubernetes``.
        parts: The objects that it is made of beside its own.
    """

    manifest: Manifest
    action: Action
    judge: _Judge
    engine: str
    parts: tuple[Manifest, ...] = ()

    @property
    def subject(self) -> str:
        """The policy as findings name it."""
        return subject(self.manifest)

    def says(self, review: Review) -> Ruling:
        """Return what the policy as a whole says: the worst that a rule says, and what is unknown is no pass."""
        return _worst(self.judge(review))

    def refuses(self, review: Review) -> Ruling:
        """Return what the rules say that are enforced, as ``says`` does of all: what fails is not created."""
        return _worst(each for each in self.judge(review) if (each.action or self.action) is Action.DENY)


def _worst(found: Iterable[Ruling]) -> Ruling:
    said = list(found)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
        if first := next((each for each in said if each.outcome is outcome), None):
            return first
    return Ruling(rule="", outcome=Outcome.SKIP)


def policies(manifests: Sequence[Manifest]) -> Iterator[Policy]:
    """Yield every policy of the input that can have an effect."""
    for manifest in manifests:
        match manifest.group, manifest.kind:
            case "kyverno.io", "ClusterPolicy" | "Policy":
                yield _of_kyverno(manifest, manifests)
            case "policies.kyverno.io", "ValidatingPolicy" | "NamespacedValidatingPolicy":
                yield _of_validating_policy(manifest, manifests)
            case "constraints.gatekeeper.sh", _:
                if (template := template_of(manifest, manifests)) is not None:
                    yield _of_constraint(manifest, template, exempt_namespaces(manifests))
            case "admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding":
                name = mapping(manifest.body.get("spec")).get("policyName")
                own = [each for each in manifests if each.kind == "ValidatingAdmissionPolicy" and each.name == name]
                if own:
                    yield _of_binding(manifest, own[0], manifests)
            case _:
                pass


def _of_kyverno(manifest: Manifest, manifests: Sequence[Manifest]) -> Policy:
    body = manifest.body
    spec = mapping(body.get("spec"))
    rules = [mapping(each) for each in items(spec.get("rules")) if "validate" in mapping(each)]
    actions = [action for rule in rules for action in kyverno.actions_of(spec, rule)]
    namespace = (manifest.namespace or "default") if manifest.kind == "Policy" else ""
    return Policy(
        manifest=manifest,
        action=Action.DENY if Action.DENY in actions else Action.AUDIT,
        judge=_except(lambda review: kyverno.rulings(body, namespace, review), manifest, manifests),
        engine="Kyverno",
    )


def _actions(listed: Any, default: Action) -> Action:
    said = [str(each).lower() for each in items(listed)]
    return next((each for each in Action if each.value in said), default)


def _of_validating_policy(manifest: Manifest, manifests: Sequence[Manifest]) -> Policy:
    spec = mapping(manifest.body.get("spec"))

    def judge(review: Review) -> Iterator[Ruling]:
        if manifest.kind.startswith("Namespaced") and review.namespace != manifest.namespace:
            return
        for name, target in _with_templates(manifest.name, spec, review):
            if constrained(mapping(spec.get("matchConstraints")), target):
                yield validated(name, spec, target)

    at_admission = mapping(mapping(spec.get("evaluation")).get("admission")).get("enabled") is not False
    # Kyverno audits unless told otherwise.
    action = _actions(spec.get("validationActions"), Action.AUDIT) if at_admission else Action.AUDIT
    return Policy(manifest=manifest, action=action, judge=_except(judge, manifest, manifests), engine="Kyverno")


def _with_templates(name: str, spec: Mapping[str, Any], review: Review) -> Iterator[tuple[str, Review]]:
    """Yield an object, and the pod of its template where the policy is made over for controllers of pods."""
    yield name, review
    chosen = mapping(mapping(spec.get("autogen")).get("podControllers")).get("controllers")
    if review.kind not in (*CONTROLLERS, "CronJob") or (chosen is not None and review.kind.lower() + "s" not in chosen):
        return
    yield f"autogen-{name}", replace(review, group="", version="v1", kind="Pod", object=kyverno.pod_of(review))


def exceptions_of(policy: Manifest, manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return the PolicyExceptions of the input that name a policy of Kyverno."""
    return [each for each in manifests if each.kind == "PolicyException" and _called(policy) in _excepted(each)]


def _called(policy: Manifest) -> str:
    return f"{policy.namespace}/{policy.name}" if policy.kind == "Policy" else policy.name


def _excepted(exception: Manifest) -> set[str]:
    spec = mapping(exception.body.get("spec"))
    by_name = {str(mapping(each).get("policyName")) for each in items(spec.get("exceptions"))}
    return by_name | {str(mapping(each).get("name")) for each in items(spec.get("policyRefs"))}


def _except(judge: _Judge, policy: Manifest, manifests: Iterable[Manifest]) -> _Judge:
    """Return a judge that does not know what an exception may let pass."""
    own = exceptions_of(policy, manifests)

    def judged(review: Review) -> Iterator[Ruling]:
        for ruling in judge(review):
            by = [each for each in own if kyverno.may_except(each.body, _called(policy), ruling.rule, review)]
            if by and ruling.outcome is Outcome.FAIL:
                yield replace(ruling, outcome=Outcome.UNKNOWN, why=f"{subject(by[0])} may exempt it")
            else:
                yield ruling

    return judged


def template_of(constraint: Manifest, manifests: Iterable[Manifest]) -> Manifest | None:
    """Return the template of a Gatekeeper constraint: the one that declares its kind."""
    for each in manifests:
        if each.kind == "ConstraintTemplate" and kind_of(each) == constraint.kind:
            return each
    return None


def kind_of(template: Manifest) -> str:
    """Return the kind of constraint that a template declares."""
    crd = mapping(mapping(mapping(template.body.get("spec")).get("crd")).get("spec"))
    return str(mapping(crd.get("names")).get("kind") or "")


def exempt_namespaces(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """Return what Gatekeeper's Config excludes from its webhook, whatever the constraint: globs."""
    return tuple(
        str(name)
        for each in manifests
        if (each.group, each.kind) == ("config.gatekeeper.sh", "Config")
        for match in map(mapping, items(mapping(each.body.get("spec")).get("match")))
        if _WEBHOOK_PROCESSES & set(map(str, items(match.get("processes"))))
        for name in items(match.get("excludedNamespaces"))
    )


_WEBHOOK_PROCESSES = frozenset({"*", "webhook"})


def _of_constraint(constraint: Manifest, template: Manifest, exempt: Sequence[str]) -> Policy:
    spec = mapping(constraint.body.get("spec"))
    action = _enforced(spec)
    targets = [mapping(each) for each in items(mapping(template.body.get("spec")).get("targets"))]

    def judge(review: Review) -> Iterator[Ruling]:
        try:
            if in_namespaces(review, exempt) or not gatekeeper_matches(mapping(spec.get("match")), review):
                return
            for target in targets:
                yield _by_target(constraint.name, target, mapping(spec.get("parameters")), review)
        except NotEvaluatedError as error:
            yield Ruling(rule=constraint.name, outcome=Outcome.UNKNOWN, why=str(error))

    return Policy(manifest=constraint, action=action, judge=judge, engine="Gatekeeper", parts=(template,))


_ENFORCED = {"deny": Action.DENY, "warn": Action.WARN, "dryrun": Action.AUDIT}
_WEBHOOK = frozenset({"validation.gatekeeper.sh", "*"})


def _enforced(spec: Mapping[str, Any]) -> Action:
    """Return what a constraint does with what fails in requests; an action that is unknown is none that refuses."""
    said = str(spec.get("enforcementAction") or "deny").lower()
    if said != "scoped":
        return _ENFORCED.get(said, Action.AUDIT)
    scoped = [
        _ENFORCED.get(str(each.get("action")).lower(), Action.AUDIT)
        for each in map(mapping, items(spec.get("scopedEnforcementActions")))
        if any(mapping(point).get("name") in _WEBHOOK for point in items(each.get("enforcementPoints")))
    ]
    return next((each for each in Action if each in scoped), Action.AUDIT)


def _by_target(name: str, target: Mapping[str, Any], parameters: Mapping[str, Any], review: Review) -> Ruling:
    codes = {mapping(each).get("engine"): mapping(mapping(each).get("source")) for each in items(target.get("code"))}
    if "K8sNativeValidation" in codes:
        # As Gatekeeper does: of both engines, the native one decides.
        variables = {"params": dict(parameters), _ANY_OBJECT: review.object}
        return validated(name, codes["K8sNativeValidation"], review, variables=variables)
    source = codes.get("Rego", target)
    modules = [str(source.get("rego") or ""), *map(str, items(source.get("libs")))]
    request = {**request_of(review), "object": review.object, "oldObject": None}
    if source.get("version") == "v1":
        modules = [modern(each) for each in modules]
    found = violations(modules, {"review": request, "parameters": parameters})
    why = "; ".join(str(each.get("msg", "")) for each in found)
    return Ruling(rule=name, outcome=Outcome.FAIL if found else Outcome.PASS, why=why)


def _of_binding(binding: Manifest, policy: Manifest, manifests: Sequence[Manifest]) -> Policy:
    spec, bound = mapping(policy.body.get("spec")), mapping(binding.body.get("spec"))

    def judge(review: Review) -> Iterator[Ruling]:
        try:
            if not constrained(mapping(spec.get("matchConstraints")), review):
                return
            if not constrained(mapping(bound.get("matchResources")), review):
                return
            for params in _params(spec, bound, review, manifests):
                yield validated(policy.name, spec, review, params=params)
        except NotEvaluatedError as error:
            yield Ruling(rule=policy.name, outcome=Outcome.UNKNOWN, why=str(error))

    return Policy(
        manifest=policy,
        action=_actions(bound.get("validationActions"), Action.AUDIT),
        judge=judge,
        engine="Kubernetes",
        parts=(binding,),
    )


def _params(
    spec: Mapping[str, Any], bound: Mapping[str, Any], review: Review, manifests: Sequence[Manifest]
) -> Iterator[Mapping[str, Any] | None]:
    kind = mapping(spec.get("paramKind")).get("kind")
    if not kind:
        yield None
        return
    reference = mapping(bound.get("paramRef"))
    namespace = reference.get("namespace") or review.namespace
    found = [
        each.body
        for each in manifests
        if each.kind == kind and each.namespace in ("", namespace) and _is_referred(each, reference)
    ]
    if not found:
        raise NotEvaluatedError(f"the input holds no {kind} {reference.get('name') or 'that the selector selects'}")
    yield from found


def _is_referred(manifest: Manifest, reference: Mapping[str, Any]) -> bool:
    if reference.get("name"):
        return bool(manifest.name == reference["name"])
    return "selector" in reference and selects(reference["selector"], labels_of(manifest.body))
