"""Ports by number and by name, wherever an object holds one: what is refused of them, with the way out (NS113)."""

import re

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.validation import port_name, port_number
from netsim.ir.traffic import FIRST_PORT, LAST_PORT

_RANGE = f"write a number from {FIRST_PORT} to {LAST_PORT}"
_LONGEST_NAME = 15


def check_port_number(number: int, path: Path, reading: Reading, *, hint: str = _RANGE) -> None:
    """Note a number that is no port."""
    if wrong := port_number(number):
        reading.refuse("NS113", path, f"{number} {wrong}", hint=hint)


def check_port_name(name: str, path: Path, reading: Reading) -> None:
    """Note a text that cannot be a port's name; a number in quotes is the commonest."""
    if wrong := port_name(name):
        reading.refuse("NS113", path, f'"{name}" {wrong}', hint=_meant(name))


def _meant(name: str) -> str:
    if name.isdigit():
        return f"write {name} without quotes to mean the number, or a name with a letter in it"
    meant = re.sub("-+", "-", re.sub("[^a-z0-9]", "-", name.lower()))[:_LONGEST_NAME].strip("-")
    if port_name(meant) is None:
        return f"write {meant}, in the container and wherever the port is named"
    return f"write 1 to {_LONGEST_NAME} lower-case letters, digits and `-`, one of them a letter"
