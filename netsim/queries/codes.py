"""What a code means: of every problem of an input, and of every finding."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, ClassVar, TypedDict

from netsim.errors import UsageError
from netsim.ir.finding import Check, Severity
from netsim.knowledge import check_areas, checks, rights_checks
from netsim.queries.answer import Answer

#: The page that tells more of each catalogue; those of posture share one.
_PAGES = {
    "diff": "diff.md",
    "gaps": "gaps.md",
    "inputs": "reference.md",
    "intents": "intents.md",
}
_POSTURE = "posture.md"


class ExampleShape(TypedDict):
    """A file of an example."""

    file: str
    text: str


class MeaningShape(TypedDict):
    """What one code means, with an input that has it, the way out, and the page that tells more."""

    code: str
    severity: Annotated[str, Severity]
    area: str
    title: str
    why: str
    hint: str
    example: list[ExampleShape]
    docs: str


class MeaningsShape(TypedDict):
    """What every code means."""

    codes: list[MeaningShape]


@dataclass(frozen=True, kw_only=True)
class Meaning(Answer):
    """What one code means.

    Attributes:
        area: The catalogue that it stands in: ``gaps``, ``rbac``.
    """

    kind: ClassVar[str] = "Meaning"

    check: Check
    area: str

    @property
    def page(self) -> str:
        """The page of the documentation that tells more."""
        return f"docs/{_PAGES.get(self.area, _POSTURE)}"

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The example as files, each with a name by which netsim knows what it is."""
        parts = re.split(r"^# --- (\S+)\n", self.check.example, flags=re.MULTILINE)
        if len(parts) == 1:
            return ((_file_name(self.check.example), self.check.example),)
        return tuple(zip(parts[1::2], parts[2::2], strict=True))

    def facts(self) -> MeaningShape:
        """Return the meaning as JSON values."""
        return _row(self)


@dataclass(frozen=True, kw_only=True)
class Meanings(Answer):
    """What every code means, by code."""

    kind: ClassVar[str] = "Meanings"

    meanings: tuple[Meaning, ...]

    def __iter__(self) -> Iterator[Meaning]:
        return iter(self.meanings)

    def __len__(self) -> int:
        return len(self.meanings)

    def facts(self) -> MeaningsShape:
        """Return the meanings as JSON values."""
        return {"codes": [_row(each) for each in self.meanings]}


def _row(each: Meaning) -> MeaningShape:
    check = each.check
    return {
        "code": check.code,
        "severity": str(check.severity),
        "area": each.area,
        "title": check.title,
        "why": check.description,
        "hint": check.help,
        "example": [{"file": name, "text": text} for name, text in each.files],
        "docs": each.page,
    }


def _file_name(example: str) -> str:
    if example.startswith("FROM "):
        return "Dockerfile"
    if example.startswith(("#!", "$ ", "etcd ", "kube-apiserver ")):
        return "run.sh"
    return "example.yaml"


@cache
def _all() -> Mapping[str, Meaning]:
    found = [(check, area) for area in check_areas() for check in checks(area).values()]
    found += [(each.check, "rbac") for each in rights_checks()]
    ordered = sorted(found, key=lambda each: each[0].code)
    return {check.code: Meaning(check=check, area=area) for check, area in ordered}


def meanings() -> Meanings:
    """Return what every code means."""
    return Meanings(meanings=tuple(_all().values()))


def meaning(code: str) -> Meaning:
    """Return what a code means; ``ns114`` and ``114`` are NS114.

    Raises:
        UsageError: There is no such code.
    """
    known = _all()
    asked = code.strip().upper()
    asked = f"NS{asked}" if asked.isdigit() else asked
    if asked in known:
        return known[asked]
    near = get_close_matches(asked, known, n=3, cutoff=0.75)
    hint = f"did you mean {' or '.join(near)}?" if near else "`netsim explain` lists every code"
    raise UsageError(f"there is no code `{code}`", hint=hint)
