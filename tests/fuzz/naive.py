"""A second reading of plain objects, as short as can be: who may connect to whom under NetworkPolicies.

It knows nothing of our readers and types, and asks nothing of an object but that it is valid; pods have no addresses.
"""

from typing import Any

Object = dict[str, Any]


def pods(objects: list[Object]) -> list[Object]:
    """Return the pods that are on the pod network."""
    own = [each for each in objects if each["kind"] == "Pod"]
    return [pod for pod in own if not pod["spec"].get("hostNetwork") and _name(pod)]


def peer(pod: Object) -> str:
    """Return what a user calls a pod."""
    return f"{_namespace(pod)}/{_name(pod)}"


def allows(objects: list[Object], source: Object, destination: Object, protocol: str, port: int) -> bool:
    """Return whether policies let the one pod connect to the other."""
    policies = [each for each in objects if each["kind"] == "NetworkPolicy"]
    ways = (("Ingress", "ingress", "from", destination, source), ("Egress", "egress", "to", source, destination))
    for kind, field, peers, subject, other in ways:
        mine = [p for p in policies if _selects_pod(p, subject) and kind in _types(p.get("spec") or {})]
        rules = [rule or {} for policy in mine for rule in ((policy.get("spec") or {}).get(field) or ())]
        if mine and not any(
            _is_peer(objects, rule.get(peers), other, _namespace(subject))
            and _is_port(rule.get("ports"), destination, protocol, port)
            for rule in rules
        ):
            return False
    return True


def _types(spec: Object) -> list[str]:
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _selects_pod(policy: Object, pod: Object) -> bool:
    return _namespace(policy) == _namespace(pod) and _selects(
        (policy.get("spec") or {}).get("podSelector"), _labels(pod)
    )


def _is_peer(objects: list[Object], peers: Any, pod: Object, own: str) -> bool:
    return not peers or any(_is(objects, each, pod, own) for each in peers)


def _is(objects: list[Object], each: Object, pod: Object, own: str) -> bool:
    if each.get("ipBlock") is not None:
        return False
    there = _namespace(pod)
    if each.get("namespaceSelector") is None:
        return there == own and _selects(each["podSelector"], _labels(pod))
    return _selects(each["namespaceSelector"], _labels_of_namespace(objects, there)) and _selects(
        each.get("podSelector"), _labels(pod)
    )


def _is_port(ports: Any, destination: Object, protocol: str, port: int) -> bool:
    return not ports or any(_fits(each or {}, destination, protocol, port) for each in ports)


def _fits(written: Object, destination: Object, protocol: str, port: int) -> bool:
    if (written.get("protocol") or "TCP") != protocol:
        return False
    match written.get("port"):
        case None:
            return True
        case str() as name:
            return (name, protocol, port) in _ports(destination)
        case number:
            end = written.get("endPort")
            return number <= port <= (number if end is None else end)


def _ports(pod: Object) -> set[tuple[str, str, int]]:
    containers = [each for each in pod["spec"]["containers"] if each]
    return {
        (port.get("name"), port.get("protocol") or "TCP", port["containerPort"])
        for container in containers
        for port in container.get("ports") or ()
    }


def _selects(selector: Any, labels: dict[str, str]) -> bool:
    equal = ((selector or {}).get("matchLabels") or {}).items()
    terms = (selector or {}).get("matchExpressions") or ()
    return all(labels.get(key) == (value or "") for key, value in equal) and all(_holds(t, labels) for t in terms)


def _holds(term: Object, labels: dict[str, str]) -> bool:
    value, values = labels.get(term["key"]), [each or "" for each in term.get("values") or ()]
    match term["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _labels_of_namespace(objects: list[Object], name: str) -> dict[str, str]:
    own = [_labels(each) for each in objects if each["kind"] == "Namespace" and _name(each) == name]
    return {**(own[-1] if own else {}), "kubernetes.io/metadata.name": name}


def _labels(each: Object) -> dict[str, str]:
    return {key: value or "" for key, value in (each["metadata"].get("labels") or {}).items()}


def _name(each: Object) -> str:
    return each["metadata"].get("name") or ""


def _namespace(each: Object) -> str:
    return each["metadata"].get("namespace") or "default"
