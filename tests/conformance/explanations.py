"""Explanations of netpol-analyzer and of netsim in one form: per pair, classes of traffic with what each side says."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from netsim import queries
from netsim.cluster import Compiled
from netsim.ir.policy import Direction, Tier
from netsim.ir.traffic import ALL, NONE, Traffic
from netsim.ir.verdict import Condition, Reason, Side, Why
from netsim.queries.explain import Explanation
from netsim.queries.reasons import PORTS
from tests.conformance.analyzer import Case
from tests.conformance.data import read_yaml_documents
from tests.conformance.listing import INGRESS_CONTROLLER, OUTSIDE, Table, table, traffic

#: A policy and what it does: kind, name, effect, and the rule's direction and index where one is meant.
Deed = tuple[str, str, str, str]

#: That no policy decides.
DEFAULT: Deed = ("", "", "system-default", "")

#: Traffic, its verdict, and what egress and ingress say of it.
Class = tuple[Traffic, str, frozenset[Deed], frozenset[Deed]]

#: What is said of one pair.
Told = tuple[str, str, frozenset[Class]]

NETWORKS = frozenset({"UserDefinedNetwork", "ClusterUserDefinedNetwork"})

_ISOLATES = re.compile(r"UserDefinedNetwork '([\w-]+)' isolates")
_RULE = re.compile(r"(Ingress|Egress)(?: rule (.+))?")


def expected(case: Case) -> list[Told]:
    """Return what that tool says of each pair."""
    names = _rule_names(case)
    wanted = ALL if not case.said.get("options", {}).get("focus_conn") else _focus(case)
    by_default: Class = (wanted, "allowed", frozenset({DEFAULT}), frozenset({DEFAULT}))
    rows = [(_source(row), _plain(row["dst"]), _merged([by_default])) for row in case.said["system_default_pairs"]]
    rows += (
        (_source(row), _plain(row["dst"]), _merged(_classes(row["entries"], names))) for row in case.said["expect"]
    )
    return rows


def found(case: Case, cluster: Compiled) -> list[Told]:
    """Return what netsim says of each pair that the case asks about."""
    options = case.said.get("options") or {}
    conn = options.get("focus_conn")
    port = "/".join(reversed(conn.upper().split("-"))) if conn else None
    sources = ("*", "internet", INGRESS_CONTROLLER)
    explained = queries.explain(cluster, source=sources, destination=("*", "internet"), port=port)
    rows = []
    for pair in explained:
        classes = [c for c in _parts(pair) if options.get("explain_only") != "deny" or c[1] == "denied"]
        if classes:
            suffix = _on(pair.network) if pair.network else ""
            rows.append((pair.source + suffix, pair.destination, _merged(classes)))
    return rows


def meaning(rows: Iterable[Told]) -> Table:
    """Return what rows mean, those of the Ingress controller left out."""
    return table(row for row in rows if row[0] != INGRESS_CONTROLLER)


def _focus(case: Case) -> Traffic:
    protocol, port = case.said["options"]["focus_conn"].upper().split("-")
    return traffic(f"{protocol} {port}")


def _source(row: Mapping[str, Any]) -> str:
    return _plain(row["src"]) + (_on(row["network"]) if row.get("network") else "")


def _plain(name: str) -> str:
    """Return a name without the mark of a primary network."""
    return name.replace("[udn]", "")


def _on(network: str) -> str:
    """Return the mark of a secondary network; that of the pod network and of a primary one goes without saying."""
    kind, name = network.split()[-2:] if " " in network else ("", network)
    return f" on {name}" if kind in ("NAD", "NetworkAttachmentDefinition") else ""


def _classes(entries: Iterable[Mapping[str, Any]], names: Mapping[tuple[str, str, str, str], int]) -> Iterator[Class]:
    for entry in entries:
        egress, ingress = (
            frozenset(_deed(reason, side, names) for reason in (entry.get(side) or {"reasons": []})["reasons"])
            for side in ("egress", "ingress")
        )
        yield traffic(entry["conn"]), entry["verdict"], egress or frozenset({DEFAULT}), ingress or frozenset({DEFAULT})


def _deed(reason: Mapping[str, Any], side: str, names: Mapping[tuple[str, str, str, str], int]) -> Deed:
    if "policy" not in reason:
        return DEFAULT
    kind, policy, effect = reason["policy_kind"], reason["policy"], reason["effect"]
    if kind in NETWORKS:  # one text names the network of the source, then that of the destination
        return kind, _ISOLATES.findall(reason["text"])[0 if side == "egress" else -1], "isolates", ""
    rule = _RULE.fullmatch(reason["rule"])
    if rule is None or rule[2] is None:
        return kind, policy, effect, ""
    direction, text = rule[1].lower(), rule[2]
    index = int(text[1:]) - 1 if text.startswith("#") else names[kind, policy, direction, text]
    return kind, policy, effect, f"{direction}[{index}]"


def _rule_names(case: Case) -> dict[tuple[str, str, str, str], int]:
    """Return the index of each rule of the cluster-wide policies that has a name: kind, policy, direction, name."""
    found = {}
    for file in sorted((case.folder / "manifests").rglob("*.y*ml")):
        for document in read_yaml_documents(file):
            if document and "NetworkPolicy" in document.get("kind", ""):
                for direction in ("ingress", "egress"):
                    for index, rule in enumerate(document["spec"].get(direction) or ()):
                        key = (document["kind"], document["metadata"]["name"], direction, rule.get("name", ""))
                        found[key] = index
    return found


def _parts(pair: Explanation) -> Iterator[Class]:
    verdicts = {True: "allowed", False: "denied", None: "unknown"}
    for part in pair.parts:
        yield part.traffic, verdicts[part.allowed], _deeds(part.egress), _deeds(part.ingress)


def _deeds(side: Side) -> frozenset[Deed]:
    return frozenset(deed for reason in side.reasons for deed in _deeds_of(reason, side.direction))


def _deeds_of(reason: Reason, direction: Direction) -> Iterator[Deed]:
    if reason.policy is None:
        yield DEFAULT
        return
    kind, name = reason.policy.kind, str(reason.policy)
    if reason.policy.tier is Tier.NETWORK:
        yield kind, name.partition("/")[0], "isolates", ""
    elif reason.rule is not None:
        deed = {"allow": "allows", "deny": "denies", "pass": "passes"}[reason.rule.action.value]
        yield kind, name, deed if reason.why in (Why.RULE, Why.PASSED) else f"may {deed}", str(reason.rule)
    else:
        yield from ((kind, name, effect, rule) for effect, rule in _lacks(reason, direction))


def _lacks(reason: Reason, direction: Direction) -> Iterator[tuple[str, str]]:
    """Yield why no rule of an isolating policy matches, as that tool puts it: its ports, where they alone are why."""
    by_ports = [(rule, miss) for rule, miss in reason.mismatches if miss.at == PORTS]
    for rule, miss in by_ports:
        named = miss.condition is Condition.NAMED_PORT
        yield ("rule-named-ports-do-not-match" if named else "rule-ports-do-not-match"), str(rule)
    if not by_ports and reason.policy:
        some = any(rule.direction is direction for rule in reason.policy.rules)
        yield "selects-no-rule-matches" if some else "selects-no-rules", ""


def _merged(classes: Iterable[Class]) -> frozenset[Class]:
    """Return classes of which no two differ in their traffic alone."""
    by_reason: dict[tuple[str, frozenset[Deed], frozenset[Deed]], list[Traffic]] = {}
    for carried, verdict, egress, ingress in classes:
        by_reason.setdefault((verdict, egress, ingress), []).append(carried)
    return frozenset(
        (Traffic.of(part for each in parts for part in each), *reason) for reason, parts in by_reason.items()
    )


def first_rules(found: Table) -> Table:
    """Return explanations in which of several rules of one policy and effect the first alone is told."""
    return {ends: _each(value, _first) for ends, value in found.items()}


def without_apart(found: Table) -> Table:
    """Return explanations without the pairs that no network is common to."""
    return {ends: value for ends, value in found.items() if OUTSIDE in ends or not _is_apart(value)}


def _each(value: Any, change: Callable[[frozenset[Deed]], frozenset[Deed]]) -> Any:
    if isinstance(value, tuple):  # address ranges
        return tuple((first, last, _each(classes, change)) for first, last, classes in value)
    return _merged((carried, verdict, change(egress), change(ingress)) for carried, verdict, egress, ingress in value)


def _first(deeds: frozenset[Deed]) -> frozenset[Deed]:
    ordered = sorted(deeds, key=lambda deed: (len(deed[3]), deed[3]))  # [9] before [10]
    return frozenset({deed[:3]: deed for deed in reversed(ordered)}.values())


def _is_apart(classes: frozenset[Class]) -> bool:
    return all(any(deed[2] == "isolates" for deed in egress | ingress) for _, _, egress, ingress in classes)


def entering(rows: Iterable[Told]) -> dict[str, dict[frozenset[Deed], Traffic]]:
    """Return, of what the Ingress controller may open, the traffic by the NetworkPolicies that allow it."""
    found: dict[str, dict[frozenset[Deed], Traffic]] = {}
    for source, destination, classes in rows:
        for carried, verdict, _, ingress in classes if source == INGRESS_CONTROLLER else ():
            if verdict == "allowed":
                own = found.setdefault(destination, {})
                policies = frozenset(deed for deed in ingress if deed[0] == "NetworkPolicy")
                own[policies] = own.get(policies, NONE) | carried
    return found
