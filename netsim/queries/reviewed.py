"""A diff as a reviewer reads it: renames matched, ways in and sections compared, all of it ordered by risk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.ports import asked
from netsim.ir.finding import Severity
from netsim.ir.objects import Pod
from netsim.ir.still import still
from netsim.queries.both import Both, Part, parts_of, severity_of
from netsim.queries.changes import Changes
from netsim.queries.differences import Diff
from netsim.queries.entrances import Entrance, Sides, entrances
from netsim.queries.focus import Focus, Peers, Product, products
from netsim.queries.gaps.proved import unproved
from netsim.queries.moved import Moved
from netsim.queries.pairs import with_renamed
from netsim.queries.renames import Fate, WorkloadChange, renames, workload_changes
from netsim.queries.risk import Rating, key_of, order
from netsim.queries.sections import SECTIONS, worse


def reviewed(ask: Callable[..., Diff]) -> Callable[..., Diff]:
    """Let a diff of connections be the whole review of a change."""

    @wraps(ask)
    @still()
    def review(
        old: Compiled,
        new: Compiled,
        /,
        *,
        source: Peers = None,
        destination: Peers = None,
        workload: Peers = None,
        port: int | str | None = None,
        pods: bool = False,
        crown: Peers = None,
        only: Sequence[str] = (),
        severity: str = Severity.MEDIUM,
        attackers: Sequence[str] = (),
    ) -> Diff:
        focus = Focus(source=source, destination=destination, workload=workload)
        narrow = focus != Focus() or port is not None
        parts = _parts(only, narrow=narrow)
        moved = workload_changes(old.snapshot, new.snapshot, by_pod=pods)
        renamed = renames(moved)
        answer = Diff(changes=())
        if Part.CONNECTIONS in parts:
            among: dict[str, Any] = {"source": source, "destination": destination, "workload": workload}
            answer = ask(old, new, **among, port=port, pods=pods, renamed=renamed)
            entered = _entered(old, new, focus, answer, port=port, pods=pods, renamed=renamed)
            answer = replace(
                answer,
                entries=tuple(entered),
                workloads=tuple(each for each in moved if not narrow or each.fate is Fate.RENAMED),
            )
        both = Both(old=old, new=new, parts=parts, renamed=renamed, attackers=tuple(attackers))
        answer = replace(
            answer, parts=parts, assumptions=(*answer.assumptions, *_assumed(moved), *_left_out(both, narrow=narrow))
        )
        return _ordered(_with_sections(answer, both, severity), _crowns(old, new, crown, by_pod=pods))

    return review


def _parts(only: Sequence[str], *, narrow: bool) -> frozenset[Part]:
    """Return what is compared: all that is asked for, connections alone where some of them are meant.

    Raises:
        UsageError: There is no such part, or it is not of connections.
    """
    if not narrow:
        return parts_of(only)
    if set(only) - {Part.CONNECTIONS}:
        raise UsageError(
            f"`{', '.join(only)}` cannot be narrowed to peers or ports", hint="compare them in a diff of their own"
        )
    return frozenset({Part.CONNECTIONS})


def _with_sections(answer: Diff, both: Both, severity: str) -> Diff:
    compared: dict[str, Any] = {section.name: section.compared(both) for section in SECTIONS}
    found = compared["findings"]
    kept = tuple(filter(worse(severity_of(severity)), found))
    return replace(answer, **{**compared, "findings": kept}, lesser=len(found) - len(kept))


def _left_out(both: Both, *, narrow: bool) -> Iterator[str]:
    """Yield what is not compared though nobody said so."""
    if narrow:
        yield "connections alone were compared: what is found of whole clusters cannot be narrowed to peers or ports"
    elif Part.PROOFS in both.parts:
        yield from dict.fromkeys(filter(None, map(unproved, (both.old, both.new))))
    elif Part.GAPS in both.parts and both.whole and _policies_differ(both):
        yield "whether policies are redundant, shadowed or contradicted was not compared: `--only proofs` does that"


def _policies_differ(both: Both) -> bool:
    kinds = {each.kind for each in both.differing[1]}
    return any(kind.endswith("NetworkPolicy") for kind in kinds)


def _entered(
    old: Compiled,
    new: Compiled,
    focus: Focus,
    answer: Diff,
    *,
    port: int | str | None,
    pods: bool,
    renamed: Mapping[str, str],
) -> Iterator[Entrance]:
    families = frozenset(old.program.families) | frozenset(new.program.families)
    before, after = old.over(families), new.over(families)
    wanted = None if port is None else asked(port)
    chosen = _chosen(before, after, focus, renamed)
    sides = Sides.of(before, after, chosen, wanted, by_pod=pods, renamed=renamed)
    return entrances(sides, Changes.of(answer.changes))


def _chosen(
    old: Compiled, new: Compiled, focus: Focus, renamed: Mapping[str, str]
) -> tuple[Sequence[Product], Sequence[Product]]:
    found: tuple[list[Product], list[Product]] = ([], [])
    for one, other in products(focus, old, new):
        ends = [with_renamed(old.program, new.program, chosen, renamed) for chosen in zip(one, other, strict=True)]
        for own, at in zip(found, (0, 1), strict=True):
            own.append((ends[0][at], ends[1][at]))
    return found


def _assumed(moved: Sequence[WorkloadChange]) -> Iterator[str]:
    for each in moved:
        if each.fate is Fate.RENAMED:
            yield f"{each.new} is taken to be {each.old} under another name: no other two there are so alike"


def _crowns(old: Compiled, new: Compiled, crown: Peers, *, by_pod: bool) -> Callable[[str], bool]:
    """Return what says whether an end of a row is a crown jewel: by annotation, or because it was named as one."""
    found: set[str] = set()
    for side in (old, new):
        namespaces = side.snapshot.namespaces
        found |= {
            str(pod) if by_pod else str(pod.workload)
            for pod in side.snapshot.pods
            if pod.crown_jewel or namespaces[pod.namespace].crown_jewel
        }
    if crown:
        (product,) = products(Focus(destination=crown), old, new)
        for program, (_, chosen) in zip((old.program, new.program), product, strict=True):
            if chosen.blocks:
                raise UsageError("a crown jewel is a workload, not a block of addresses", hint="name a workload")
            pods = [program.endpoints[number] for number in chosen.endpoints]
            found |= {str(pod) if by_pod else str(pod.workload) for pod in pods if isinstance(pod, Pod)}
    return lambda name: key_of(name) in found


def _ordered(answer: Diff, is_crown: Callable[[str], bool]) -> Diff:
    """Return the diff with the risks of its openings, the gravest first; what is alike stays in its order."""
    rating = Rating(is_crown)
    changes = Changes.of(answer.changes).rated(rating.end, rating.between)
    entries = [replace(each, risks=rating.risks(each)) for each in answer.entries]
    return replace(answer, changes=changes.by_kind(_order), entries=tuple(sorted(entries, key=_order)))


def _order(moved: Moved) -> tuple[bool, ...]:
    return order(moved.risks, opens=moved.opens)
