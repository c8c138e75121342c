"""The code blocks of a Markdown text: fenced ones, indented ones, and what a shell would read from itself.

Source: CommonMark 4.4, 4.5 and 5.1; POSIX shell 2.7.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?:(?P<fence>`{3,})[ \t]*(?P<info>[^`]*)|(?P<tildes>~{3,})[ \t]*(?P<more>.*))")
_QUOTED = re.compile(r"(?: {0,3}> ?)+")
_INDENTED = re.compile(r" {4}|\t| {1,3}\t")
#: As MyST and Sphinx write it: ``{code-block} yaml``.
_DIRECTIVE = re.compile(r"\{(?:code|code-block|sourcecode)\}\s+(?P<language>\S+)")
_HERE = re.compile(r"(?<!<)<<(?P<dash>-?)[ \t]*(?P<quote>[\\'\"]?)(?P<word>[A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A code block.

    Attributes:
        language: The first word after the fence, in lower case; empty where there is none.
        line: The line of the file, from 1, on which its text starts.
        is_fenced: Whether a fence says that it is code; what is only indented may be prose.
        expands: Whether a shell would replace its variables first.
    """

    language: str
    line: int
    text: str
    is_fenced: bool = True
    expands: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A fence that was opened: how far it is indented, whether in a quotation, and what closes it."""

    indent: int
    fence: str
    info: str
    start: int
    is_quoted: bool


def blocks(text: str) -> Iterator[Block]:
    """Yield the code blocks, without their indentation; a fence that is not closed goes to the end."""
    opened: _Opened | None = None
    held, loose = list[str](), list[str]()
    after_blank = True
    for number, written in enumerate(text.splitlines(), start=1):
        quotation = _QUOTED.match(written)
        if opened is not None and opened.is_quoted and quotation is None:
            yield _block(opened, held)
            opened = None
        line = written[quotation.end() :] if quotation and (opened is None or opened.is_quoted) else written
        fence = _fence(line, number, is_quoted=quotation is not None)
        if opened is not None:
            if fence and fence.fence.startswith(opened.fence) and not fence.info:
                yield _block(opened, held)
                opened = None
            else:
                held.append(line)
        elif fence:
            yield from _loose(loose, number)
            opened, held, loose = fence, [], []
        elif line.strip() and not (_INDENTED.match(line) and (loose or after_blank)):
            yield from _loose(loose, number)
            loose = []
        elif loose or line.strip():
            loose.append(line)
        after_blank = not line.strip()
    if opened is not None:
        yield _block(opened, held)
    yield from _loose(loose, len(text.splitlines()) + 1)


def _fence(line: str, number: int, *, is_quoted: bool) -> _Opened | None:
    found = _FENCE.fullmatch(line)
    if found is None:
        return None
    return _Opened(
        indent=len(found["indent"]),
        fence=found["fence"] or found["tildes"],
        info=(found["info"] or found["more"] or "").strip(),
        start=number + 1,
        is_quoted=is_quoted,
    )


def _block(opened: _Opened, lines: list[str]) -> Block:
    directive = _DIRECTIVE.match(opened.info)
    words = [directive["language"]] if directive else opened.info.strip("{}.").split()
    text = "".join(f"{line[min(opened.indent, len(line) - len(line.lstrip())) :]}\n" for line in lines)
    return Block(language=words[0].lower() if words else "", line=opened.start, text=text)


def _loose(lines: list[str], end: int) -> Iterator[Block]:
    """Yield the block of the indented lines before a line."""
    if lines:
        text = dedent("".join(f"{line.expandtabs(4)}\n" for line in lines))
        yield Block(language="", line=end - len(lines), text=text, is_fenced=False)


def heredocs(block: Block) -> Iterator[Block]:
    """Yield each text that a script gives to a command with ``<<``; of a session, without its prompts."""
    lines = block.text.splitlines()
    number = 0
    while number < len(lines):
        found = _HERE.search(lines[number])
        number += 1
        if found is None or lines[number - 1].lstrip().startswith("#"):
            continue
        start = number
        while number < len(lines) and lines[number].removeprefix("> ").strip() != found["word"]:
            number += 1
        if number == len(lines):  # nothing ends it: it was something else
            number = start
            continue
        body = lines[start:number]
        if body and all(line.startswith(">") for line in body):
            body = [line[1:].removeprefix(" ") for line in body]
        if found["dash"]:
            body = [line.lstrip("\t") for line in body]
        text = "".join(f"{line}\n" for line in body)
        yield Block(language="yaml", line=block.line + start, text=text, expands=not found["quote"])
