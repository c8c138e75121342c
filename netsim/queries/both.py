"""The two clusters of a diff: what of them is compared, and what of their objects differs."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.manifests import Manifest
from netsim.ir.attack import Step
from netsim.ir.finding import Finding, Severity
from netsim.posture.areas import Area


class Part(StrEnum):
    """What a diff compares; the findings of each area are a part of their own."""

    CONNECTIONS = "connections"
    GAPS = "gaps"
    RBAC = "rbac"
    PODSEC = "podsec"
    ADMISSION = "admission"
    ENCRYPTION = "encryption"
    ETCD = "etcd"
    AUDIT = "audit"
    FILES = "files"
    STEPS = "steps"
    PATHS = "paths"
    PROOFS = "proofs"

    @property
    def area(self) -> Area | None:
        """The area of posture that it is; None where it is none."""
        return Area(self.value) if self.value in set(Area) else None


#: What is compared where nothing is named: proofs take seconds a side, and are asked for.
USUAL = frozenset(Part) - {Part.PROOFS}


def parts_of(names: Iterable[str]) -> frozenset[Part]:
    """Return parts by name; all that need no solver where none is named.

    Raises:
        UsageError: There is no such part.
    """
    wanted = list(names)
    for name in wanted:
        if name not in set(Part):
            raise UsageError(f"a diff has no part `{name}`", hint=f"known: {', '.join(Part)}")
    return frozenset(map(Part, wanted)) or USUAL


def severity_of(name: str) -> Severity:
    """Return a severity by its name.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in set(Severity):
        raise UsageError(f"there is no severity `{name}`", hint=f"known: {', '.join(Severity)}")
    return Severity(name)


#: What an object is known by on both sides; of several without a name, with their number.
Key = tuple[str, str, str, str, int]


@dataclass(frozen=True, kw_only=True)
class Both:
    """The two sides of a diff.

    Attributes:
        renamed: The new names of workloads that were renamed, as rows have them: ``shop/web[Deployment]``.
        attackers: Where attackers start, beside the internet.
        now: What certificates and releases are measured by, on both sides.
    """

    old: Compiled
    new: Compiled
    parts: frozenset[Part] = USUAL
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    attackers: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(tz=UTC))

    @property
    def whole(self) -> bool:
        """Whether the objects of both sides were kept as they were written, where they have any."""
        return all(side.manifests or not side.snapshot.pods for side in (self.old, self.new))

    @cached_property
    def differing(self) -> tuple[frozenset[Key], tuple[Manifest, ...]]:
        """The objects that one side alone has, or that are written otherwise there: their keys, and both forms."""
        before, after = (by_key(side.manifests) for side in (self.old, self.new))
        keys = frozenset(
            key
            for key in before.keys() | after.keys()
            if key not in before or key not in after or before[key].body != after[key].body
        )
        forms = [side[key] for side in (before, after) for key in side if key in keys]
        return keys, tuple(forms)

    @property
    def same(self) -> bool:
        """Whether nothing differs that anything could be found in."""
        sides = (self.old, self.new)
        rest = [(side.profile, side.release, side.defaults, side.snapshot.names) for side in sides]
        texts = [Counter((each.kind, each.name, each.data) for each in side.artifacts) for side in sides]
        return not self.differing[0] and rest[0] == rest[1] and texts[0] == texts[1]

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The old names of workloads in every form in which texts hold them, each with the new one."""
        found: dict[str, str] = {}
        for old, new in self.renamed.items():
            (name, kind), (later, other) = _split(old), _split(new)
            found |= {old: new, f"{kind} {name}": f"{other} {later}"}
            found |= {f"{vertex}:{name}": f"{vertex}:{later}" for vertex in ("pod", "container")}
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        return re.compile(rf"(?<![\w./-])(?:{names})(?![\w.-])")

    def renaming(self, text: str) -> str:
        """Return a text of the old side with the workloads called as they are now."""
        return self._pattern.sub(lambda match: self._names[match[0]], text) if self.renamed else text

    def follow(self, item: Any) -> Any:
        """Return an item of the old side with the workloads called as they are now, to be compared."""
        if not self.renamed:
            return item
        match item:
            case Finding():
                return replace(
                    item,
                    object=self.renaming(item.object),
                    message=self.renaming(item.message),
                    evidence=tuple((name, self.renaming(value)) for name, value in item.evidence),
                    identity=self.renaming(item.identity),
                )
            case Step():
                return replace(item, source=self.renaming(item.source), target=self.renaming(item.target))
            case _:
                return item


def _split(name: str) -> tuple[str, str]:
    """Return the name and the kind of a workload: ``shop/web``, ``Deployment``."""
    name, _, kind = name.partition("[")
    return name, kind.rstrip("]")


def by_key(manifests: Iterable[Manifest]) -> dict[Key, Manifest]:
    """Return objects by what they are known by on both sides of a diff."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    found: dict[Key, Manifest] = {}
    for each in manifests:
        name = (each.group, each.kind, each.namespace or "default", each.name)
        found[*name, counts[name]] = each
        counts[name] += 1
    return found
