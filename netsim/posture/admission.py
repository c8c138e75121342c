"""What admission policies do and do not do: evaluated on probes and on the objects of the input."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import pod_specs
from netsim.ir.admission import Action, Outcome, Review, Ruling
from netsim.ir.finding import Finding, Severity
from netsim.knowledge import checks, known_resources
from netsim.posture.faults import Fault, findings, items, mapping
from netsim.posture.matching import plural
from netsim.posture.namespaces import labels_of, namespaces_of
from netsim.posture.policies import Policy, kind_of, policies, template_of
from netsim.posture.probes import PROBE, SYSTEM, Space, hardened, probes, review_of, workload

_FEW = 4
#: How the API groups end whose objects are what admission is made of.
_OWN = ("kyverno.io", "gatekeeper.sh", "admissionregistration.k8s.io", "config.k8s.io")
_MOST_SPACES = 20
_ADMITS = frozenset({Outcome.PASS, Outcome.SKIP})
_CHANGES = "changes objects before they are judged: it is not applied, and they are judged as they are written"
_IMAGES = "verifies images: it is not evaluated, and may refuse more"
_OLD_TEMPLATES = frozenset({"v1alpha1", "v1beta1"})


@dataclass(frozen=True, kw_only=True)
class Studied:
    """A policy, and what it says of the probes.

    Attributes:
        spaces: Namespaces; the probes are in the first that the policy is about.
        objects: The requests to create the objects of the input.
    """

    policy: Policy
    spaces: Sequence[Space]
    objects: Sequence[Review]

    @cached_property
    def space(self) -> Space:
        """The namespace of the probes: the first in which it says something of one of them."""
        pods = [hardened(), *(probe.pod for probe in probes())]
        return next((each for each in self.spaces if any(self._asks(pod, each) for pod in pods)), self.spaces[0])

    def _asks(self, pod: Mapping[str, Any], space: Space) -> bool:
        return self.policy.says(review_of(pod, space)).outcome is not Outcome.SKIP

    @cached_property
    def of_hardened(self) -> Ruling:
        """What it says of the hardened pod."""
        return self.policy.says(review_of(hardened(), self.space))

    @cached_property
    def rulings(self) -> Mapping[str, Ruling]:
        """What it says of each probe, by the probe's name."""
        return {probe.name: self.policy.says(review_of(probe.pod, self.space)) for probe in probes()}

    @cached_property
    def of_objects(self) -> Sequence[tuple[str, Ruling]]:
        """What it says of each object of the input."""
        return [(_called(each), self.policy.says(each)) for each in self.objects]

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """The outcome of everything that it was asked about, by name."""
        return {"": self.of_hardened.outcome, **self.said, **{name: each.outcome for name, each in self.of_objects}}

    @cached_property
    def said(self) -> Mapping[str, Outcome]:
        """The outcome of each probe, by the probe's name."""
        return {name: ruling.outcome for name, ruling in self.rulings.items()}

    @cached_property
    def refused(self) -> frozenset[str]:
        """The dangers that it refuses in some form, though not the hardened pod: what it is about."""
        if self.of_hardened.outcome is Outcome.FAIL:
            return frozenset()
        return frozenset(each.danger for each in probes() if each.danger and self.said[each.name] is Outcome.FAIL)

    @cached_property
    def bypasses(self) -> tuple[str, ...]:
        """The probes that it lets pass, of a danger that it refuses in another form; what says nothing is not here."""
        return tuple(
            each.name
            for each in probes()
            if each.danger in self.refused and not each.unset and self.said[each.name] in _ADMITS
        )

    @cached_property
    def unset(self) -> tuple[str, ...]:
        """The probes that it lets pass though they say nothing of what it refuses."""
        return tuple(e.name for e in probes() if e.danger in self.refused and e.unset and self.said[e.name] in _ADMITS)

    @cached_property
    def false_alarms(self) -> tuple[str, ...]:
        """The probes that it refuses though they are as safe as what it admits."""
        if not self.refused:
            return ()
        return tuple(each.name for each in probes() if not each.danger and self.said[each.name] is Outcome.FAIL)

    @cached_property
    def unknown(self) -> str:
        """Why it could not be evaluated, where it could not; on some probe at least."""
        found = (self.of_hardened, *self.rulings.values())
        return next((each.why for each in found if each.outcome is Outcome.UNKNOWN), "")


def reviews(manifests: Sequence[Manifest]) -> Iterator[Review]:
    """Yield the request to create each object of the input, but for what admission itself is made of."""
    namespaces = {each.name: labels_of(each) for each in manifests if each.kind == "Namespace" and not each.group}
    known, _ = known_resources()
    for manifest in manifests:
        if not manifest.name or manifest.group.endswith(_OWN):
            continue
        space = _space_of(manifest, known)
        name = {"kubernetes.io/metadata.name": space} if space else {}
        yield Review(
            group=manifest.group,
            version=manifest.api_version.rpartition("/")[2],
            kind=manifest.kind,
            namespace=space,
            name=manifest.name,
            object=manifest.body,
            labels={**namespaces.get(space, {}), **name},
        )


def _space_of(manifest: Manifest, known: Mapping[tuple[str, str], bool]) -> str:
    """Return the namespace of a request: a namespace is in itself; a kind that nobody knows is where it says."""
    if manifest.kind == "Namespace" and not manifest.group:
        return manifest.name
    is_inside = known.get((manifest.group, plural(manifest.kind)))
    return "" if is_inside is False else manifest.namespace or ("default" if is_inside else "")


def admission(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Yield what is wrong with the admission policies of the input."""
    catalogue = checks("admission")
    found = list(policies(manifests))
    spaces = [PROBE, *_spaces(manifests)] if found else []
    objects = list(reviews(manifests)) if found else []
    studied = [Studied(policy=each, spaces=spaces, objects=objects) for each in found]
    for each in studied:
        faults = [*_of_effect(each.policy), *_of_cover(each), *_of_objects(each)]
        yield from findings(faults, each.policy.manifest, catalogue)
    for manifest in manifests:
        faults = [*_of_form(manifest), *_alone(manifest, manifests), *_not_applied(manifest)]
        yield from findings(faults, manifest, catalogue)
    if any(each.policy.engine == "Gatekeeper" for each in studied):
        first = next(each.policy.manifest for each in studied if each.policy.engine == "Gatekeeper")
        yield from findings(_of_webhook(manifests), first, catalogue)
    for fault, manifest in _contradictions(studied):
        yield from findings([fault], manifest, catalogue)


def _spaces(manifests: Sequence[Manifest]) -> list[Space]:
    """Return the namespaces of the input, the first of them where there are many."""
    found = namespaces_of(manifests, pod_specs(manifests))
    named = ((name, labels_of(each) if isinstance(each, Manifest) else {}) for name, each in sorted(found.items()))
    return [Space(name=name, labels=labels) for name, labels in islice(named, _MOST_SPACES)]


def _of_effect(policy: Policy) -> Iterator[Fault]:
    rules = [mapping(each) for each in items(mapping(policy.manifest.body.get("spec")).get("rules"))]
    if policy.manifest.group == "kyverno.io" and not any("validate" in rule for rule in rules):
        if not rules:
            yield Fault(check="admission-no-effect", message="has no effect: it has no rule")
    elif policy.action is not Action.DENY:
        message = f"refuses nothing: what fails is {'warned of' if policy.action is Action.WARN else 'reported'}"
        yield Fault(check="admission-audit-only", path=("spec",), message=message)


def _of_cover(studied: Studied) -> Iterator[Fault]:
    policy = studied.policy
    if studied.unknown:
        whole = "" if studied.of_hardened.outcome is Outcome.UNKNOWN else " on every pod"
        message = f"was not evaluated{whole}: {studied.unknown}"
        yield Fault(check="admission-not-evaluated", path=("spec",), message=message)
    if studied.bypasses:
        message = f"refuses {', '.join(sorted(studied.refused))} and lets pass: {_listed(studied.bypasses)}"
        facts = tuple((f"bypass {number}", name) for number, name in enumerate(studied.bypasses, start=1))
        yield Fault(check="admission-policy-incomplete", path=("spec",), message=message, evidence=facts)
    if studied.unset:
        yield Fault(
            check="admission-policy-unset-passes", path=("spec",), message=f"lets pass: {_listed(studied.unset)}"
        )
    if studied.false_alarms:
        message = f"refuses what is as safe as what it admits: {_listed(studied.false_alarms)}"
        yield Fault(check="admission-policy-false-positive", path=("spec",), message=message)
    if studied.refused and policy.says(workload(studied.space)).outcome is Outcome.SKIP:
        yield Fault(check="admission-policy-kinds-pod-only", path=("spec", "match"), message="is about pods alone")
    if policy.engine == "Gatekeeper" and studied.refused:
        said = [policy.says(review_of(probe.pod, SYSTEM)).outcome for probe in probes()]
        if Outcome.FAIL in said:
            yield Fault(
                check="admission-policy-no-exemptions", path=("spec", "match"), message="is about kube-system, too"
            )


def _of_objects(studied: Studied) -> Iterator[Fault]:
    failing = [name for name, ruling in studied.of_objects if ruling.outcome is Outcome.FAIL]
    if failing:
        refuses = studied.policy.action is Action.DENY
        verb = "refuses" if refuses else "would refuse, were it enforced,"
        message = f"{verb} {len(failing):,} of the input: {_listed(failing)}"
        severity = Severity.MEDIUM if refuses else None
        yield Fault(check="admission-own-examples-fail", path=("spec",), message=message, severity=severity)
    unknown = [(name, ruling.why) for name, ruling in studied.of_objects if ruling.outcome is Outcome.UNKNOWN]
    if unknown and not studied.unknown:
        named = _listed([name for name, _ in unknown])
        message = f"was not evaluated on {len(unknown):,} of the input, {named}: {unknown[0][1]}"
        yield Fault(check="admission-not-evaluated", path=("spec",), message=message)


def _called(review: Review) -> str:
    within = review.namespace if review.kind != "Namespace" else ""
    return f"{review.kind} {'/'.join(filter(None, (within, review.name)))}"


def _of_form(manifest: Manifest) -> Iterator[Fault]:
    spec = mapping(manifest.body.get("spec"))
    version = manifest.api_version.rpartition("/")[2]
    match manifest.group, manifest.kind:
        case "templates.gatekeeper.sh", "ConstraintTemplate" if version in _OLD_TEMPLATES:
            yield Fault(check="admission-template-old-api", path=("apiVersion",), message=f"is {manifest.api_version}")
        case "kyverno.io", "ClusterPolicy" | "Policy":
            message = f"is {manifest.kind} of kyverno.io, deprecated since 1.17"
            yield Fault(check="admission-deprecated-kind", path=("kind",), message=message)
            yield from _deprecated_fields(spec)
        case "admissionregistration.k8s.io", "ValidatingAdmissionPolicy" if spec.get("failurePolicy") == "Ignore":
            yield Fault(check="admission-fail-open", path=("spec", "failurePolicy"), message="is Ignore")
        case _:
            pass
    if manifest.group == "kyverno.io" and spec.get("failurePolicy") == "Ignore":
        yield Fault(check="admission-fail-open", path=("spec", "failurePolicy"), message="is Ignore")


def _deprecated_fields(spec: Mapping[str, object]) -> Iterator[Fault]:
    if "validationFailureAction" in spec:
        message = "is deprecated: use validate.failureAction of each rule"
        yield Fault(check="admission-deprecated-field", path=("spec", "validationFailureAction"), message=message)
    for number, rule in enumerate(items(spec.get("rules"))):
        for field in ("match", "exclude"):
            if "resources" in mapping(mapping(rule).get(field)):
                path = ("spec", "rules", number, field, "resources")
                message = f"is deprecated: use {field}.any or {field}.all"
                yield Fault(check="admission-deprecated-field", path=path, message=message)


def _alone(manifest: Manifest, manifests: Sequence[Manifest]) -> Iterator[Fault]:
    """Yield that an object does nothing because another one is not there."""
    lacking = ""
    if manifest.group == "constraints.gatekeeper.sh" and template_of(manifest, manifests) is None:
        lacking = f"no ConstraintTemplate of the input declares {manifest.kind}"
    elif manifest.kind == "ConstraintTemplate" and not any(each.kind == kind_of(manifest) for each in manifests):
        lacking = f"the input has no constraint of the kind {kind_of(manifest)}"
    elif manifest.kind == "ValidatingAdmissionPolicy":
        bound = [each for each in manifests if each.kind == "ValidatingAdmissionPolicyBinding"]
        if not any(mapping(each.body.get("spec")).get("policyName") == manifest.name for each in bound):
            lacking = "no ValidatingAdmissionPolicyBinding of the input names it"
    elif manifest.kind == "ValidatingAdmissionPolicyBinding":
        name = mapping(manifest.body.get("spec")).get("policyName")
        actions = items(mapping(manifest.body.get("spec")).get("validationActions"))
        if not any(each.kind == "ValidatingAdmissionPolicy" and each.name == name for each in manifests):
            lacking = f"the input has no ValidatingAdmissionPolicy {name}"
        elif {"Deny", "Warn"} <= set(map(str, actions)):
            lacking = "the API server refuses Deny and Warn together"
    if lacking:
        yield Fault(check="admission-no-effect", message=f"has no effect: {lacking}")


#: What changes objects before they are judged, or looks at more than them, by API group and kind.
_NOT_APPLIED: Mapping[tuple[str, str], str] = {
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"): _CHANGES,
    ("policies.kyverno.io", "MutatingPolicy"): _CHANGES,
    ("policies.kyverno.io", "NamespacedMutatingPolicy"): _CHANGES,
    ("policies.kyverno.io", "ImageValidatingPolicy"): _IMAGES,
    ("policies.kyverno.io", "NamespacedImageValidatingPolicy"): _IMAGES,
    **{
        ("mutations.gatekeeper.sh", kind): _CHANGES for kind in ("Assign", "AssignImage", "AssignMetadata", "ModifySet")
    },
    ("expansion.gatekeeper.sh", "ExpansionTemplate"): "makes objects that are not judged here",
}


def _not_applied(manifest: Manifest) -> Iterator[Fault]:
    """Yield that an object of admission, or a rule of one, is not evaluated."""
    check = "admission-not-evaluated"
    if told := _NOT_APPLIED.get((manifest.group, manifest.kind)):
        yield Fault(check=check, path=("spec",), message=told)
    elif manifest.group == "kyverno.io" and manifest.kind in ("ClusterPolicy", "Policy"):
        for number, rule in enumerate(map(mapping, items(mapping(manifest.body.get("spec")).get("rules")))):
            for field, told in (("mutate", _CHANGES), ("verifyImages", _IMAGES)):
                if field in rule:
                    yield Fault(check=check, path=("spec", "rules", number, field), message=told)
    elif manifest.kind == "PolicyException":
        message = "is not evaluated: what it may exempt counts neither as refused nor as admitted"
        yield Fault(check=check, path=("spec",), message=message)


def _of_webhook(manifests: Sequence[Manifest]) -> Iterator[Fault]:
    hooks = [
        mapping(hook)
        for each in manifests
        if each.kind == "ValidatingWebhookConfiguration" and "gatekeeper" in each.name
        for hook in items(each.body.get("webhooks"))
        if str(mapping(hook).get("name", "")).startswith("validation.gatekeeper.sh")
    ]
    if not any(hook.get("failurePolicy", "Fail") == "Fail" for hook in hooks):
        told = "is Ignore" if hooks else "is not in the input, and is Ignore in a default installation"
        yield Fault(check="admission-fail-open-default", message=f"failurePolicy of Gatekeeper's webhook {told}")


def _contradictions(studied: Sequence[Studied]) -> Iterator[tuple[Fault, Manifest]]:
    """Yield two policies about one danger that disagree on objects of the input, or that nothing passes."""
    for number, one in enumerate(studied):
        for other in studied[number + 1 :]:
            if _exclude(one, other):
                message = f"admits no pod that {other.policy.subject} admits: none of those that were tried passes both"
                yield Fault(check="policies-contradict", message=message), one.policy.manifest
            shared = one.refused & other.refused
            apart = [name for name, _ in one.of_objects if shared and _differ(one, other, name)]
            if apart:
                told = f"disagrees with {other.policy.subject} about {', '.join(sorted(shared))} on {_listed(apart)}"
                yield Fault(check="policies-contradict", message=told), one.policy.manifest


def _exclude(one: Studied, other: Studied) -> bool:
    """Does nothing that was tried pass two policies that are enforced, of which each admits something?"""
    if one.policy.action is not Action.DENY or other.policy.action is not Action.DENY or one.space != other.space:
        return False
    pairs = [(one.outcomes[name], other.outcomes[name]) for name in one.outcomes]
    asked = [pair for pair in pairs if set(pair) != {Outcome.SKIP}]
    if any(Outcome.UNKNOWN in pair for pair in asked) or any(set(pair) <= _ADMITS for pair in asked):
        return False
    return all(any(pair[side] in _ADMITS for pair in asked) for side in (0, 1))


def _differ(one: Studied, other: Studied, name: str) -> bool:
    return {one.outcomes[name], other.outcomes[name]} == {Outcome.PASS, Outcome.FAIL}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")


def refused_by(manifests: Sequence[Manifest], review: Review) -> tuple[str, ...]:
    """Return the policies of the input that refuse a request: what is refused cannot be made."""
    return tuple(each.subject for each in policies(manifests) if each.refuses(review).outcome is Outcome.FAIL)
