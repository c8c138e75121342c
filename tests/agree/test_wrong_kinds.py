"""Each wrong way to read the cluster-wide kinds is caught by their fixtures, whose verdicts were worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.ingest.kinds import adminnetworkpolicies, clusternetworkpolicies, clusterpeers, tieredrules
from netsim.ingest.kinds.kind import Reading
from netsim.ir.labels import EVERYTHING
from netsim.ir.policy import Action, AddressPeer, NamedPort, NodePeer, PodPeer, Rule, Tier
from netsim.ir.traffic import Protocol
from netsim.ir.verdict import Flow
from tests.agree.wrong import Wrong, judge
from tests.unit.test_fixtures import ALLOWED, FOLDERS, names_of, rows_of

KINDS = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")


def _is_about_them(folder: Path) -> bool:
    return folder.name.startswith(("s3.", "s4.")) or folder.parent.name in {f"kind-{kind.lower()}" for kind in KINDS}


CASES = [folder for folder in FOLDERS if _is_about_them(folder)]


def _differs(folder: Path) -> bool:
    """Is some verdict of a fixture another than was worked out?"""
    try:
        cluster = netsim.load(folder / "manifests", dns=names_of(folder))
    except netsim.InputError:
        return True
    return any(
        cluster.query(row["from"], row["to"], port=row["port"] or 0, protocol=row["protocol"]).allowed
        is not ALLOWED[row["allowed"]]
        for row in rows_of(folder / "expected" / "verdicts.csv")
    )


def _result(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda *args, **named: change(right(*args, **named))


def _rules(change: Callable[[Rule], Rule]) -> Callable[[Any], Any]:
    return _result(lambda rules: tuple(change(rule) for rule in rules))


def _closed(**changes: Any) -> Callable[[Any], Any]:
    """Return a wrong way to fail closed, for rules that allow and for the others."""
    return _result(lambda rule: replace(rule, **changes))


def _without_peers(kind: type) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, peers=tuple(peer for peer in rule.peers or () if not isinstance(peer, kind)))


def _each_peer(change: Callable[[Any], Any]) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, peers=None if rule.peers is None else tuple(map(change, rule.peers)))


def _each_port(change: Callable[[Any], Any]) -> Callable[[Rule], Rule]:
    return lambda rule: replace(rule, ports=None if rule.ports is None else tuple(map(change, rule.ports)))


def _in_own_order(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.action is not Action.DENY))


ANP, CNP, PEERS, RULES = adminnetworkpolicies, clusternetworkpolicies, clusterpeers, tieredrules


WRONG = (
    Wrong("what a newer API allows is allowed", "S3.8", RULES, "fail_closed", _closed(peers=None)),
    Wrong("what a newer API denies is no match", "S3.8", RULES, "fail_closed", _closed(peers=())),
    Wrong("what a newer API passes is passed", "S3.8", RULES, "fail_closed", _closed(action=Action.PASS)),
    Wrong("what a newer API allows is denied", "S3.8", RULES, "fail_closed", _closed(peers=None, action=Action.DENY)),
    Wrong("fields of a newer API are not there", "S3.8", Reading, "newer_within", lambda _: lambda *_args: ()),
    Wrong(
        "a subject is of every namespace",
        "S3.1",
        ANP,
        "read_subject",
        _result(lambda subject: replace(subject, namespaces=EVERYTHING)),
    ),
    Wrong("Pass is Allow", "S3.4", ANP, "read_rules", _rules(lambda r: replace(r, action=_passes(r, Action.ALLOW)))),
    Wrong("Pass is Deny", "S4.2", CNP, "read_rules", _rules(lambda r: replace(r, action=_passes(r, Action.DENY)))),
    Wrong("Deny comes first", "S3.3", ANP, "read_rules", _result(_in_own_order)),
    Wrong("networks are not read", "S3.5", ANP, "read_rules", _rules(_without_peers(AddressPeer))),
    Wrong("nodes are not read", "S3.5", ANP, "read_rules", _rules(_without_peers(NodePeer))),
    Wrong("pods are not read", "S3.5", CNP, "read_rules", _rules(_without_peers(PodPeer))),
    Wrong(
        "the namespaces of pods are not read",
        "S3.5",
        ANP,
        "read_rules",
        _rules(_each_peer(lambda p: replace(p, namespaces=EVERYTHING) if isinstance(p, PodPeer) else p)),
    ),
    Wrong(
        "the labels of nodes are not read",
        "S3.5",
        ANP,
        "read_rules",
        _rules(_each_peer(lambda p: replace(p, nodes=EVERYTHING) if isinstance(p, NodePeer) else p)),
    ),
    Wrong(
        "named ports are TCP",
        "S3.6",
        ANP,
        "read_rules",
        _rules(_each_port(lambda p: replace(p, protocol=Protocol.TCP) if isinstance(p, NamedPort) else p)),
    ),
    Wrong(
        "a range is its first port",
        "S3.6",
        ANP,
        "read_rules",
        _rules(_each_port(lambda p: p if isinstance(p, NamedPort) else replace(p, last=p.first))),
    ),
    Wrong(
        "the end of a range is outside",
        "S3.6",
        ANP,
        "read_rules",
        _rules(_each_port(lambda p: p if isinstance(p, NamedPort) else replace(p, last=max(p.first, p.last - 1)))),
    ),
    Wrong("ports are not read", "S3.6", ANP, "read_rules", _rules(lambda rule: replace(rule, ports=None))),
    Wrong("the baseline has no rank", "S4.5", ANP, "_policy", _result(lambda policy: replace(policy, priority=0))),
    Wrong("everything is Admin", "S3.7", ANP, "_policy", _result(lambda policy: replace(policy, tier=Tier.ADMIN))),
    Wrong("the old form selects everything", "S3.9", ANP, "_of_today", lambda _: lambda peer: peer),
    Wrong("a protocol without ports is port 1", "S4.2", CNP, "_bounds", _result(lambda bounds: (bounds[0], bounds[0]))),
    Wrong(
        "every protocol is TCP",
        "S4.2",
        CNP,
        "_transports",
        _result(lambda found: dict(zip(("tcp",), found.values(), strict=False))),
    ),
    Wrong(
        "no policy is asked by a Service",
        "S4.6",
        judge,
        "not_asked_of_itself",
        lambda _: lambda *_args: frozenset(Tier),
    ),
    Wrong("by a Service each is asked", "S4.6", judge, "not_asked_of_itself", lambda _: lambda *_args: frozenset()),
    Wrong("by a Service is by the own address", "S4.6", judge, "reaches_itself", lambda _: _is_one_pod),
    Wrong(
        "names are not patterns", "S3.5", PEERS, "DomainPeer", _result(lambda p: replace(p, name=p.name.lstrip("*.")))
    ),
)


def _is_one_pod(flow: Flow) -> bool:
    return flow.source == flow.destination


def _passes(rule: Rule, action: Action) -> Action:
    return action if rule.action is Action.PASS else rule.action


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_way_to_read_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(getattr(wrong.module, wrong.function)))
    assert any(_differs(folder) for folder in CASES), f"{wrong.clause} is not shown"


def test_the_right_way_to_read_is_not_caught() -> None:
    assert len(CASES) >= 29
    assert not [folder for folder in CASES if _differs(folder)]
