"""Workloads and pods by their whole names, looked up at once."""

from netsim.ir.objects import Pod
from netsim.lower.program import Program


def exact(program: Program) -> dict[str, tuple[int, ...]]:
    """Return what each ``namespace/name`` and ``namespace/name[Kind]`` means, as far as it means one thing alone."""
    whole: dict[str, list[int]] = {}
    short: dict[str, dict[str, list[int]]] = {}
    pods: dict[str, list[int]] = {}
    for number, endpoint in enumerate(program.endpoints):
        if isinstance(endpoint, Pod):
            key = str(endpoint.workload)
            whole.setdefault(key, []).append(number)
            short.setdefault(key.partition("[")[0], {}).setdefault(key, []).append(number)
            if not endpoint.template:
                pods.setdefault(str(endpoint), []).append(number)
    found = {key: tuple(numbers) for key, numbers in whole.items()}
    found |= {name: tuple(next(iter(own.values()))) for name, own in short.items() if len(own) == 1}
    # A pod goes before a workload of its name; one name of several things is for who can complain.
    for name, numbers in pods.items():
        if len(numbers) == 1:
            found[name] = tuple(numbers)
        else:
            found.pop(name, None)
        if name in short and set(numbers) != {n for own in short[name].values() for n in own}:
            found.pop(f"{name}[Pod]", None)
    return found
