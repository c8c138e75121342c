"""The questions, asked of every network: the pod network with the primary ones, then each secondary one.

Each question is written for one program. Primary networks are in that of the cluster, whose policies keep them apart; a
secondary network is a cluster of its own. Where the input names no network but the pod network, an answer is as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UsageError
from netsim.ir.networks import POD_NETWORK
from netsim.ir.objects import Pod
from netsim.ir.policy import Tier
from netsim.ir.snapshot import Snapshot
from netsim.ir.truth import any_of
from netsim.ir.verdict import Endpoint
from netsim.lower.program import Sort
from netsim.queries.answer import Answer
from netsim.queries.blame import Cause, object_of
from netsim.queries.changes import Change, Changes
from netsim.queries.controllers import is_unknown
from netsim.queries.counting import Totals
from netsim.queries.diff import diff as diff_of_one
from netsim.queries.differences import Diff
from netsim.queries.explain import Explained, Explanation
from netsim.queries.explain import explain as explain_of_one
from netsim.queries.listing import Line
from netsim.queries.matrix import Matrix
from netsim.queries.matrix import matrix as matrix_of_one
from netsim.queries.peers import choose
from netsim.queries.query import Verdict
from netsim.queries.query import query as query_of_one
from netsim.queries.reach import Reachability
from netsim.queries.reach import reach as reach_of_one
from netsim.queries.reviewed import reviewed
from netsim.queries.units import every_unit

P = ParamSpec("P")

#: The lines of a listing, by source.
Listed = tuple[tuple[str, tuple[Line, ...]], ...]


def listing(
    ask: Callable[Concatenate[Compiled, P], Reachability],
) -> Callable[Concatenate[Compiled, P], Reachability]:
    """Let a listing be of every network: each row then says which it is on."""

    @wraps(ask)
    def every(cluster: Compiled, /, *args: P.args, **kwargs: P.kwargs) -> Reachability:
        answer = ask(cluster, *args, **kwargs)
        if not _in_use(cluster):
            return answer
        by_pod = bool(kwargs.get("pods"))
        answers = [answer]
        listed = [*_named(answer.listed, _names(cluster, by_pod=by_pod))]
        for label, view in cluster.secondary.items():
            narrowed = _narrowed(kwargs, view)
            if narrowed is not None:
                answers.append(ask(view, *args, **narrowed))
                names = dict.fromkeys(_names(view, by_pod=by_pod), label)
                listed += _named(_between(answers[-1].listed, names), names)
        return replace(
            answer,
            listed=tuple(listed),
            totals=_totals(answer, answers[1:]),
            policies=_policies(cluster),
            assumptions=_assumptions(answers),
        )

    return every


def _totals(pods: Reachability, secondary: Sequence[Reachability]) -> Totals | None:
    """Return how many lines there are on all networks: on secondary ones those between pods count."""
    if pods.totals is None:
        return None
    inner = [answer.totals.inner for answer in (pods, *secondary) if answer.totals is not None]
    return Totals(inner=(sum(yes for yes, _ in inner), sum(no for _, no in inner)), outer=pods.totals.outer)


def explanation(
    ask: Callable[Concatenate[Compiled, P], Explained],
) -> Callable[Concatenate[Compiled, P], Explained]:
    """Let an explanation be of every network, as a listing is."""

    @wraps(ask)
    def every(cluster: Compiled, /, *args: P.args, **kwargs: P.kwargs) -> Explained:
        answer = ask(cluster, *args, **kwargs)
        if not _in_use(cluster):
            return answer
        by_pod = bool(kwargs.get("pods"))
        answers = [answer]
        pairs = [*_labelled(answer.pairs, _names(cluster, by_pod=by_pod))]
        for label, view in cluster.secondary.items():
            narrowed = _narrowed(kwargs, view)
            if narrowed is not None:
                answers.append(ask(view, *args, **narrowed))
                names = _names(view, by_pod=by_pod)
                inner = (p for p in answers[-1] if _key(p.source) in names and _key(p.destination) in names)
                pairs += (replace(pair, network=label) for pair in inner)
        policies = _policies(cluster)
        return replace(answer, pairs=tuple(pairs), policies=policies, assumptions=_assumptions(answers))

    return every


def verdict(ask: Callable[Concatenate[Compiled, P], Verdict]) -> Callable[Concatenate[Compiled, P], Verdict]:
    """Let a verdict be of the network that two peers share: of several the one that allows most, the first before all.

    Two that share none are denied by what keeps the one's network apart.
    """

    @wraps(ask)
    def every(cluster: Compiled, /, *args: P.args, **kwargs: P.kwargs) -> Verdict:
        answer = ask(cluster, *args, **kwargs)
        if not _in_use(cluster):
            return answer
        answers = [replace(answer, network=_shared(answer, cluster.snapshot))]
        for label, view in cluster.secondary.items():
            try:
                found = ask(view, *args, **kwargs)
            except UsageError:  # one of the two is not on this network
                continue
            if _between_pods(found):
                answers.append(replace(found, network=label))
        best = max(answers, key=_promise)
        return replace(best, warnings=answer.warnings)

    return every


def table(ask: Callable[Concatenate[Compiled, P], Matrix]) -> Callable[Concatenate[Compiled, P], Matrix]:
    """Let a truth table be of every network: a pod opens a connection where it may on one of them."""

    @wraps(ask)
    def every(cluster: Compiled, /, *args: P.args, **kwargs: P.kwargs) -> Matrix:
        answers = [ask(cluster, *args, **kwargs)]
        for view in cluster.secondary.values():
            narrowed = _narrowed(kwargs, view)
            if narrowed is not None:
                answers.append(ask(view, *args, **narrowed))
        merged = {
            source: {name: any_of(_cells(answers, source, name)) for name in row}
            for source, row in answers[0].table.items()
        }
        return replace(answers[0], table=merged, assumptions=_assumptions(answers))

    return every


def changes(
    ask: Callable[Concatenate[Compiled, Compiled, P], Diff],
) -> Callable[Concatenate[Compiled, Compiled, P], Diff]:
    """Let a diff be of every network: those of one label are compared.

    Primary networks are compared together with the pod network, so that what a pod reaches as before is no change
    where it has moved from one to another.
    """

    @wraps(ask)
    def every(old: Compiled, new: Compiled, /, *args: P.args, **kwargs: P.kwargs) -> Diff:
        answers = [ask(old, new, *args, **kwargs)]
        found = [Changes.of(answers[0].changes)]
        by_pod = bool(kwargs.get("pods"))
        for label in sorted(old.secondary.keys() | new.secondary.keys()):
            before, after = (side.secondary.get(label) or _empty(side) for side in (old, new))
            narrowed = _narrowed(kwargs, before, after)
            if narrowed is not None:
                answers.append(ask(before, after, *args, **narrowed))
                names = {**_names(before, by_pod=by_pod), **_names(after, by_pod=by_pod)}
                found.append(Changes.of(_on(label, answers[-1].changes, names, old.snapshot, new.snapshot)))
        return replace(answers[0], changes=Changes.joined(found), assumptions=_assumptions(answers))

    return every


def _in_use(cluster: Compiled) -> bool:
    return bool(cluster.secondary) or any(network.primary for network in cluster.snapshot.networks)


def _policies(cluster: Compiled) -> int:
    """Return how many policies there are, less those that stand for what keeps networks apart."""
    own = sum(policy.tier is not Tier.NETWORK for policy in cluster.snapshot.policies)
    return own + sum(len(view.snapshot.policies) for view in cluster.secondary.values())


def _empty(side: Compiled) -> Compiled:
    return Compiled(Snapshot(namespaces={}, pods=()), side.profile)


def _assumptions(answers: Iterable[Answer]) -> tuple[str, ...]:
    return tuple(sorted({assumption for answer in answers for assumption in answer.assumptions}))


def _narrowed(asked: Mapping[str, Any], *clusters: Compiled) -> dict[str, Any] | None:
    """Return the arguments of a question with the peers alone that are on a network; None where none of some is."""
    found = dict(asked)
    for name in ("source", "destination", "workload"):
        peers = asked.get(name)
        if peers is not None:
            texts = [peers] if isinstance(peers, str) else peers
            known = [text for text in texts if any(_is_on(text, cluster) for cluster in clusters)]
            if not known:
                return None
            found[name] = peers if isinstance(peers, str) else known
    return found


def _is_on(text: str, cluster: Compiled) -> bool:
    try:
        return bool(choose(text, cluster).endpoints)
    except UnknownPeerError:
        return False


def _names(cluster: Compiled, *, by_pod: bool) -> dict[str, str]:
    """Return the primary network of each workload or pod; what counts as its node is on none."""
    program = cluster.program
    own = {name: n.label for n in cluster.snapshot.networks if n.primary for name in n.namespaces}
    return {
        unit.key: own.get(endpoint.namespace, POD_NETWORK)
        for unit in every_unit(cluster, by_pod=by_pod)
        if program.classes[unit.member].sort is Sort.POD
        and isinstance(endpoint := program.endpoints[unit.endpoints[0]], Pod)
    }


def _named(listed: Listed, names: Mapping[str, str]) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Yield the lines with their network: the destination's, or the source's where that is no pod.

    Lines that sources share stay shared.
    """
    lines: dict[tuple[int, str], Line] = {}
    rows: dict[tuple[int, str], tuple[Line, ...]] = {}
    for source, own in listed:
        otherwise = names.get(_key(source), POD_NETWORK)
        if (id(own), otherwise) not in rows:
            for line in own:
                label = names.get(_key(line.destination), otherwise)
                lines.setdefault((id(line), label), replace(line, network=label))
            rows[id(own), otherwise] = tuple(lines[id(n), names.get(_key(n.destination), otherwise)] for n in own)
        yield source, rows[id(own), otherwise]


def _labelled(pairs: Iterable[Explanation], names: Mapping[str, str]) -> Iterator[Explanation]:
    """Yield pairs with their network: the destination's, else the source's; none where the two share none."""
    for pair in pairs:
        apart = any(Tier.NETWORK in (part.egress.tier, part.ingress.tier) for part in pair.parts)
        otherwise = names.get(_key(pair.source), POD_NETWORK)
        yield pair if apart else replace(pair, network=names.get(_key(pair.destination), otherwise))


def _between(listed: Listed, names: Mapping[str, str]) -> Listed:
    """Return the lines between pods: what lies beyond a secondary network the input does not say."""
    inner: dict[int, tuple[Line, ...]] = {}
    for source, lines in listed:
        if _key(source) in names and id(lines) not in inner:
            inner[id(lines)] = tuple(line for line in lines if _key(line.destination) in names)
    kept = ((source, inner[id(lines)]) for source, lines in listed if _key(source) in names)
    return tuple((source, lines) for source, lines in kept if any(line.destination != source for line in lines))


def _key(name: str) -> str:
    """Return what a row's end is of: pods of one workload that rules tell apart are on one network."""
    return name.partition("{")[0]


def _between_pods(answer: Verdict) -> bool:
    ends = (end for judged in answer.flows for end in (judged.flow.source, judged.flow.destination))
    return all(isinstance(end, Pod) and not is_unknown(end) for end in ends)


def _promise(answer: Verdict) -> tuple[bool, int, bool]:
    """Return how much a verdict is the one that is asked for: of two pods, of one that allows, of one network."""
    return _between_pods(answer), {True: 2, None: 1, False: 0}[answer.allowed], not _is_apart(answer)


def _is_apart(answer: Verdict) -> bool:
    return Tier.NETWORK in (answer.egress.tier, answer.ingress.tier)


def _shared(answer: Verdict, snapshot: Snapshot) -> str | None:
    """Return the primary network of a verdict's flow; None where the two share none."""
    if _is_apart(answer):
        return None
    flow = answer.deciding.flow
    return _primary(flow.destination, snapshot) or _primary(flow.source, snapshot) or POD_NETWORK


def _primary(endpoint: Endpoint, snapshot: Snapshot) -> str | None:
    if not isinstance(endpoint, Pod) or endpoint.host_network:
        return None
    return next((n.label for n in snapshot.networks if endpoint.namespace in n.namespaces), POD_NETWORK)


def _cells(answers: Sequence[Matrix], source: str, destination: str) -> Iterator[bool | None]:
    for answer in answers:
        row = answer.table.get(source, {})
        if destination in row:
            yield row[destination]


def _on(
    label: str, found: Iterable[Change], names: Mapping[str, str], old: Snapshot, new: Snapshot
) -> Iterator[Change]:
    """Yield the changes between pods of a secondary network; a workload that was there before has not come."""
    before, after = ({object_of(pod): pod for pod in side.pods} for side in (old, new))
    stayed = {name: after[name].place for name in before.keys() & after.keys()}
    for change in found:
        if _key(change.source) in names and _key(change.destination) in names:
            because = (
                Cause(c.object, None, None, stayed[c.object], "new", "changed") if c.object in stayed else c
                for c in change.because
            )
            yield replace(change, network=label, because=tuple(because))


reach = listing(reach_of_one)
query = verdict(query_of_one)
matrix = table(matrix_of_one)
diff = reviewed(changes(diff_of_one))
explain = explanation(explain_of_one)
