"""What a person means by a resource: its API group, where none is named, and what to doubt about the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from netsim.errors import UsageError
from netsim.ir.access import Request
from netsim.knowledge import known_resources

#: Verbs that ask for a role or a name as such; a namespace is then that of the binding.
_VIRTUAL = frozenset({"bind", "escalate", "impersonate", "approve", "sign", "use", "*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A request with its group, and what is odd about it."""

    request: Request
    warnings: tuple[str, ...] = ()


def meant(request: Request, *, grouped: bool) -> Meant:
    """Return a request for a resource as a person means it.

    Args:
        grouped: Whether the group is the person's own word.

    Raises:
        UsageError: Several groups have such a resource.
    """
    known, below = known_resources()
    groups = [group for group, plural in known if plural == request.resource]
    if not grouped and len(groups) > 1:
        forms = ", ".join(f"{request.resource}.{group}" for group in groups)
        raise UsageError(f"several API groups have `{request.resource}`", hint=f"write one of {forms}")
    found = request if grouped or not groups else replace(request, group=groups[0])
    return Meant(request=found, warnings=tuple(_odd(found, known, below)))


def _odd(request: Request, known: Mapping[tuple[str, str], bool], below: frozenset[str]) -> Iterator[str]:
    """Yield what makes one doubt that a request is what its author means."""
    shown = ".".join(filter(None, (request.resource, request.group)))
    namespaced = known.get((request.group, request.resource))
    if namespaced is None and not request.group and request.resource != "*":
        yield f"no resource `{shown}` is known: write it as rules do, `pods` or `widgets.example.com`"
    if namespaced is not None and request.subresource and request.subresource not in below | {"*"}:
        yield f"`{request.subresource}` was taken for a subresource of {shown}; an object's name is --name"
    if namespaced is False and request.namespace and request.verb not in _VIRTUAL and request.resource != "namespaces":
        yield f"{shown} are in no namespace: no request for them is one in {request.namespace}"
