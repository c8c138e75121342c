"""Who could come to reach a destination, in words, each with who may make it so."""

from collections.abc import Iterator

from netsim.ir.labels import Labels
from netsim.ir.objects import Pod
from netsim.queries.judged import flow_dict
from netsim.queries.makers import Holder
from netsim.queries.whocould import By, Way, WhoCould
from netsim.render import rights
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where

#: Of the subjects that may take one way so many are listed.
MOST_HOLDERS = 10
_HEADS = {
    (By.POD,): "by a pod that could be made",
    (By.LABELS, By.NEW_NAMESPACE): "by the labels of a namespace, and a pod in it",
    (By.POLICY_EDIT, By.POLICY_DELETION, By.NEW_POLICY): "by a change of policies",
}


def text(answer: WhoCould, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield who connects, then each way, with who may take it by which binding, role and rule."""
    asked = f"{safe(answer.destination)} at {safe(answer.port)}"
    limit = f", as far as {safe(answer.subject)} may make it so" if answer.subject else ""
    yield f"{paint('who could connect', palette.head)} to {asked}{limit}\n"
    yield f"\n{paint('now', palette.head)}{'' if answer.now else ': nobody'}\n"
    yield from (f"  {safe(row.source)} -> {safe(row.destination)}  {row.traffic}\n" for row in answer.now)
    for kinds, head in _HEADS.items():
        found = answer.by(*kinds)
        yield f"\n{paint(head, palette.head)}{'' if found else ': nobody'}\n"
        for way in found:
            yield from _way(way, palette)
    if answer.unknown:
        yield f"\nthere may be more: {safe(answer.unknown)}\n"


def _way(way: Way, palette: Palette) -> Iterator[str]:
    yield f"  {paint(_what(way), palette.good)}\n"
    flow = flow_dict(way.witness.flow)
    yield safe(f"    then {flow['from']} -> {flow['to']} {flow['protocol']} {flow['port']}") + "\n"
    for holder in way.holders[:MOST_HOLDERS]:
        yield from _holder(holder)
    if len(way.holders) > MOST_HOLDERS:
        yield f"    and {counted(len(way.holders) - MOST_HOLDERS, 'subject')} more\n"
    if not way.holders:
        yield "    nobody is known who may\n"


def _holder(holder: Holder) -> Iterator[str]:
    yield f"    {safe(holder.subject)} may {rights.asked(holder.request)}\n"
    if not holder.grants:
        yield "      system:masters is allowed everything\n"
    yield from (f"      {line}\n" for line in dict.fromkeys(rights.line(grant) for grant in holder.grants))


def _what(way: Way) -> str:
    source = way.witness.flow.source
    pod = f"any pod{_labelled(source.labels)}" if isinstance(source, Pod) else ""
    policy = f"{way.policy.kind} {way.policy} ({where(way.policy.place)})" if way.policy else ""
    match way.by:
        case By.POD:
            told = f"{pod} in namespace {way.namespace}"
        case By.LABELS:
            told = f"namespace {way.namespace}{_labelled(way.labels)}, and in it {pod}"
        case By.NEW_NAMESPACE:
            told = f"a new namespace{_labelled(way.labels)}, and in it {pod}"
        case By.POLICY_EDIT:
            told = f"an edit of {policy}"
        case By.POLICY_DELETION:
            told = f"the deletion of {policy}"
        case By.NEW_POLICY:
            told = f"a new {way.policy.kind} in namespace {way.policy.namespace}" if way.policy else ""
    return safe(told)


def _labelled(labels: Labels) -> str:
    written = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return f" labelled {written}" if written else ""
