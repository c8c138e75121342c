"""CIDRs, as policies of every kind write them."""

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.validation import address, block
from netsim.ir.objects import Network


def check_cidr(text: str, path: Path, reading: Reading) -> Network | None:
    """Note a text that is no CIDR; return the block, host bits masked, of one that is."""
    found = block(text)
    if found is None:
        reading.refuse("NS116", path, f'"{text}" is no CIDR', hint=_hint(text))
    return found


def _hint(text: str) -> str:
    alone = address(text)
    if alone is not None:
        return f"add a prefix length: {alone}/{alone.max_prefixlen} is this address alone"
    return "write an address and a prefix length, as 10.0.0.0/8 or 2001:db8::/32, without leading zeros or spaces"


def network(text: str | None) -> Network:
    """Return the block of a CIDR that was checked before.

    Raises:
        ValueError: It is none.
    """
    found = block(text or "")
    if found is None:
        raise ValueError(f"{text} is no CIDR")
    return found
