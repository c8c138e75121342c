"""Words that every format for people shares: counts, places, what a terminal may show."""

from netsim.ir.place import Place
from netsim.ir.policy import Rule
from netsim.ir.traffic import Traffic
from netsim.queries.listing import Line


def safe(text: str) -> str:
    """Return the text with what does not print written out: ``\\x1b`` is four letters then, and paints nothing.

    Names of objects cannot hold such characters; names of files, and values in messages, can.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 policy``, ``2,000 policies``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def where(place: Place) -> str:
    """Return ``file:line``, which editors open; the file alone where the input has no lines."""
    file = safe(place.file)
    return f"{file}:{place.line}" if place.line else file


def called(rule: Rule) -> str:
    """Return a rule as sentences name it: ``ingress[0]``, ``egress[1] "allow-dns"`` where it has a name."""
    return named(str(rule), rule.name)


def named(rule: str, name: str | None) -> str:
    """Return a rule with the name that its policy gives it."""
    return f'{rule} "{safe(name)}"' if name else rule


def traffic_cell(line: Line) -> str:
    """Return what a row allows, and on which network: ``TCP 80``, ``all on NETWORK``."""
    network = f" on {safe(line.network)}" if line.network else ""
    return allowed_cell(line) + network


def allowed_cell(line: Line) -> str:
    """Return what a row allows: ``TCP 80``, ``TCP 80; unknown: UDP 53``, ``TCP 80 over IPv6``."""
    known = str(line.traffic) if line.traffic else ""
    unknown = f"unknown: {line.unknown}" if line.unknown else ""
    family = f" over {line.family}" if line.family else ""
    return "; ".join(filter(None, (known, unknown))) + family


def before_or_after(traffic: Traffic, unknown: Traffic) -> str:
    """Return one side of a change: ``TCP 80``, ``unknown: TCP 80``, ``none``."""
    if not unknown:
        return str(traffic)
    return f"{traffic}; unknown: {unknown}" if traffic else f"unknown: {unknown}"
