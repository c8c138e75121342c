"""Attack steps: what is known of each kind, and one step from here to there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Annotated

from netsim.ir.access import Request
from netsim.ir.place import NOWHERE, Place
from netsim.ir.shapes import EndsShape, PlaceShape


class Certainty(IntEnum):
    """How sure it is that a step can be taken; a proof is as sure as its least sure step."""

    CERTAIN = 0
    """By what the input says, nothing else is needed."""
    LIKELY = 1
    """It needs something that is usual and that the input does not say, such as a container that runs as root."""
    EXPLOIT = 2
    """It needs a flaw in the software that listens."""

    @property
    def label(self) -> str:
        """The word for it."""
        return ("certain", "likely", "needs an exploit")[self]


#: Certainties as answers write them.
CERTAINTIES = tuple(certainty.name.lower() for certainty in Certainty)


class Severity(StrEnum):
    """How bad it is that a step exists."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Need(StrEnum):
    """What must be reachable over the network for a step to be taken."""

    API_SERVER = "apiserver"
    KUBELET = "kubelet"
    ETCD = "etcd"
    METADATA = "metadata"
    PORT = "port"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """One row of the catalogue.

    Attributes:
        id: ``rbac.pod-exec``: stable.
        source, target: What it leads from and to: ``container``, ``pod``, ``subject``, ``node``, ...
        needs: The named facts that all must hold of the source, for the steps of containers and nodes.
        moves: Requests to the API server. All moves are needed, and whoever is taken may make each; of one move, one
            alternative; of an alternative, one subject must be allowed every request, joined by ``&``.
        mitre: Ids of MITRE ATT&CK techniques.
        network: What must be reachable.
        versions: The releases in which it exists: ``<1.35``, ``>=1.24``; empty for all.
        source_of: Where its precondition is written down.
    """

    id: str
    title: str
    source: str
    target: str
    needs: tuple[str, ...] = ()
    moves: tuple[tuple[str, ...], ...] = ()
    severity: Severity
    mitre: tuple[str, ...]
    network: Need
    certainty: Certainty
    mitigation: str
    versions: str = ""
    source_of: str


class Access(StrEnum):
    """What a mount lets its container do."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPath:
    """A path of a node that gives something away.

    Attributes:
        path: Absolute; ``*`` stands for one component.
        below: Whether everything below it counts, too.
        access: What a mount must allow.
        gives: The named fact that a container has which mounts it: ``host-write``.
        reason: Why it gives that.
    """

    path: str
    below: bool
    access: Access
    gives: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Guard:
    """Something that can be changed, and without which a step does not exist.

    Attributes:
        kind: ``binding``, ``pod``, ``policy``, ``namespace``, ``service``, ``account``.
        object: What is to be changed: ``ClusterRoleBinding ci-admin``, ``shop/web[Deployment]``.
        setting: What of it: ``privileged``, ``ingress``; empty for all of it.
        place: Where it stands.
    """

    kind: str
    object: str
    setting: str = ""
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.object}: {self.setting}" if self.setting else self.object


class StepShape(EndsShape, PlaceShape):
    """One attack move, as far as it is compared."""

    id: str
    certainty: Annotated[str, CERTAINTIES]
    because: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attack step.

    Attributes:
        id: Its kind.
        source, target: Vertices: ``container:shop/web/app``, ``node:worker-1``, ``sa:shop/web``.
        guards: All of what makes it possible and can be changed; without any one of them it is gone.
        because: What of the input makes it possible, for people.
        with_: Further vertices that it needs, beside the source.
        asked: The requests to the API server that it takes.
    """

    id: str
    source: str
    target: str
    certainty: Certainty
    guards: tuple[Guard, ...] = ()
    because: tuple[str, ...] = ()
    with_: tuple[str, ...] = ()
    asked: tuple[Request, ...] = ()

    @property
    def key(self) -> str:
        """What stays the same of it between two states of a cluster."""
        return f"{self.source} {self.id} {self.target}"

    def __str__(self) -> str:
        return f"{self.id}: {self.source} -> {self.target}"

    def to_dict(self) -> StepShape:
        """Return the step as JSON values, as far as it is compared with that of another state."""
        return {
            "id": self.id,
            "from": self.source,
            "to": self.target,
            "certainty": self.certainty.name.lower(),
            "file": self.place.file,
            "line": self.place.line or None,
            "because": list(self.because),
        }

    @property
    def place(self) -> Place:
        """Where the first of its guards stands."""
        return next((guard.place for guard in self.guards if guard.place is not NOWHERE), NOWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that is known of attack steps: the kinds by id, the paths of nodes, what containers may do by default."""

    kinds: Mapping[str, StepKind]
    paths: tuple[HostPath, ...]
    default_capabilities: frozenset[str]
