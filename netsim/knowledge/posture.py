"""The controls of Pod Security, the options of etcd, and the catalogues of checks."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any

from netsim.errors import UsageError
from netsim.ir.finding import Check, Severity
from netsim.ir.podsecurity import (
    ContainsRule,
    Control,
    Exemption,
    FieldRule,
    KeysRule,
    Level,
    RequiredRule,
    Revision,
    Rule,
    Standards,
)
from netsim.knowledge.tables import names, only, table


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdOptions:
    """The options of etcd: flags, and keys of the two sections on transport security that its file has."""

    flags: frozenset[str]
    transport: frozenset[str]


@cache
def checks(area: str) -> Mapping[str, Check]:
    """Return the catalogue of an area of posture, by the name that its code calls a row.

    Raises:
        UsageError: A row holds a key that no code reads, or lacks one, or two rows have one name.
    """
    rows = table("checks", f"{area}.toml")["check"]
    found = {row.pop("name"): _check(row) for row in rows}
    if len(found) < len(rows):
        raise UsageError(f"two checks of {area}.toml have the same name")
    return found


def check_areas() -> tuple[str, ...]:
    """Return the names of the catalogues that ``checks`` knows, sorted."""
    return names("checks")


def _check(row: dict[str, Any]) -> Check:
    if row.keys() | {"example"} != {field.name for field in fields(Check)}:
        raise UsageError(f"check `{row.get('code')}` has not exactly the keys that are read: {', '.join(sorted(row))}")
    return Check(**{**row, "severity": Severity(row["severity"])})


@cache
def pod_security() -> Standards:
    """Return the Pod Security Standards, as ``models/pod-security`` has them.

    Raises:
        UsageError: A table holds a key that no code reads.
    """
    tables = {level: table("pod-security", f"{level.label}.toml") for level in (Level.BASELINE, Level.RESTRICTED)}
    controls = [_control(row, level) for level, each in tables.items() for row in each["control"]]
    ordered = sorted(controls, key=lambda control: (control.level, control.id))
    return Standards(controls=tuple(ordered), newest=min(each["newest"] for each in tables.values()))


def _control(row: dict[str, Any], level: Level) -> Control:
    only({"id", "title", "revision"}, row, f"control `{row.get('id')}`")
    revisions = sorted((_revision(each) for each in row["revision"]), key=lambda each: each.since)
    return Control(id=row["id"], title=row["title"], level=level, revisions=tuple(revisions))


def _revision(row: dict[str, Any]) -> Revision:
    only({"since", "replaces", "exempt", "rule"}, row, "a revision")
    exempt = Exemption(row["exempt"]) if "exempt" in row else None
    rules = tuple(
        _rule({key: tuple(v) if isinstance(v, list) else v for key, v in each.items()}) for each in row["rule"]
    )
    return Revision(since=row["since"], rules=rules, replaces=row.get("replaces"), exempt=exempt)


def _rule(row: dict[str, Any]) -> Rule:
    for kind in (FieldRule, KeysRule, RequiredRule, ContainsRule):
        known = {field.name for field in fields(kind)}
        needed = {field.name for field in fields(kind) if field.default is MISSING}
        if needed <= row.keys() <= known:
            return kind(**row)
    raise UsageError(f"no code reads a rule with the keys {', '.join(sorted(row))}")


@cache
def etcd_options() -> EtcdOptions:
    """Return the options that some version of etcd has."""
    options = table("etcd", "options.toml")
    return EtcdOptions(flags=frozenset(options["flags"]), transport=frozenset(options["transport"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedBase:
    """A release of a base of images that is out of support, and the month since when: ``2023-11``."""

    name: str
    release: str
    since: str

    def covers(self, name: str, tag: str) -> bool:
        """Is an image of this release: ``3.15``, ``3.15.4``, ``3.15-slim``?"""
        rest = tag.removeprefix(self.release)
        return name == self.name and tag.startswith(self.release) and (not rest or rest[0] in ".-")


@cache
def outdated_bases() -> tuple[OutdatedBase, ...]:
    """Return the releases of bases of images that are out of support."""
    rows = table("images.toml")["base"]
    return tuple(
        OutdatedBase(name=row["name"], release=release, since=since)
        for row in rows
        for release, since in row["releases"].items()
    )
