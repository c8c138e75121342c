"""Which clusters a fleet is made of: each with a name, and the inputs that it is read from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import IO

from netsim.errors import UsageError
from netsim.ingest import DEFAULT_LIMITS, Fetched, Given, Input, Limits, fetch, is_rendered

#: An input, or several, that make one cluster together.
Inputs = Input | Sequence[Input]

_MANIFESTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Member:
    """One cluster of a fleet; a later input overrides the objects of an earlier one."""

    name: str
    inputs: tuple[Input, ...]

    def fetch(self, limits: Limits = DEFAULT_LIMITS) -> tuple[Input, ...]:
        """Return the inputs read, so that they can be looked into elsewhere."""
        return tuple(each if isinstance(each, Given) else fetch(each, limits=limits) for each in self.inputs)


def members(
    inputs: Sequence[Input] | Mapping[str, Inputs], patches: Sequence[Input], *, stdin: IO[bytes] | None = None
) -> tuple[Member, ...]:
    """Return the clusters, sorted by name.

    Args:
        inputs: A cluster each, a glob for several, or clusters by name.
        patches: What-ifs: the one cluster as it is, and with each of these over it.

    Raises:
        UsageError: There are patches, and not one cluster; a glob matches nothing.
    """
    if isinstance(inputs, Mapping):
        found = {name: Member(name, _together(own)) for name, own in inputs.items()}
    else:
        found = {name_of(each): Member(name_of(each), (each,)) for each in _each(inputs)}
    if patches:
        if len(found) != 1:
            raise UsageError(
                f"what-ifs are over one cluster, and there are {len(found)}", hint="netsim fleet BASE --with PATCH..."
            )
        (base,) = found.values()
        overlaid = (Member(f"{base.name} + {name_of(each)}", (*base.inputs, each)) for each in _each(patches))
        found |= {member.name: member for member in overlaid}
    if not found:
        raise UsageError("there is no cluster to look at", hint="name files, folders, or git:REV:PATH")
    return tuple(_kept(found[name], stdin) for name in sorted(found))


def _together(inputs: Inputs) -> tuple[Input, ...]:
    several = isinstance(inputs, Sequence) and not isinstance(inputs, str)
    return tuple(inputs) if several else (inputs,)  # type: ignore[arg-type, return-value]


def _each(inputs: Iterable[Input]) -> Iterator[Input]:
    for each in inputs:
        if isinstance(each, str) and _is_glob(each):
            yield from _matching(each)
        else:
            yield each


def _is_glob(text: str) -> bool:
    """Return whether an input may mean several: a path that is none, and looks like a pattern."""
    return has_magic(text) and not text.startswith("git:") and not is_rendered(text) and not Path(text).exists()


def _matching(pattern: str) -> Sequence[str]:
    """Return the folders and manifests that a glob matches."""
    everything = glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    found = [path for path in everything if Path(path).is_dir() or path.endswith(_MANIFESTS)]
    if not found:
        raise UsageError(f"`{pattern}` matches no folder and no manifest", hint="a folder is one cluster: clusters/*")
    return found


def name_of(source: Input) -> str:
    """Return the name of a cluster that one input makes.

    Raises:
        UsageError: It has none.
    """
    match source:
        case str() | PathLike():
            return str(fspath(source))
        case Given() | Fetched():
            raise UsageError("clusters of documents need names", hint='netsim.fleet({"prod": ..., "test": ...})')
        case _:
            return str(getattr(source, "name", "<input>"))


def _kept(member: Member, stdin: IO[bytes] | None) -> Member:
    """Return the cluster with what can be read once only read."""
    return Member(member.name, tuple(_lasting(each, stdin) for each in member.inputs))


def _lasting(source: Input, stdin: IO[bytes] | None) -> Input:
    match source:
        case Given() | Fetched() | PathLike():
            return source
        case str() if source != "-":
            return source
        case _:
            return fetch(source, stdin=stdin)
