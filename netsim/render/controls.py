"""What an audit policy records of a request, and what a change of keys leaves unreadable, for people."""

from collections.abc import Iterator

from netsim.queries.audit import AuditTrace
from netsim.queries.rotation import Rotated, stored_as
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where


def trace(answer: AuditTrace, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the level, the rule that decides, and what is in the event."""
    found = answer.recorded
    head = f"{found.level.label}: {asked(answer)}"
    yield f"{paint(safe(head), palette.good if answer else palette.bad)}\n"
    if found.rule is None:
        yield f"no rule of the policy matches ({where(answer.place)}): nothing is written\n"
        return
    yield f"rules[{found.rule}] decides ({where(answer.place)})\n"
    stages = ", ".join(stage.value for stage in found.stages)
    yield f"stages: {stages}\nfields: {', '.join(answer.fields)}\n" if answer else "nothing is written\n"
    if answer.leaks:
        told = ", ".join(answer.leaks)
        yield f"{paint(f'credentials are written: {told}', palette.bad)}\n"


def asked(answer: AuditTrace) -> str:
    """Return the request in words."""
    request = answer.request
    if request.resource is None:
        return f"{request.user} {request.verb} {request.path}"
    resource = "/".join(filter(None, (request.resource, request.subresource)))
    group = f" of {request.group}" if request.group else ""
    name = f' "{request.name}"' if request.name else ""
    place = f" in namespace {request.namespace}" if request.namespace else ""
    return f"{request.user} {request.verb} {resource}{group}{name}{place}"


def rotation(answer: Rotated, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield each step: whether the API server starts, how objects are stored, which cannot be read."""
    for number, after in enumerate(answer):
        state = "the API server does not start" if after.refused else "starts"
        yield f"{number}. {paint(safe(after.step.title), palette.head)}: {state}\n"
        for name, value in sorted(after.stored.items()):
            unread = name in after.unreadable
            told = f"   {safe(name)}: {safe(stored_as(value))}{', CANNOT BE READ' if unread else ''}"
            yield f"{paint(told, palette.bad if unread else '')}\n"
        if number in answer.torn:
            yield "   what this writes, an API server with the file before cannot read: add the key second, first\n"
    lost = sorted({name for after in answer for name in after.unreadable})
    yield (
        f"\nsafe: every {answer.resource} object can be read at every step\n"
        if answer.is_safe
        else (f"\nnot safe: {counted(len(lost), 'object')} cannot be read at some step\n")
    )
