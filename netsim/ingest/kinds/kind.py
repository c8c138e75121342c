"""What a kind is to netsim, and one object of it while it is read."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from netsim.errors import Problem
from netsim.ingest.document import Document, Path, written
from netsim.ingest.schema import Model
from netsim.ingest.validation import Rule
from netsim.ir.access import Binding, Role, ServiceAccount
from netsim.ir.entries import ControllerClass, Entry, Gateway, ReferenceGrant
from netsim.ir.labels import Selector
from netsim.ir.objects import Definition, Namespace, Node, Pod, Service, Workload
from netsim.ir.place import Place
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Notice

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound="Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """An object that makes pods.

    ``owner`` is what makes it in turn; ``template`` stands for its pods, and is None where it will make none any more.
    """

    workload: Workload
    owner: Workload | None
    template: Pod | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredNetwork:
    """A network as an object declares it, before it is known which pods are on it.

    Attributes:
        shared: The name under which declarations of one kind mean one and the same network.
        namespaces: For a network that is declared for several namespaces at once, which; else None: its own.
        owner: The kind, namespace and name of the declaration that this one was generated from, if it was.
    """

    kind: str
    namespace: str
    name: str
    shared: str
    primary: bool
    namespaces: Selector | None = None
    owner: tuple[str, str, str] | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyElsewhere:
    """A policy that is not about the pod network, and the definitions of the networks that it is about."""

    policy: Policy
    definitions: tuple[Definition, ...]
    place: Place


#: What is read of the ways into the cluster.
WayIn = Entry | Gateway | ReferenceGrant | ControllerClass

#: What is read of who may ask the API server for what.
Right = Role | Binding | ServiceAccount

#: What an object is read into.
Value = Namespace | Node | Pod | Service | Policy | Controller | DeclaredNetwork | PolicyElsewhere | WayIn | Right


@dataclass(slots=True, kw_only=True)
class Reading:
    """One object while it is read: where it stands, what it is called, what is wrong with it so far.

    ``left_out`` are the fields that could not be read; complaints that only follow from their absence are dropped.
    ``newer`` are the fields that only a newer version of the API knows. ``notices`` are no problems, but worth saying.
    """

    document: Document
    kind: str
    namespace: str
    name: str
    problems: list[Problem] = field(default_factory=list)
    left_out: tuple[Path, ...] = ()
    newer: tuple[Path, ...] = ()
    notices: list[Notice] = field(default_factory=list)

    def place(self, *path: str | int) -> Place:
        """Return where a field stands."""
        return self.document.place(path)

    def refuse(self, code: str, path: Path, message: str, *, hint: str = "", key: str | None = None) -> None:
        """Note a problem with the field at ``path``; with ``key``, with that key of the mapping at ``path``."""
        exact = path if key is None else (*path, key)
        if any(_follows(code, exact, gone) for gone in self.left_out):
            return
        place = self.document.place(exact)
        self.problems.append(
            Problem(
                file=place.file,
                line=place.line,
                column=place.column,
                code=code,
                subject=self.subject,
                field=written(path),
                message=message,
                hint=hint,
            )
        )

    def warn(self, path: Path, message: str) -> None:
        """Note something that a user should know of the field at ``path``, or of the object where that is empty."""
        said = f"`{written(path)}` {message}" if path else message
        self.notices.append(Notice(f"{self.subject}: {said}", self.document.place(path)))

    def newer_within(self, path: Path) -> tuple[Path, ...]:
        """Return the fields at or below ``path`` that only a newer version of the API knows."""
        return tuple(each for each in self.newer if each[: len(path)] == path)

    @property
    def subject(self) -> str:
        """``NetworkPolicy shop/cart``, ``Namespace shop``."""
        if not self.name:
            return f"{self.kind} without a name"
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


#: Codes of complaints that something is missing, which may be because its neighbour was left out.
_OF_ABSENCE = frozenset({"NS108", "NS114", "NS118", "NS126"})


def _follows(code: str, path: Path, gone: Path) -> bool:
    shared = min(len(path), len(gone))
    return path[:shared] == gone[:shared] or (code in _OF_ABSENCE and path[:-1] == gone[:-1])


@dataclass(frozen=True, slots=True)
class Replicas(Generic[M, V]):
    """How an object is read that is like one before it, as nearly all pods of a large cluster are.

    Args:
        likeness: Returns what an object and those like it have in common.
        copy: Returns the value of an object, given that of one with the same likeness and without problems or notices;
            None where something that the likeness leaves out takes a closer look.
    """

    likeness: Callable[[M], Hashable]
    copy: Callable[[V, M, Reading], V | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[M]):
    """How objects of one API kind become values.

    Args:
        api_versions: Those that are read; the first is the current one, the others are no longer served.
        also_served: Versions that are served beside the current one, and read alike.
        namespaced: Whether an object lives in a namespace; then an absent one is ``default`` (S2.1).
        naming: The rule for its name.
        model: The fields that are read.
        check: Notes every rule of the API server that the object breaks.
        read: Returns its value; only asked of objects whose meaning the problems leave in no doubt.
        replicas: A short cut to what ``check`` and ``read`` come to, for kinds that come in thousands.
    """

    api_versions: tuple[str, ...]
    also_served: tuple[str, ...] = ()
    name: str
    namespaced: bool = True
    naming: Rule
    model: type[M]
    check: Callable[[M, Reading], None]
    read: Callable[[M, Reading], Value]
    replicas: Replicas[M, Any] | None = None

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_versions[0].rpartition("/")[0]


AnyKind = Kind[Any]
