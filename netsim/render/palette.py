"""Colour for terminals; colour is never the only carrier of anything."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a text, as numbers of SGR; empty means uncoloured."""

    head: str = ""
    good: str = ""
    bad: str = ""
    doubt: str = ""
    faint: str = ""


PLAIN = Palette()
ANSI = Palette(head="1", good="32", bad="31", doubt="33", faint="2")


def paint(text: str, colour: str) -> str:
    """Return the text in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text
