"""Label selectors as users type them, in kubectl's language: ``app=web,tier in (a, b),!debug``."""

import re
from collections.abc import Iterator

from netsim.errors import UsageError
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector

_KEY = r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?"
_VALUE = r"[A-Za-z0-9._-]*"
_FORMS = (
    (re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)"), "set"),
    (re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})"), "equal"),
    (re.compile(rf"(!?)\s*({_KEY})"), "exists"),
)


def selector(text: str) -> Selector:
    """Return the selector that kubectl's ``-l`` would read.

    Raises:
        UsageError: The text is no selector.
    """
    return Selector.of(_requirements(text))


def selectors(text: str) -> tuple[Selector, Selector]:
    """Return the selectors of namespaces and of pods that ``ns:team=a,pod:app=web`` holds; an absent one is everything.

    Raises:
        UsageError: One of them is no selector, or stands twice.
    """
    parts = re.split(r"(?:^|,)\s*(ns|pod):", text)[1:]
    given = dict(zip(parts[::2], parts[1::2], strict=True))
    if len(given) * 2 != len(parts):
        raise UsageError(f"`{text}` names ns: or pod: twice", hint="write ns:team=a,pod:app=web")
    return (
        selector(given["ns"]) if "ns" in given else EVERYTHING,
        selector(given["pod"]) if "pod" in given else EVERYTHING,
    )


def _requirements(text: str) -> Iterator[Requirement]:
    rest = text.strip()
    while rest:
        for form, name in _FORMS:
            found = form.match(rest)
            if found and (not rest[found.end() :].strip() or rest[found.end() :].lstrip().startswith(",")):
                yield _requirement(name, found)
                rest = rest[found.end() :].lstrip().removeprefix(",").strip()
                break
        else:
            raise UsageError(
                f"`{text}` is no label selector: stuck at `{rest}`",
                hint="write app=web, app!=web, app in (web, api), app notin (web), app or !app, joined by commas",
            )


def _requirement(form: str, found: re.Match[str]) -> Requirement:
    if form == "set":
        key, operator, inside = found.groups()
        values = tuple(sorted({value.strip() for value in inside.split(",")}))
        return Requirement(key, Operator.IN if operator == "in" else Operator.NOT_IN, values)
    if form == "equal":
        key, operator, value = found.groups()
        return Requirement(key, Operator.NOT_IN if operator == "!=" else Operator.IN, (value,))
    negated, key = found.groups()
    return Requirement(key, Operator.DOES_NOT_EXIST if negated else Operator.EXISTS)
