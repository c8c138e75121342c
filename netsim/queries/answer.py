"""What every answer is: frozen, with its assumptions and warnings, able to show itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NotRequired, TypedDict

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.objects import Family, Pod
from netsim.ir.policy import AddressPeer, NodePeer, Tier
from netsim.ir.shapes import PlaceShape
from netsim.ir.snapshot import Notice, Snapshot
from netsim.knowledge import DEFAULT_PROFILE

SCHEMA = "netsim/v1"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to one question.

    ``displays`` holds the ways to show an answer, filled by render, which stands above: ``text`` for ``str``,
    ``html`` for notebooks.
    """

    kind: ClassVar[str] = "Answer"
    displays: ClassVar[dict[str, Callable[["Answer"], str]]] = {}

    assumptions: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON values, ``netsim/v1``."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            **self.facts(),
            "assumptions": list(self.assumptions),
            "warnings": [notice_dict(notice) for notice in self.warnings],
        }

    def facts(self) -> Mapping[str, Any]:
        """Return what this kind of answer has to say, as JSON values."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.displays["text"](self)

    def _repr_html_(self) -> str:
        return self.displays["html"](self)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - as IPython calls it
        printer.text(str(self))


class ListingSummary(TypedDict):
    """How much there is of everything."""

    endpoints: int
    classes: int
    policies: int
    connections: int
    unknown: int


class BetweenShape(TypedDict):
    """Between what a row is, where that must be said: one address family alone, a network beside the pods' own."""

    family: NotRequired[str]
    network: NotRequired[str]


def between(family: Family | None, network: str | None) -> BetweenShape:
    """Return between what a row is as JSON values."""
    shape: BetweenShape = {"family": str(family)} if family else {}
    if network:
        shape["network"] = network
    return shape


@dataclass(frozen=True, kw_only=True)
class Listing(Answer):
    """An answer of rows, each with traffic that is allowed or unknown.

    Attributes:
        endpoints, classes, policies: How much there is of each.
    """

    endpoints: int
    classes: int
    policies: int

    @property
    def counted(self) -> tuple[int, int]:
        """How many rows have some allowed traffic, and how many are unknown only."""
        raise NotImplementedError

    @property
    def summary(self) -> "ListingSummary":
        """How much there is of everything."""
        allowed, unknown = self.counted
        return {
            "endpoints": self.endpoints,
            "classes": self.classes,
            "policies": self.policies,
            "connections": allowed,
            "unknown": unknown,
        }


def frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    """Return rows as a pandas DataFrame.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as missing:
        raise UsageError("to_frame() needs pandas, which is not installed", hint="pip install pandas") from missing
    return pd.DataFrame(list(rows), columns=list(columns))


class NoticeShape(PlaceShape):
    """What a reader should know."""

    message: str


def notice_dict(notice: Notice) -> NoticeShape:
    """Return a notice as JSON values."""
    place = notice.place
    return {"message": notice.message, "file": place.file if place else None, "line": place.line if place else None}


def assumptions_of(cluster: Compiled) -> tuple[str, ...]:
    """Return what every answer about the cluster takes for granted, sorted."""
    return cluster.once("assumptions", lambda: _assumed(cluster))


def _assumed(cluster: Compiled) -> tuple[str, ...]:
    snapshot, profile = cluster.snapshot, cluster.profile
    found = []
    if profile.name != DEFAULT_PROFILE:
        found.append(f"the network is {profile.name}: where the standard leaves a choice, its own is taken (S5)")
    policies = (policy for policy in snapshot.policies if policy.tier is not Tier.NETWORK)
    asked = {type(peer) for policy in policies for rule in policy.rules for peer in rule.peers or ()}
    if NodePeer in asked and not snapshot.nodes:
        found.append("the input holds no Node: what `nodes` peers mean was taken to be nothing (S3.5)")
    bare = cluster.lasting("without address", lambda: sum(_is_bare(pod) for pod in snapshot.pods))
    if AddressPeer in asked and bare:
        found.append(
            f"{bare} {'endpoint has' if bare == 1 else 'endpoints have'} no address in the input: "
            "no ipBlock was taken to match them (S2.12)"
        )
    return tuple(sorted(found))


def _is_bare(pod: Pod) -> bool:
    return not pod.addresses and not pod.host_network and not pod.finished


def warnings_of(cluster: Compiled) -> tuple[Notice, ...]:
    """Return what a reader of any answer about the cluster should know, sorted."""
    return cluster.once("warnings", lambda: _warned(cluster.snapshot))


def _warned(snapshot: Snapshot) -> tuple[Notice, ...]:
    replaced = (
        Notice(f"{entry.kind} {entry.name} replaces the one at {entry.old}", entry.new) for entry in snapshot.overrides
    )
    return (*snapshot.warnings, *replaced)
