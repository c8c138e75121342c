"""What an intent file must hold and must not hold together, as its models say."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.intents.model import Written

#: Tells of a problem: its code, the field, what is wrong, the way out.
Refuse = Callable[[str, Path, str, str], None]


def check_shape(given: Written, path: Path, refuse: Refuse) -> bool:
    """Tell all that a mapping lacks or has too much of; return whether that is nothing."""
    found = list(_faults(given))
    for code, steps, message, hint in found:
        refuse(code, (*path, *steps), message, hint)
    return not found


#: A code, the field, what is wrong, the way out.
Fault = tuple[str, Path, str, str]


def _faults(given: Written) -> Iterator[Fault]:
    present = given.present()
    yield from _lacking(given, present)
    yield from _chosen(given, present)
    for name, others in given.excludes.items():
        both = [other for other in others if name in present and other in present]
        if both:
            hint = f"write it below `{name}`" if name in ("allow", "deny") else "keep one of them"
            yield "NS118", (both[0],), f"stands beside `{name}`, which excludes it", hint
    for name, values in given.choices.items():
        if name in present and present[name] not in values:
            yield "NS123", (name,), f'"{present[name]}" is none of {", ".join(values)}', ""


def _lacking(given: Written, present: Mapping[str, Any]) -> Iterator[Fault]:
    for name in given.required:
        if name not in present:
            yield "NS108", (name,), "is required", ""
    for name in given.filled:
        if present.get(name) == []:
            yield "NS108", (name,), "is empty", "an intent about nothing would hold whatever happens"
    for name, others in given.needs.items():
        for other in others:
            if name in present and other not in present:
                yield "NS108", (other,), f"is required beside `{name}`", ""


def _chosen(given: Written, present: Mapping[str, Any]) -> Iterator[Fault]:
    chosen = [name for name in given.one_of if name in present]
    if len(chosen) > 1:
        message = f"stands beside `{chosen[0]}`: an intent makes one claim"
        yield "NS118", (chosen[1],), message, "write two intents"
    if given.one_of and not chosen:
        yield "NS118", (), f"claims nothing: one of {', '.join(given.one_of)} is required", ""
    if given.some_of and present.keys().isdisjoint(given.some_of):
        message = f"names nobody: some of {', '.join(given.some_of)} is required"
        yield "NS118", (), message, 'namespaces: "" is every pod'
