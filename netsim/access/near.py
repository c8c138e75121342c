"""Rules that nearly allow a request: each part of it matches but one."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from netsim.access.compiled import Access
from netsim.access.identity import Identity
from netsim.access.rules import as_sent
from netsim.ir.access import Binding, Grant, Request, Rule


class Part(StrEnum):
    """The part of a request that a rule does not match."""

    VERB = "verb"
    GROUP = "group"
    RESOURCE = "resource"
    NAME = "name"
    NAMESPACE = "namespace"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A rule that a caller holds, and the one part of the request that it does not match."""

    grant: Grant
    part: Part


def near_misses(access: Access, caller: Identity, request: Request) -> tuple[NearMiss, ...]:
    """Return the rules of a caller, in any namespace, that all parts of a request match but one.

    Of those about other resources only the ones about the same in another way: ``pods`` for ``pods/exec``.
    """
    sent = as_sent(request)
    return tuple(
        NearMiss(grant=grant, part=missed[0])
        for grant in access.held_anywhere(caller)
        if len(missed := list(_missed(grant.rule, grant.binding, sent))) == 1
        and (missed[0] is not Part.RESOURCE or _is_akin(grant.rule, sent))
    )


def _is_akin(rule: Rule, sent: Request) -> bool:
    return any(resource.partition("/")[0] == sent.resource for resource in rule.resources)


def _missed(rule: Rule, binding: Binding, sent: Request) -> Iterator[Part]:
    if "*" not in rule.verbs and sent.verb not in rule.verbs:
        yield Part.VERB
    if binding.namespace and (sent.path or binding.namespace != sent.namespace):
        yield Part.NAMESPACE
    if sent.path:
        if not any(url == sent.path or _is_prefix(url, sent.path) for url in rule.urls):
            yield Part.PATH
        return
    if "*" not in rule.groups and sent.group not in rule.groups:
        yield Part.GROUP
    if not _is_named(rule, sent):
        yield Part.RESOURCE
    if rule.names and sent.name not in rule.names:
        yield Part.NAME


def _is_prefix(url: str, path: str) -> bool:
    return url.endswith("*") and path.startswith(url.rstrip("*"))


def _is_named(rule: Rule, sent: Request) -> bool:
    if not sent.subresource:
        return "*" in rule.resources or sent.resource in rule.resources
    return any(each in rule.resources for each in ("*", f"*/{sent.subresource}", f"{sent.resource}/{sent.subresource}"))
