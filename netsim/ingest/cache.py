"""What was read before of the same bytes, kept in a folder of the user's own.

A file of the folder is a checksum and a pickle, which is made of frozen values of ours and of addresses alone. Whoever
may write into the folder could make us read another cluster, so it must be the user's and closed to others; nobody
could make us run anything, because the reader knows no other names.
"""

import io
import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator
from copyreg import dispatch_table
from functools import cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

from netsim.errors import Problem, UsageError
from netsim.ir.snapshot import Snapshot

#: The number of an input, the name of a file of it, and what that holds.
File = tuple[int, str, bytes]

Read = tuple[Snapshot, tuple[Problem, ...]]

_OTHERS = {(each.__module__, each.__name__): each for each in (IPv4Address, IPv4Network, IPv6Address, IPv6Network)}
_FOLDER = Path(__file__).parents[1]


def key_of(files: Iterable[File], settings: object) -> str:
    """Return what tells these files, read by this netsim under these settings, from any others."""
    digest = blake2b(f"{_reader()} {settings}".encode(), digest_size=32)
    for number, name, data in files:
        digest.update(repr((number, name, len(data))).encode(errors="surrogatepass"))
        digest.update(data)
    return digest.hexdigest()


def load(folder: Path, key: str) -> Read | None:
    """Return what is kept under a key; None where that is nothing, or nothing whole.

    Raises:
        UsageError: The folder is not the user's own, or open to others.
    """
    _check(folder)
    try:
        content = (folder / key).read_bytes()
        size = blake2b().digest_size
        if blake2b(content[size:]).digest() == content[:size]:
            found: Read = _Reader(io.BytesIO(content[size:])).load()
            return found
    except (OSError, pickle.UnpicklingError):
        pass
    return None


def store(folder: Path, key: str, read: Read) -> None:
    """Keep something under a key; whoever reads or writes at the same time sees all of it or nothing.

    Raises:
        UsageError: Nothing can be written there.
    """
    content = io.BytesIO()
    _Writer(content, protocol=pickle.HIGHEST_PROTOCOL).dump(read)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
            file.write(blake2b(content.getbuffer()).digest())
            file.write(content.getbuffer())
        Path(file.name).replace(folder / key)
    except OSError as error:
        raise UsageError(f"cannot write into the cache {folder}: {error.strerror}") from None


def _check(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.stat()
    except OSError as error:
        raise UsageError(f"{folder} is no folder for a cache: {error.strerror}") from None
    if hasattr(os, "getuid") and (seen.st_uid != os.getuid() or seen.st_mode & 0o022):
        raise UsageError(
            f"the cache {folder} may be written by others", hint=f"name a folder of your own: `chmod 700 {folder}`"
        )


@cache
def _reader() -> str:
    """Return what tells this netsim from any other that could read the same bytes otherwise: its own text."""
    digest = blake2b(f"{sys.version} {pickle.HIGHEST_PROTOCOL}".encode(), digest_size=32)
    for path in sorted(_sources()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield _FOLDER / "errors.py"
    for part in ("ingest", "ir"):
        yield from (_FOLDER / part).rglob("*.py")


class _Writer(pickle.Pickler):
    # The standard library writes addresses as texts, which are slow to read.
    dispatch_table = {  # noqa: RUF012
        **dispatch_table,
        IPv4Address: lambda address: (IPv4Address, (int(address),)),
        IPv6Address: lambda address: (IPv6Address, (int(address),) if not address.scope_id else (str(address),)),
    }


class _Reader(pickle.Unpickler):
    """Makes frozen values of ours and addresses, and knows nothing else."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) in _OTHERS:
            return _OTHERS[module, name]
        if (module, name) == ("builtins", "frozenset"):
            return frozenset
        known = module.startswith("netsim.ir.") or module == Problem.__module__
        found = getattr(sys.modules.get(module), name, None) if known and "." not in name else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a cache")
        return found
