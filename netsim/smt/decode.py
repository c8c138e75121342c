"""From the solver's choices to a concrete flow, and from there through the definition."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from netsim.errors import InternalError
from netsim.ir import verdict
from netsim.ir.labels import NAME_LABEL, Labels
from netsim.ir.objects import Address, ContainerPort, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Policy
from netsim.ir.profile import Profile
from netsim.ir.proof import Witness
from netsim.ir.snapshot import Snapshot
from netsim.smt.encode import Flow
from netsim.smt.endpoints import AnyAddress, AnyPod, Endpoint, OneOf, address_of
from netsim.smt.solve import Model
from netsim.smt.terms import Term
from netsim.spec.judge import judge


def witness(flow: Flow, model: Model) -> Witness:
    """Return the flow that the solver chose."""
    spaces: list[Namespace] = []
    source = _endpoint(flow.source, "a-pod", model, spaces)
    destination = _endpoint(flow.destination, "another-pod", model, spaces)
    protocol = next(protocol for protocol, term in flow.protocols.items() if model.holds(term))
    chosen = verdict.Flow(
        source=source, destination=destination, protocol=protocol, port=model.value(flow.port), family=flow.family
    )
    return Witness(flow=chosen, namespaces=tuple(spaces))


def _endpoint(endpoint: Endpoint, name: str, model: Model, spaces: list[Namespace]) -> Pod | Address:
    match endpoint:
        case OneOf():
            return next(pod for pod, term in endpoint.choices if model.holds(term))
        case AnyAddress():
            return address_of(model.value(endpoint.value), endpoint.family)
        case AnyPod():
            return _pod(endpoint, name, model, spaces)
    raise InternalError(f"nothing is known of a {type(endpoint).__name__}")


def _pod(endpoint: AnyPod, name: str, model: Model, spaces: list[Namespace]) -> Pod:
    namespace = next((each for each, term in endpoint.spaces.items() if model.holds(term)), None)
    if namespace is None:
        labels = dict(_labels(endpoint.space_labels, model))
        taken = {*endpoint.existing, *(value for value in endpoint.space_labels.get(NAME_LABEL, ()) if value)}
        if labels.get(NAME_LABEL) not in taken:
            labels[NAME_LABEL] = _fresh(taken, f"namespace-of-{name}")
        namespace = labels[NAME_LABEL]
        spaces.append(Namespace(name=namespace, labels=labels, declared=False, place=NOWHERE))
    ports = tuple(
        ContainerPort(name=port, protocol=protocol, number=model.value(number))
        for (port, protocol), (there, number) in endpoint.ports.items()
        if model.holds(there)
    )
    address = () if endpoint.address is None else (address_of(model.value(endpoint.address), endpoint.family),)
    return Pod(
        namespace=namespace,
        name=name,
        labels=_labels(endpoint.labels, model),
        workload=Workload(namespace, name, "ReplicaSet"),
        ports=ports,
        addresses=address,
        place=NOWHERE,
    )


def _labels(labels: Mapping[str, Mapping[str | None, Term]], model: Model) -> Labels:
    found: dict[str, str] = {}
    for key, choices in labels.items():
        for value, term in choices.items():
            if model.holds(term):
                found[key] = _fresh(choices, "other") if value is None else value
    return found


def _fresh(taken: Container[str | None], value: str) -> str:
    """Return a value that is none of those taken."""
    while value in taken:
        value += "-other"
    return value


def replayed(found: Witness, snapshot: Snapshot, profile: Profile, *, policies: Sequence[Policy]) -> verdict.Verdict:
    """Return what the definition says of a witness."""
    spaces = {**snapshot.namespaces, **{space.name: space for space in found.namespaces}}
    return judge(replace(snapshot, namespaces=spaces, policies=tuple(policies)), profile, found.flow)
