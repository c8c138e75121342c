"""The one gate to models/: a named table becomes frozen rows; unknown keys are refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from netsim.errors import UsageError
from netsim.ir.entries import KnownController
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
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, Profile, SelfViaService, Ties


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdOptions:
    """The options of etcd: flags, and keys of the two sections on transport security that its file has."""

    flags: frozenset[str]
    transport: frozenset[str]


DEFAULT_PROFILE = "upstream"

_CHOICES = {
    "baseline": Baseline,
    "host_network": HostNetwork,
    "named_ports": NamedPorts,
    "self_via_service": SelfViaService,
    "ties": Ties,
}


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that are shipped, sorted."""
    tables = (files("netsim.models") / "cni").iterdir()
    return tuple(sorted(table.name.removesuffix(".toml") for table in tables if table.name.endswith(".toml")))


def profile(name: str = DEFAULT_PROFILE) -> Profile:
    """Return the profile of a CNI by its name.

    Raises:
        UsageError: No such profile is shipped, or its table holds a switch that no code reads.
    """
    if name not in profile_names():
        near = get_close_matches(name, profile_names(), n=1)
        known = ", ".join(profile_names())
        raise UsageError(
            f"there is no CNI profile `{name}`", hint=f"did you mean {near[0]}?" if near else f"known: {known}"
        )
    text = (files("netsim.models") / "cni" / f"{name}.toml").read_text(encoding="utf-8")
    return profile_of(tomllib.loads(text))


def profile_of(table: dict[str, Any]) -> Profile:
    """Return the profile that a table describes; a switch that it leaves out keeps the upstream reading."""
    switches = {key.replace("-", "_"): value for key, value in table.get("switches", {}).items()}
    unknown = sorted(switches.keys() - {field.name for field in fields(Profile)} | table.keys() - {"name", "switches"})
    if unknown:
        raise UsageError(f"profile `{table.get('name')}` has keys that no code reads: {', '.join(unknown)}")
    switches |= {name: kind(switches[name]) for name, kind in _CHOICES.items() if name in switches}
    return Profile(name=table["name"], **switches)


def known_controllers() -> tuple[KnownController, ...]:
    """Return the controllers and gateways that are recognised by their pods, in the order of the table.

    Raises:
        UsageError: A row holds a key that no code reads, or lacks one.
    """
    return tuple(_controller(row) for row in _ways_in()["controller"])


def unread_ways_in() -> frozenset[tuple[str, str]]:
    """Return the API groups and kinds of objects by which something enters and that are not read."""
    pairs = (text.partition("/") for text in _ways_in()["not-read"])
    return frozenset((group, kind) for group, _, kind in pairs)


def _ways_in() -> dict[str, Any]:
    return tomllib.loads((files("netsim.models") / "ingress-controllers.toml").read_text(encoding="utf-8"))


def _controller(row: dict[str, Any]) -> KnownController:
    if row.keys() != {field.name for field in fields(KnownController)}:
        keys = ", ".join(sorted(row))
        raise UsageError(f"controller `{row.get('name')}` has not exactly the keys that are read: {keys}")
    return KnownController(
        name=row["name"],
        controllers=tuple(row["controllers"]),
        pods=tuple(row["pods"]),
        kinds=tuple(row["kinds"]),
    )


@cache
def checks(area: str) -> Mapping[str, Check]:
    """Return the catalogue of an area of posture, by the name that its code calls a row.

    Raises:
        UsageError: A row holds a key that no code reads, or lacks one.
    """
    text = (files("netsim.models") / "checks" / f"{area}.toml").read_text(encoding="utf-8")
    return {row.pop("name"): _finding_check(row) for row in tomllib.loads(text)["check"]}


def _finding_check(row: dict[str, Any]) -> Check:
    if row.keys() != {field.name for field in fields(Check)}:
        raise UsageError(f"check `{row.get('code')}` has not exactly the keys that are read: {', '.join(sorted(row))}")
    return Check(**{**row, "severity": Severity(row["severity"])})


@cache
def pod_security() -> Standards:
    """Return the Pod Security Standards, as ``models/pod-security`` has them.

    Raises:
        UsageError: A table holds a key that no code reads.
    """
    tables = {level: _pod_security_table(level) for level in (Level.BASELINE, Level.RESTRICTED)}
    controls = [_control(row, level) for level, table in tables.items() for row in table["control"]]
    ordered = sorted(controls, key=lambda control: (control.level, control.id))
    return Standards(controls=tuple(ordered), newest=min(table["newest"] for table in tables.values()))


def _pod_security_table(level: Level) -> dict[str, Any]:
    path = files("netsim.models") / "pod-security" / f"{level.label}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _control(row: dict[str, Any], level: Level) -> Control:
    _only({"id", "title", "revision"}, row)
    revisions = sorted((_revision(each) for each in row["revision"]), key=lambda each: each.since)
    return Control(id=row["id"], title=row["title"], level=level, revisions=tuple(revisions))


def _revision(row: dict[str, Any]) -> Revision:
    _only({"since", "replaces", "exempt", "rule"}, row)
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


def _only(known: set[str], row: dict[str, Any]) -> None:
    if unknown := sorted(row.keys() - known):
        raise UsageError(f"no code reads the keys {', '.join(unknown)} of {row.get('id', row)}")


@cache
def etcd_options() -> EtcdOptions:
    """Return the options that some version of etcd has."""
    table = tomllib.loads((files("netsim.models") / "etcd" / "options.toml").read_text(encoding="utf-8"))
    return EtcdOptions(**{name: frozenset(options) for name, options in table.items()})
