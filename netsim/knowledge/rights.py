"""What RBAC ships with: default roles and bindings, changes by release, resources, and what to look for."""

import re
from typing import Any

from netsim.errors import UsageError
from netsim.ir.access import Binding, Defaults, Request, Rights, RightsCheck, Role, Rule, Subject
from netsim.ir.finding import Check, Severity
from netsim.ir.labels import Operator, Requirement, Selector
from netsim.ir.place import Place
from netsim.ir.release import NEWEST, OLDEST, Release
from netsim.knowledge.tables import only, table


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
    found = table("rbac", "gates.toml")
    only({"gate"}, found, "gates.toml")
    for row in found["gate"]:
        only({"name", "since", "what", "source"}, row, f"gate `{row.get('name')}`")
    return {row["name"]: release(row["since"]) for row in found["gate"]}


def shipped_rights(version: Release) -> Rights:
    """Return the roles and bindings that the API server of a release makes when it starts, in the table's order.

    Raises:
        UsageError: A row holds a key that no code reads.
    """
    found = table("rbac", "roles.toml")
    only({"verbs", "role", "binding"}, found, "roles.toml")
    place = Place(f"<Kubernetes {version}>")
    return Rights(
        roles=tuple(_shipped_role(row, found["verbs"], version, place) for row in found["role"]),
        bindings=tuple(_shipped_binding(row, place) for row in found["binding"]),
    )


def _shipped_role(row: dict[str, Any], verbs: dict[str, list[str]], version: Release, place: Place) -> Role:
    only({"name", "namespace", "labels", "aggregates", "rules"}, row, f"role `{row.get('name')}`")
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
    only({"verbs", "groups", "resources", "names", "urls", "since", "until"}, row, f"rule {index}")
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
    only({"role", "users", "groups", "accounts"}, row, f"binding of `{row.get('role')}`")
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


def known_resources() -> tuple[dict[tuple[str, str], bool], frozenset[str]]:
    """Return whether each resource of every cluster is in a namespace, by API group and name; and the subresources."""
    rows = table("rbac", "resources.toml")
    only({"group", "subresources"}, rows, "resources.toml")
    found: dict[tuple[str, str], bool] = {}
    for row in rows["group"]:
        only({"name", "namespaced", "cluster"}, row, f"group `{row.get('name')}`")
        found |= {(row["name"], name): True for name in row.get("namespaced", ())}
        found |= {(row["name"], name): False for name in row.get("cluster", ())}
    return found, frozenset(rows["subresources"])


def rights_checks() -> tuple[RightsCheck, ...]:
    """Return what to look for in roles and bindings, in the order of the table.

    Raises:
        UsageError: A row holds a key that no code reads.
    """
    found = table("rbac", "checks.toml")
    only({"check"}, found, "checks.toml")
    return tuple(_rights_check(row) for row in found["check"])


def _rights_check(row: dict[str, Any]) -> RightsCheck:
    of_check = {"code", "title", "description", "help", "example"}
    own = {"severity", "namespaced", "requests", "wildcard", "until", "message"}
    only(of_check | own, row, f"check `{row.get('code')}`")
    for request in row.get("requests", ()):
        only({"verb", "group", "resource", "subresource", "name"}, request, f"a request of `{row.get('code')}`")
    return RightsCheck(
        check=Check(severity=Severity(row["severity"]), **{key: row[key] for key in of_check & row.keys()}),
        namespaced=Severity(row["namespaced"]) if "namespaced" in row else None,
        requests=tuple(Request(**request) for request in row.get("requests", ())),
        wildcard=row.get("wildcard", False),
        until=release(row["until"]) if "until" in row else None,
        message=row["message"],
    )
