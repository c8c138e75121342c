"""The one gate to models/: a named table becomes frozen rows; unknown keys are refused."""

import re
import tomllib
from dataclasses import fields
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

from netsim.errors import UsageError
from netsim.ir.access import Binding, Defaults, Request, Rights, RightsCheck, Role, Rule, Subject
from netsim.ir.entries import KnownController
from netsim.ir.finding import Check, Severity
from netsim.ir.labels import Operator, Requirement, Selector
from netsim.ir.place import Place
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, Profile, Ties
from netsim.ir.release import NEWEST, OLDEST, Release

DEFAULT_PROFILE = "upstream"

_CHOICES = {"baseline": Baseline, "host_network": HostNetwork, "named_ports": NamedPorts, "ties": Ties}


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


def release(text: str = "") -> Release:
    """Return the release that ``1.33`` or ``v1.33.2`` means; the newest known one for an empty text.

    Raises:
        UsageError: The text is no version, or one of which nothing is known.
    """
    if not text:
        return NEWEST
    found = re.fullmatch(r"v?(\d+)\.(\d+)(?:[.+-].*)?", text)
    known = f"the releases known are {OLDEST} to {NEWEST}"
    if found is None:
        raise UsageError(f"`{text}` is no version of Kubernetes", hint=f"write 1.33; {known}")
    version = Release(int(found[1]), int(found[2]))
    if not OLDEST <= version <= NEWEST:
        raise UsageError(f"nothing is known of Kubernetes {version}", hint=f"{known}; take the nearest of them")
    return version


def defaults_of(text: str) -> Defaults:
    """Return the choice of roles and bindings of Kubernetes itself by its name.

    Raises:
        UsageError: There is no such choice.
    """
    try:
        return Defaults(text)
    except ValueError:
        known = ", ".join(Defaults)
        raise UsageError(f"`{text}` is no choice of default roles", hint=f"known: {known}") from None


def gates() -> dict[str, Release]:
    """Return since which release the API server and the kubelet do what, by the name of the change."""
    table = tomllib.loads((files("netsim.models") / "rbac" / "gates.toml").read_text(encoding="utf-8"))
    _only({"gate"}, table, "gates.toml")
    for row in table["gate"]:
        _only({"name", "since", "what", "source"}, row, f"gate `{row.get('name')}`")
    return {row["name"]: release(row["since"]) for row in table["gate"]}


def shipped_rights(version: Release) -> Rights:
    """Return the roles and bindings that the API server of a release makes when it starts, in the table's order.

    Raises:
        UsageError: A row holds a key that no code reads.
    """
    table = tomllib.loads((files("netsim.models") / "rbac" / "roles.toml").read_text(encoding="utf-8"))
    _only({"verbs", "role", "binding"}, table, "roles.toml")
    place = Place(f"<Kubernetes {version}>")
    return Rights(
        roles=tuple(_shipped_role(row, table["verbs"], version, place) for row in table["role"]),
        bindings=tuple(_shipped_binding(row, place) for row in table["binding"]),
    )


def _shipped_role(row: dict[str, Any], verbs: dict[str, list[str]], version: Release, place: Place) -> Role:
    _only({"name", "namespace", "labels", "aggregates", "rules"}, row, f"role `{row.get('name')}`")
    held = [
        rule
        for rule in row["rules"]
        if release(rule.get("since", str(OLDEST))) <= version <= release(rule.get("until", str(NEWEST)))
    ]
    selector = Selector((Requirement(row["aggregates"], Operator.IN, ("true",)),)) if "aggregates" in row else None
    return Role(
        namespace=row.get("namespace", ""),
        name=row["name"],
        labels=dict.fromkeys(row.get("labels", ()), "true"),
        rules=tuple(_shipped_rule(rule, index, verbs, place) for index, rule in enumerate(held)),
        aggregates=(selector,) if selector else None,
        shipped=True,
        place=place,
    )


def _shipped_rule(row: dict[str, Any], index: int, verbs: dict[str, list[str]], place: Place) -> Rule:
    _only({"verbs", "groups", "resources", "names", "urls", "since", "until"}, row, f"rule {index}")
    said = row["verbs"]
    return Rule(
        index=index,
        verbs=tuple(verbs[said] if isinstance(said, str) else said),
        groups=tuple(row.get("groups", ())),
        resources=tuple(row.get("resources", ())),
        names=tuple(row.get("names", ())),
        urls=tuple(row.get("urls", ())),
        place=place,
    )


def _shipped_binding(row: dict[str, Any], place: Place) -> Binding:
    _only({"role", "users", "groups", "accounts"}, row, f"binding of `{row.get('role')}`")
    accounts = [name.partition("/") for name in row.get("accounts", ())]
    return Binding(
        name=row["role"],
        role_kind="ClusterRole",
        role=row["role"],
        subjects=(
            *map(Subject.group, row.get("groups", ())),
            *map(Subject.user, row.get("users", ())),
            *(Subject.account(namespace, name) for namespace, _, name in accounts),
        ),
        shipped=True,
        place=place,
    )


def _only(known: set[str], table: dict[str, Any], what: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise UsageError(f"{what} has keys that no code reads: {', '.join(unknown)}")


def known_resources() -> tuple[dict[tuple[str, str], bool], frozenset[str]]:
    """Return whether each resource of every cluster is in a namespace, by API group and name; and the subresources."""
    table = tomllib.loads((files("netsim.models") / "rbac" / "resources.toml").read_text(encoding="utf-8"))
    _only({"group", "subresources"}, table, "resources.toml")
    found: dict[tuple[str, str], bool] = {}
    for row in table["group"]:
        _only({"name", "namespaced", "cluster"}, row, f"group `{row.get('name')}`")
        found |= {(row["name"], name): True for name in row.get("namespaced", ())}
        found |= {(row["name"], name): False for name in row.get("cluster", ())}
    return found, frozenset(table["subresources"])


def rights_checks() -> tuple[RightsCheck, ...]:
    """Return what to look for in roles and bindings, in the order of the table.

    Raises:
        UsageError: A row holds a key that no code reads.
    """
    table = tomllib.loads((files("netsim.models") / "rbac" / "checks.toml").read_text(encoding="utf-8"))
    _only({"check"}, table, "checks.toml")
    return tuple(_rights_check(row) for row in table["check"])


def _rights_check(row: dict[str, Any]) -> RightsCheck:
    of_check = {"code", "title", "description", "help"}
    own = {"severity", "namespaced", "requests", "wildcard", "until", "message"}
    _only(of_check | own, row, f"check `{row.get('code')}`")
    for request in row.get("requests", ()):
        _only({"verb", "group", "resource", "subresource", "name"}, request, f"a request of `{row.get('code')}`")
    return RightsCheck(
        check=Check(severity=Severity(row["severity"]), **{key: row[key] for key in of_check}),
        namespaced=Severity(row["namespaced"]) if "namespaced" in row else None,
        requests=tuple(Request(**request) for request in row.get("requests", ())),
        wildcard=row.get("wildcard", False),
        until=release(row["until"]) if "until" in row else None,
        message=row["message"],
    )
