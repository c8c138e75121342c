"""What a code means, for people."""

import textwrap
from collections.abc import Iterator
from itertools import groupby

from netsim.queries.codes import Meaning, Meanings
from netsim.render.palette import PLAIN, Palette, paint

_WIDTH = 100
_NAMES = {
    "admission": "admission policies",
    "apiserver": "flags of the API server",
    "audit": "audit",
    "certificates": "certificates",
    "crossing": "across areas",
    "diff": "what a change does",
    "encryption": "encryption at rest",
    "etcd": "etcd",
    "files": "scripts and Dockerfiles",
    "gaps": "isolation gaps and policy smells",
    "inputs": "inputs that are refused",
    "kubelet": "kubelets",
    "reachable": "who may connect to the control plane",
    "intents": "intents",
    "pods": "pods and namespaces",
    "rbac": "roles and bindings",
}


def area_name(area: str) -> str:
    """Return what a catalogue is about."""
    return _NAMES.get(area, area)


def severity_of(answer: Meaning) -> str:
    """Return how bad it is; an input that is refused has no degree."""
    return "error" if answer.area == "inputs" else str(answer.check.severity)


def one(answer: Meaning, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield why, an example, and the way out."""
    check = answer.check
    head = f"{check.code} {check.title}"
    yield f"{paint(head, palette.head)} ({severity_of(answer)}; {area_name(answer.area)})\n\n"
    yield f"{_wrapped(check.description)}\n\n"
    yield f"{paint('Example', palette.head)}\n"
    for name, text in answer.files:
        if len(answer.files) > 1:
            yield f"    # {name}\n"
        yield f"{textwrap.indent(text.rstrip(), '    ')}\n"
    yield f"\n{paint('Fix', palette.head)}\n{_wrapped(check.help)}\n\nMore: {answer.page}\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def listed(answer: Meanings, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield every code with its severity and title, by what it is about."""
    for area, alike in groupby(sorted(answer, key=lambda each: each.area), key=lambda each: each.area):
        yield f"{paint(area_name(area), palette.head)}\n"
        for each in alike:
            yield f"  {each.check.code}  {severity_of(each):<8}  {each.check.title}\n"
        yield "\n"
    yield f"{len(answer)} codes; netsim explain CODE says why, with an example and the way out\n"
