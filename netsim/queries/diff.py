"""What a change opens and closes, and which rule did it."""

from collections.abc import Mapping
from types import MappingProxyType

from netsim.cluster import Compiled
from netsim.ingest.ports import asked
from netsim.ir.snapshot import Notice
from netsim.ir.still import still
from netsim.queries.answer import warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.causing import come_or_gone
from netsim.queries.changes import Change, Changes
from netsim.queries.comparing import Comparing
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.differences import Diff
from netsim.queries.entered import Entered, Entering
from netsim.queries.focus import Focus, Peers, products
from netsim.queries.pairs import side_by_side

#: No workload was renamed.
_NOBODY: Mapping[str, str] = MappingProxyType({})


@still()
def diff(
    old: Compiled,
    new: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
    renamed: Mapping[str, str] = _NOBODY,
) -> Diff:
    """Return the connections that differ, each with the policy rule, or the object, that did it.

    Args:
        source, destination: Compare those of these peers alone, which may be in one input only.
        workload: Compare those of which either end is one of these peers.
        port: Compare this traffic alone.
        pods: Pod by pod instead of workload by workload.
        renamed: The new names of workloads that were renamed.
    """
    families = frozenset(old.program.families) | frozenset(new.program.families)
    before, after = old.over(families), new.over(families)
    focus = Focus(source=source, destination=destination, workload=workload)
    wanted = None if port is None else asked(port)
    found: list[Changes] = []
    warnings = [*_warnings(old, new)]
    for one, other in products(focus, before, after):
        sources, targets = (
            side_by_side(before, after, chosen, renamed, by_pod=pods) for chosen in zip(one, other, strict=True)
        )
        found.append(Comparing(before, after, sources, targets, wanted).changes())
        entering = Entering(before, after, (one, other), targets.pairs, wanted, by_pod=pods)
        found.append(Changes.of(entered_change(before, after, change) for change in entering.changes()))
        warnings += entering.warnings()
    return Diff(
        changes=Changes.joined(found).in_order(),
        assumptions=of_listing(old, new),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _warnings(old: Compiled, new: Compiled) -> tuple[Notice, ...]:
    return tuple(dict.fromkeys([*warnings_of(old), *warnings_of(new)]))


def entered_change(old: Compiled, new: Compiled, entered: Entered) -> Change:
    """Return the change of what a controller that is not in the input may open."""
    pair, was, now, because = entered
    return Change(
        source=INGRESS_CONTROLLER,
        destination=pair.name,
        old=was[0],
        new=now[0],
        old_unknown=was[1],
        new_unknown=now[1],
        because=(*come_or_gone(old, new, pair), *because),
    )
