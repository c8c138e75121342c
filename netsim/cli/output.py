"""Where answers go: standard output, or a file."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netsim.cli.messages import coloured, hang_up
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.queries.answer import Answer


def chosen(asked: str | None, file: str | None, known: Iterable[str]) -> str:
    """Return the format: the one asked for, else the one that the file's suffix says, else text."""
    suffix = Path(file).suffix.removeprefix(".") if file else ""
    return asked or (suffix if suffix in known else "text")


def deliver(answer: "Answer", form: str, file: str | None, *, quiet: bool, verbose: bool, **options: Any) -> None:
    """Write an answer, text in colour where it goes to a terminal; then say what stands beside it.

    Args:
        options: What the format takes beside the answer.

    Raises:
        UsageError: The file, or standard output, cannot be written.
    """
    from netsim.cli import notes
    from netsim.cli.progress import doing
    from netsim.render import pictured, written

    tinted = "ansi" if form == "text" and file is None and coloured(sys.stdout) else form
    with doing(f"writing {file}", quiet=quiet or file is None):
        if form == "png":
            put_picture(pictured(answer, **options), file)
        else:
            put(written(answer, tinted, **options), file)
    if not quiet and form != "json":  # JSON holds them
        notes.beside(answer, verbose=verbose)


def put(chunks: Iterable[str], file: str | None) -> None:
    """Write an answer to a file, or to standard output.

    Raises:
        UsageError: The file, or standard output, cannot be written.
    """
    with _writing(file):
        if file is None:
            _print(chunks)
        elif Path(file).exists() and not Path(file).is_file():  # /dev/null, a pipe: nothing to replace
            with Path(file).open("w", encoding="utf-8") as stream:
                stream.writelines(chunks)
        else:
            with replacing(Path(file).resolve()) as part, part.open("w", encoding="utf-8") as stream:
                stream.writelines(chunks)


def drawing(form: str, by: str | None) -> dict[str, Any]:
    """Return what a picture's format takes beside the answer.

    Raises:
        UsageError: The format is no picture's.
    """
    from netsim.render.dot import By

    if by is not None and form not in ("dot", "svg", "png"):
        raise UsageError(f"--by is for -o dot, svg and png, not {form}", hint="leave it out")
    return {} if by is None else {"by": By(by)}


def put_picture(picture: bytes, file: str | None) -> None:
    """Write a picture to a file, or to standard output, unless that is a terminal.

    Raises:
        UsageError: The file cannot be written, or the picture would go to a terminal.
    """
    if file is not None:
        with _writing(file), replacing(Path(file).resolve()) as part:
            part.write_bytes(picture)
    elif sys.stdout.isatty():
        raise UsageError("a PNG is for a file, not for a terminal", hint="write it to a file: -f picture.png")
    else:
        with _writing(file):
            sys.stdout.buffer.write(picture)


def save(write: Callable[[Path], None], file: str) -> None:
    """Let an answer that is no text write itself to a file.

    Raises:
        UsageError: The file cannot be written.
    """
    with _writing(file), replacing(Path(file).resolve()) as part:
        write(part)


@contextmanager
def _writing(file: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        name = "standard output" if file is None else f"`{file}`"
        raise UsageError(f"cannot write {name}: {error.strerror or error}") from error


def add(chunks: Iterable[str], file: str) -> None:
    """Write to the end of a file.

    Raises:
        UsageError: The file cannot be written.
    """
    with _writing(file), Path(file).open("a", encoding="utf-8") as stream:
        stream.writelines(chunks)


def _print(chunks: Iterable[str]) -> None:
    try:
        for chunk in chunks:
            sys.stdout.write(chunk)
        sys.stdout.flush()
    except BrokenPipeError:
        hang_up(sys.stdout)  # the reader has seen enough, which is no failure: the exit code stays the command's own


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Give a path to write to, and put it in the place of ``file`` at the end: whoever reads it never sees a half."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
