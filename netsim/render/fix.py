"""A fix in words, as manifests, and as a patch."""

from collections.abc import Iterator
from difflib import unified_diff

from netsim.queries.fix import Edited, Fix, Outcome
from netsim.queries.judged import flow_dict
from netsim.render import intents
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where
from netsim.render.yaml import dumped


def text(answer: Fix, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield what is to be changed, and that it was proved; or why there is nothing to offer."""
    match answer.outcome:
        case Outcome.NOTHING:
            yield f"{paint('nothing to fix', palette.good)}: {intents.summary(answer.before)}\n"
        case Outcome.FIXED:
            yield f"{paint('fixed', palette.good)} by a change of {counted(len(answer), 'policy')}: "
            yield "every intent holds then, and of what exists nothing else changes\n"
            for edited in answer:
                yield f"\n{paint(_head(edited), palette.head)}\n"
                yield from (f"  {line}\n" for line in _patch(edited))
        case Outcome.CONFLICT:
            yield from _conflict(answer, palette)
        case Outcome.NOT_FOUND:
            yield f"{paint('no fix found', palette.doubt)}: {safe(answer.reason)}\n"
            yield f"  tried: {_TRIED}; others may do it\n"
            yield from (f"  not met while all else stays: {safe(name)}\n" for name in answer.blamed)
            yield f"  way out: {_WAY_OUT}\n"


def _conflict(answer: Fix, palette: Palette) -> Iterator[str]:
    """Yield the intents that cannot hold, what shows it, and what has the last word."""
    many = len(answer.conflict) > 1
    told = "these intents cannot hold together" if many else "this intent cannot hold"
    kept = " while all else stays as it is" if answer.kept else ""
    yield f"{paint('no NetworkPolicies can do it', palette.bad)}: {told}{kept}\n"
    yield from (f"  {safe(name)}\n" for name in answer.conflict)
    several = len(answer.flows) > 1 and "nothing that a NetworkPolicy could name tells these apart"
    yield f"  {several or 'shown by'}:\n"
    for flow in map(flow_dict, answer.flows):
        yield safe(f"    {flow['from']} -> {flow['to']} {flow['protocol']} {flow['port']}") + "\n"
    for part in answer.by:
        place = part.rule.place if part.rule else part.policy.place
        yield f"  decided before NetworkPolicies are asked: {safe(part.name)} ({where(place)}), which is not edited\n"


_TRIED = "rules added to and taken out of NetworkPolicies, and new NetworkPolicies"
_WAY_OUT = "--pod-cidr, where outside addresses are to be let in and pods are not; or a cluster-wide policy"


def _head(edited: Edited) -> str:
    if edited.new:
        return f"new NetworkPolicy {safe(str(edited.policy))}"
    changes = (("added", edited.added), ("removed", edited.removed))
    told = ", ".join(f"{counted(len(rules), 'rule')} {word}" for word, rules in changes if rules)
    return f"NetworkPolicy {safe(str(edited.policy))} ({where(edited.place)}): {told}"


def yaml(answer: Fix) -> Iterator[str]:
    """Yield the policies as they are to be, as manifests to apply."""
    for number, edited in enumerate(answer):
        yield "---\n" if number else ""
        yield dumped(edited.document)


def patch(answer: Fix) -> Iterator[str]:
    """Yield the changes as a unified diff of the manifests, both sides as netsim writes them."""
    for edited in answer:
        yield from (f"{line}\n" for line in _patch(edited))


def _patch(edited: Edited) -> Iterator[str]:
    name = safe(f"{edited.policy.namespace}/{edited.policy.name}.yaml")
    before = dumped(edited.written).splitlines() if edited.written is not None else []
    old, new = ("/dev/null" if edited.new else f"a/{name}"), f"b/{name}"
    yield from unified_diff(before, dumped(edited.document).splitlines(), old, new, lineterm="")


def md(answer: Fix) -> Iterator[str]:
    """Yield the fix as Markdown, the changes in a block."""
    head, *rest = "".join(text(answer)).split("\n", 1)
    yield f"**{head}**\n"
    yield f"\n```diff\n{''.join(patch(answer))}```\n" if answer.edits else "".join(f"\n{line}" for line in rest)
