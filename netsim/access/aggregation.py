"""What each role grants: its own rules, or those of the ClusterRoles that it aggregates."""

from collections.abc import Iterable, Mapping, Sequence

from netsim.access.rules import Mask
from netsim.ir.access import Role
from netsim.ir.labels import Labels, Operator, Requirement, Selector


def held(roles: Sequence[Role], own: Mapping[str, Mask]) -> dict[str, Mask]:
    """Return the rules of each ClusterRole after the controller has run, by name.

    The controller replaces the rules of an aggregated role by the union of those of the roles that it selects, and
    runs until nothing changes. One that a server wrote holds that union already; what is new in the input is added.

    Args:
        own: The rules that are written in each ClusterRole.
    """
    found = {role.name: 0 if _is_made(role) else own[role.name] for role in roles}
    parts = {role.name: _parts(role, roles) for role in roles if role.aggregates is not None}
    changed = True
    while changed:
        changed = False
        for name, names in parts.items():
            union = found[name]
            for part in names:
                union |= found[part]
            changed |= union != found[name]
            found[name] = union
    return found


def _is_made(role: Role) -> bool:
    """Are the role's rules yet to be made of those of others?"""
    return role.aggregates is not None and not role.served


def _parts(role: Role, roles: Sequence[Role]) -> tuple[str, ...]:
    selectors = role.aggregates or ()
    # What a server wrote it has aggregated already; a dump may hold a part of what it did.
    return tuple(
        other.name
        for other in roles
        if other.name != role.name
        and not (role.served and (other.served or other.shipped))
        and any(selects(each, other.labels) for each in selectors)
    )


def selectors_of(roles: Iterable[Role]) -> tuple[Selector, ...]:
    """Return every selector by which some role aggregates others."""
    return tuple(selector for role in roles for selector in role.aggregates or ())


def is_aggregated(role: Role, selectors: Iterable[Selector]) -> bool:
    """Does a ClusterRole stand in for a part of another: one that some selector selects, or that Kubernetes ships?"""
    # Kubernetes' own selectors stand in no input: its labels say that they aggregate.
    labelled = any(key.startswith("rbac.authorization.k8s.io/aggregate-to-") for key in role.labels)
    return not role.namespace and (labelled or any(selects(selector, role.labels) for selector in selectors))


def selects(selector: Selector, labels: Labels) -> bool:
    """Return whether labels match a selector: all of its requirements."""
    return all(_holds(each, labels.get(each.key)) for each in selector.requirements)


def _holds(requirement: Requirement, value: str | None) -> bool:
    match requirement.operator:
        case Operator.IN:
            return value in requirement.values
        case Operator.NOT_IN:
            return value not in requirement.values
        case Operator.EXISTS:
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None
