"""Which workload a pod is counted under, and which templates stand for pods that the inputs do not hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from netsim.ingest.kinds.kind import Controller
from netsim.ingest.kinds.virtualmachines import VIRTUAL_MACHINES
from netsim.ingest.kinds.workloads import CONTROLLERS
from netsim.ir.objects import Pod, Workload
from netsim.ir.snapshot import Notice

#: The label by which a Deployment tells its ReplicaSets apart; their names end in its value.
_HASH_LABEL = "pod-template-hash"
_KINDS = frozenset(kind.name for kind in (*CONTROLLERS, *VIRTUAL_MACHINES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Controllers:
    """The objects that make pods, by what they are called.

    ``inputs`` is the number of the input of each, ``replaced`` the first form of those that a later input replaced.
    """

    found: Mapping[Workload, Controller]
    inputs: Mapping[Workload, int]
    replaced: Mapping[Workload, Controller]


#: A pod and the number of the input that it came from.
Numbered = tuple[Pod, int]


def resolve(pods: Iterable[Numbered], controllers: Controllers) -> tuple[list[Pod], list[Notice]]:
    """Return the pods under their workloads, and a template for each workload that has no pods.

    A template also stands for the pods of an earlier input that it no longer fits: the rollout will replace them.
    """
    placed = _under_workloads(pods, controllers.found)
    running: dict[Workload, list[Numbered]] = defaultdict(list)
    for pod, number in placed if controllers.found else ():
        if not pod.finished:
            running[pod.workload].append((pod, number))
    templates: list[Pod] = []
    outdated: set[tuple[str, str]] = set()
    notices: list[Notice] = []
    for controller in controllers.found.values():
        if controller.template is None or controller.owner in controllers.found:
            continue
        top = _top(controller.workload, controllers.found)
        if not running[top]:
            templates.append(replace(controller.template, workload=top))
        elif top == controller.workload:
            old = _outdated(controller, running[top], controllers)
            templates.extend([controller.template] if old else [])
            outdated.update((pod.namespace, pod.name) for pod in old)
            notices.extend(_notice(controller, controller.template, running[top], old))
    kept = [pod for pod, _ in placed if not outdated or (pod.namespace, pod.name) not in outdated]
    return _crowned(kept + templates, controllers.found), notices


def _crowned(pods: list[Pod], found: Mapping[Workload, Controller]) -> list[Pod]:
    """Return the pods, those of a workload that is marked as a crown jewel marked like it."""
    jewels = {_top(each.workload, found) for each in found.values() if each.template and each.template.crown_jewel}
    if not jewels:
        return pods
    return [replace(pod, crown_jewel=True) if pod.workload in jewels else pod for pod in pods]


def _outdated(controller: Controller, mine: list[Numbered], controllers: Controllers) -> list[Pod]:
    """Return the workload's pods of earlier inputs, if a later input changed what its pods are made from."""
    template, before = controller.template, controllers.replaced.get(controller.workload)
    old = [pod for pod, number in mine if number < controllers.inputs[controller.workload]]
    if template is None or not old:
        return []
    if before and before.template:
        changed = _made_from(template) != _made_from(before.template)
    else:
        changed = not all(_fits(pod, template) for pod in old)
    return old if changed else []


def _made_from(template: Pod) -> tuple[object, ...]:
    return template.labels, template.ports, template.attachments, template.host_network


def _fits(pod: Pod, template: Pod) -> bool:
    """Could the pod be made from the template? Controllers and admission add labels and sidecars, and take none."""
    return (
        template.labels.items() <= pod.labels.items()
        and set(template.ports) <= set(pod.ports)
        and {each.definition for each in template.attachments} <= {each.definition for each in pod.attachments}
        and template.host_network == pod.host_network
    )


def _notice(controller: Controller, template: Pod, mine: list[Numbered], old: list[Pod]) -> Iterator[Notice]:
    unlike = [pod for pod, _ in mine if not template.labels.items() <= pod.labels.items()]
    if old:
        count = "a pod" if len(old) == 1 else f"{len(old)} pods"
        message = f"{controller.workload} changes: its new template stands for {count} of an earlier input"
        yield Notice(message, controller.place)
    elif unlike:
        message = f"{controller.workload} is being rolled out: {unlike[0].name} lacks labels of its template"
        yield Notice(message, controller.place)


def _under_workloads(pods: Iterable[Numbered], found: Mapping[Workload, Controller]) -> list[Numbered]:
    """Return the pods under the workload at the top of their chain of owners."""
    if not found:  # nothing to climb to: a dump of pods alone
        return list(pods)
    tops: dict[tuple[Workload, str | None], Workload] = {}
    placed = []
    for pod, number in pods:
        key = (pod.workload, pod.labels.get(_HASH_LABEL))
        if key not in tops:
            tops[key] = _top(_present(*key, found), found)
        placed.append((pod if tops[key] == pod.workload else replace(pod, workload=tops[key]), number))
    return placed


def _present(owner: Workload, template_hash: str | None, found: Mapping[Workload, Controller]) -> Workload:
    """Return the owner, or, where the input does not hold it, what it must be of.

    That is the Deployment whose ReplicaSet, or the VirtualMachine whose instance, it is called like.
    """
    machine = Workload(owner.namespace, owner.name, "VirtualMachine")
    if owner.kind == "VirtualMachineInstance" and owner not in found and machine in found:
        return machine
    if owner in found or owner.kind != "ReplicaSet" or not template_hash:
        return owner
    deployment = Workload(owner.namespace, owner.name.removesuffix(f"-{template_hash}"), "Deployment")
    return deployment if deployment in found else owner


def _top(workload: Workload, found: Mapping[Workload, Controller]) -> Workload:
    """Climb from owner to owner, as far as they are of kinds that make pods; a cycle ends where it began."""
    seen = {workload}
    while (controller := found.get(workload)) and controller.owner and controller.owner.kind in _KINDS:
        if controller.owner in seen:
            break
        workload = controller.owner
        seen.add(workload)
    return workload
