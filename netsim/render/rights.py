"""Who may ask the API server for what, in words."""

from collections.abc import Iterable, Iterator

from netsim.access.near import NearMiss, Part
from netsim.ir.access import Authority, Binding, Grant, Request, Rule
from netsim.queries.rights import Allowed, Holders, Permissions
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where

#: Of rules that nearly allow a request, this many are told.
MOST_NEAR = 5


def decision(answer: Allowed, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the decision, then each grant that allows it, or the rules that nearly do."""
    word = paint("allowed", palette.good) if answer.allowed else paint("denied", palette.bad)
    groups = f" (in {', '.join(answer.groups)})" if answer.groups else ""
    yield f"{word}: {safe(answer.subject)}{safe(groups)} {asked(answer.request)}\n"
    if answer.by is Authority.MASTERS:
        yield "\nsystem:masters is allowed everything, whatever roles and bindings say\n"
    elif answer.by is Authority.NODE:
        yield "\nthe node authorizer allows it: it is of this node or of its pods, or what every node may ask for\n"
    elif not answer.allowed:
        yield "\n" if answer.near else "\nno rule that it holds comes near\n"
    for grant in answer.grants:
        yield "\n"
        yield from _proof(grant, palette)
    yield from _near(answer.near)


def holders(answer: Holders, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield everybody who may make a request, each with the bindings that let it."""
    found = counted(len(answer), "subject") if len(answer) else "nobody"
    yield f"{paint(found, palette.head)} may {asked(answer.request)}\n"
    for subject, grants in zip(answer.subjects, answer.grants, strict=True):
        yield f"\n{paint(safe(subject), palette.good)}\n"
        if not grants:
            yield "  system:masters is allowed everything\n"
        yield from (f"  {line}\n" for line in dict.fromkeys(line(grant) for grant in grants))


def permissions(answer: Permissions, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield every rule that a subject holds, by the namespace that it holds in."""
    head = counted(len(answer), "rule") if len(answer) else "no rule"
    yield f"{paint(safe(answer.subject), palette.head)}: {head}\n"
    if answer.everything:
        yield "\nsystem:masters is allowed everything, whatever roles and bindings say\n"
    namespace: str | None = None
    for grant in answer.grants:
        if grant.binding.namespace != namespace:
            namespace = grant.binding.namespace
            yield f"\n{paint(f'in namespace {safe(namespace)}' if namespace else 'cluster-wide', palette.head)}\n"
        yield f"  {rule(grant.rule)}\n    {line(grant)}\n"
        if namespace and grant.rule.urls:
            yield "    grants nothing: a RoleBinding grants no URLs\n"


def asked(request: Request) -> str:
    """Return a request in words: ``get secrets "db" in namespace shop``, ``get /healthz``."""
    if request.path:
        return safe(f"{request.verb} {request.path}")
    resource = ".".join(filter(None, (request.resource, request.group)))
    what = "/".join(filter(None, (resource, request.subresource)))
    named = f' "{request.name}"' if request.name else ""
    scope = f" in namespace {request.namespace}" if request.namespace else ", cluster-wide"
    return safe(f"{request.verb} {what}{named}{scope}")


def rule(held: Rule) -> str:
    """Return what a rule grants in words: ``get, list: pods, pods/log``, ``get: deployments in apps``."""
    verbs = ", ".join(held.verbs)
    if held.urls:
        return safe(f"{verbs}: {' '.join(held.urls)}")
    groups = ", ".join(group or "core" for group in held.groups)
    within = "" if held.groups == ("",) else f" in {groups}"
    names = f" named {', '.join(name or '(none)' for name in held.names)}" if held.names else ""
    return safe(f"{verbs}: {', '.join(held.resources)}{within}{names}")


def _proof(grant: Grant, palette: Palette) -> Iterator[str]:
    yield f"{_object(str(grant.binding), palette)} ({where(grant.binding.place)}) names {safe(str(grant.subject))}\n"
    yield f"  {safe(str(grant.role))} ({where(grant.role.place)})\n"
    through = "" if grant.origin == grant.role else f" of {safe(str(grant.origin))}, which it aggregates,"
    yield f"  rules[{grant.rule.index}]{through} ({where(grant.rule.place)}): {rule(grant.rule)}\n"


def _object(text: str, palette: Palette) -> str:
    return paint(safe(text), palette.head)


def line(grant: Grant) -> str:
    """Return a grant in one line: ``ClusterRoleBinding a (f:3) -> ClusterRole b rules[0] (f:9)``."""
    binding = f"{safe(str(grant.binding))} ({where(grant.binding.place)})"
    through = "" if grant.origin == grant.role else f" aggregating {safe(str(grant.origin))}"
    role = f"{safe(str(grant.role))}{through} rules[{grant.rule.index}] ({where(grant.rule.place)})"
    return f"{binding} -> {role}"


def _near(misses: tuple[NearMiss, ...]) -> Iterator[str]:
    """Yield the rules that nearly allow a request, each with the part that it does not match."""
    for miss in misses[:MOST_NEAR]:
        held = miss.grant
        yield f"{safe(str(held.role))} rules[{held.rule.index}] ({where(held.rule.place)}) {_why(miss)}\n"
        yield f"  bound by {safe(str(held.binding))} ({where(held.binding.place)})\n"
    if len(misses) > MOST_NEAR:
        yield f"... and {counted(len(misses) - MOST_NEAR, 'rule')} more that only one thing keeps from it\n"


def _why(miss: NearMiss) -> str:
    held, binding = miss.grant.rule, miss.grant.binding
    match miss.part:
        case Part.VERB:
            return f"has no such verb: {_listed(held.verbs)}"
        case Part.GROUP:
            return f"is about other API groups: {_listed(group or 'core' for group in held.groups)}"
        case Part.RESOURCE:
            return f"is about other resources: {_listed(held.resources)}"
        case Part.NAME:
            return f"is about other names: {_listed(name or '(none)' for name in held.names)}"
        case Part.PATH:
            return f"is about other paths: {_listed(held.urls)}"
        case Part.NAMESPACE:
            return _elsewhere(binding)


def _elsewhere(binding: Binding) -> str:
    return f"is granted in namespace {safe(binding.namespace)} alone"


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    return safe(", ".join(found)) if found else "none"
