"""Connections that are not what they were."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from netsim.ir.objects import Family
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.blame import Cause
from netsim.queries.moved import Moved, Risk
from netsim.queries.risk import cause_kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Moved):
    """One connection that is not what it was.

    Attributes:
        change: ``added`` (nothing was allowed), ``removed`` (nothing is), or ``changed``.
        family: Set where only the connections of one address family changed so; None otherwise.
        network: The secondary network that it is on; None for the pod network and those that take its place.
        because: What did it, sorted.
        risks: Why it deserves a look, the gravest first.
    """

    source: str
    destination: str
    old: Traffic
    new: Traffic
    old_unknown: Traffic = NONE
    new_unknown: Traffic = NONE
    family: Family | None = None
    network: str | None = None
    because: tuple[Cause, ...] = ()
    risks: tuple[Risk, ...] = ()

    def rated(self, risks: tuple[Risk, ...]) -> "Change":
        """Return the change with its risks: as ``dataclasses.replace`` would, of which a million take long."""
        return Change(
            source=self.source,
            destination=self.destination,
            old=self.old,
            new=self.new,
            old_unknown=self.old_unknown,
            new_unknown=self.new_unknown,
            family=self.family,
            network=self.network,
            because=self.because,
            risks=risks,
        )

    @property
    def key(self) -> str:
        """What it is known by in a baseline."""
        where = "".join(f" {what}" for what in (self.family, self.network) if what)
        return f"connection {self.ends}{where}"


def change_dict(change: Change) -> dict[str, Any]:
    """Return a change as JSON values."""
    unknown = {
        name: traffic.to_json()
        for name, traffic in (("old_unknown", change.old_unknown), ("new_unknown", change.new_unknown))
        if traffic
    }
    return {
        "from": change.source,
        "to": change.destination,
        "old": change.old.to_json() if change.old else None,
        "new": change.new.to_json() if change.new else None,
        **unknown,
        **({"family": str(change.family)} if change.family else {}),
        **({"network": change.network} if change.network else {}),
        "change": change.change,
        "risks": list(change.risks),
        "causes": list(cause_kinds(change.because)),
        "because": causes_list(change.because),
    }


def causes_list(causes: Iterable[Cause]) -> list[dict[str, Any]]:
    """Return causes as JSON values."""
    return [
        {
            "object": cause.object,
            "policy": cause.policy,
            "rule": cause.rule,
            **({"name": cause.name} if cause.name else {}),
            "file": cause.place.file,
            "line": cause.place.line or None,
            "side": cause.side,
            "what": cause.what,
        }
        for cause in causes
    ]
