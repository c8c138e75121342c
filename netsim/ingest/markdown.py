"""The fenced code blocks of a Markdown text (CommonMark 4.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A code block.

    Attributes:
        language: The first word after the fence, in lower case; empty where there is none.
        line: The line of the file, from 1, on which its text starts.
    """

    language: str
    line: int
    text: str


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced code blocks, without the indentation of their fences; one that is not closed goes to the end."""
    opened: re.Match[str] | None = None
    start, held = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if opened is None:
            if fence:
                opened, start, held = fence, number + 1, []
        elif fence and fence["fence"].startswith(opened["fence"]) and not fence["info"].strip():
            yield _block(opened, start, held)
            opened = None
        else:
            held.append(line)
    if opened is not None:
        yield _block(opened, start, held)


def _block(opened: re.Match[str], start: int, lines: list[str]) -> Block:
    width = len(opened["indent"])
    words = opened["info"].strip().strip("{}.").lower().split()
    text = "".join(f"{line[min(width, len(line) - len(line.lstrip())) :]}\n" for line in lines)
    return Block(language=words[0] if words else "", line=start, text=text)
