"""JUnit XML: findings as test cases, for whatever shows the results of tests."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from netsim.ir.finding import Check, Finding, worst_first
from netsim.ir.place import Place
from netsim.render.hosted import told
from netsim.render.words import safe, where


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test: what it is called, in which group, and what made it fail; None where it passed.

    ``told`` is what a passing one has to say all the same.
    """

    name: str
    group: str
    failure: Finding | None = None
    told: str = ""


def findings(
    found: Iterable[Finding],
    checks: Mapping[str, Check],
    *,
    suite: str,
    fails: Callable[[Finding], bool] = lambda _: True,
) -> Iterator[str]:
    """Yield a suite with a case for each finding, the worst first; one case that passes where nothing was found.

    Args:
        fails: Whether a finding is a failure; one that is not passes, and says what was found.
    """
    cases = [_case(each, checks[each.code], failed=fails(each)) for each in worst_first(found)]
    return written(suite, cases or [Case(name="nothing found", group=suite)])


def _case(found: Finding, check: Check, *, failed: bool) -> Case:
    group = f"{found.code} {check.title}"
    if failed:
        return Case(name=told(found), group=group, failure=found)
    return Case(name=told(found), group=group, told=found.why)


def written(suite: str, cases: Sequence[Case]) -> Iterator[str]:
    """Yield a suite of test cases."""
    failures = sum(case.failure is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0", "time": "0"}
    root = Xml.Element("testsuites", {"name": "netsim", **counts})
    inside = Xml.SubElement(root, "testsuite", {"name": suite, **counts})
    for case in cases:
        _add(case, inside)
    Xml.indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield Xml.tostring(root, encoding="unicode") + "\n"


def _add(case: Case, suite: Xml.Element) -> None:
    element = Xml.SubElement(suite, "testcase", {"classname": safe(case.group), "name": safe(case.name), "time": "0"})
    found = case.failure
    if found is not None:
        attributes = {"type": found.code, "message": safe(told(found))}
        Xml.SubElement(element, "failure", attributes).text = _lines(_failure(found))
    elif case.told:
        Xml.SubElement(element, "system-out").text = _lines(case.told)


def _failure(found: Finding) -> str:
    place = where(Place(found.file, found.line)) if found.file else ""
    return "\n".join(filter(None, (f"{found.severity}: {told(found)}", place, found.why, f"hint: {found.hint}")))


def _lines(text: str) -> str:
    return "\n".join(safe(line) for line in text.splitlines())
