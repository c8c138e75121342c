"""What pods and namespaces that could exist are called: by their labels, in braces, which no name holds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from netsim.ir.labels import NAME_LABEL, Labels, Selector
from netsim.ir.objects import ContainerPort, Pod


def braced(labels: Labels, otherwise: str) -> str:
    """Return labels in braces."""
    return f"{{{','.join(f'{key}={value}' for key, value in sorted(labels.items())) or otherwise}}}"


def named_spaces(selectors: Iterable[Selector]) -> set[str]:
    """Return the namespaces that some selectors over namespaces mention by name."""
    return {v for s in selectors for r in s.requirements if r.key == NAME_LABEL for v in r.values}


def space_name(labels: Labels, named: Collection[str]) -> str:
    """Return what to call a namespace that could exist: its name where rules mention it, else its labels."""
    if labels[NAME_LABEL] in named:
        return labels[NAME_LABEL]
    return braced({key: value for key, value in labels.items() if key != NAME_LABEL}, "any new namespace")


def declaring(pod: Pod, ports: Sequence[ContainerPort]) -> Pod:
    """Return a pod that could exist with these ports, which its name tells."""
    own = pod.name.partition(" with ")[0]
    written = ", ".join(f"{port.name}={port.number}/{port.protocol}" for port in ports)
    name = f"{own} with port {written}" if ports else own
    return replace(pod, name=name, ports=tuple(ports), workload=replace(pod.workload, name=name))
