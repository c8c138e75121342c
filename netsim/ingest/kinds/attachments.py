"""Which networks a pod's annotations attach it to, beside the pod network.

Sources:
    ``k8s.v1.cni.cncf.io/networks`` and ``.../network-status``: the de-facto standard of the Network Plumbing Working
    Group for multiple networks; ``k8s.ovn.org/pod-networks``: what OVN-Kubernetes notes of a pod that runs.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.kinds.metadata import Texts
from netsim.ingest.validation import address
from netsim.ir.objects import Address, Attachment, Definition

ASKED = "k8s.v1.cni.cncf.io/networks"
STATUS = "k8s.v1.cni.cncf.io/network-status"
OVN = "k8s.ovn.org/pod-networks"


def attachments(annotations: Texts | None, path: Path, reading: Reading) -> tuple[Attachment, ...]:
    """Return a pod's interfaces beside the one on the pod network, in the order asked for; no two are alike.

    Args:
        path: Where the annotations stand.
    """
    if annotations is None or not asks_for_networks(annotations):
        return ()
    try:
        asked = dict(_entries(annotations.get(ASKED) or "", reading.namespace))
    except ValueError as error:
        reading.warn((*path, ASKED), f"is ignored: {error}")
        asked = {}
    known = {**_of_status(annotations.get(STATUS)), **_of_ovn(annotations.get(OVN))}
    found = [Attachment(name, known.get(name, (own, False))[0]) for name, own in asked.items()]
    primary = [Attachment(name, own, primary=True) for name, (own, is_primary) in known.items() if is_primary]
    return (*found, *primary)


def asks_for_networks(annotations: Texts | None) -> bool:
    """Do the annotations of a pod name networks beside the pod network?"""
    return bool(annotations and (annotations.get(ASKED) or annotations.get(OVN)))


def definition(text: str, namespace: str) -> Definition:
    """Return the definition that ``name`` or ``namespace/name`` means; an interface's name may follow: ``@eth1``."""
    place, slash, name = text.partition("@")[0].strip().rpartition("/")
    return (place if slash else namespace, name)


def _entries(text: str, namespace: str) -> Iterator[tuple[Definition, tuple[Address, ...]]]:
    """Yield the networks that are asked for: ``a, ns/b@eth1``, or a list in JSON with the addresses wanted.

    Raises:
        ValueError: The text is neither.
    """
    if not text.lstrip().startswith("["):
        yield from ((definition(part, namespace), ()) for part in text.split(",") if part.strip())
        return
    for entry in _json(text):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            raise ValueError("each entry of the list is a mapping with a `name`")
        yield (str(entry.get("namespace") or namespace), entry["name"]), _addresses(entry.get("ips"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("it starts like JSON and is none") from None


def _addresses(written: Any) -> tuple[Address, ...]:
    """Return addresses, with or without a prefix length; what is none is left out."""
    texts = [written] if isinstance(written, str) else written if isinstance(written, list) else []
    found = (address(str(text).partition("/")[0]) for text in texts)
    return tuple(each for each in found if each is not None)


def _of_status(text: str | None) -> dict[Definition, tuple[tuple[Address, ...], bool]]:
    return {
        definition(entry["name"], ""): (_addresses(entry.get("ips")), False)
        for entry in _lenient(text, list)
        if isinstance(entry, Mapping) and "/" in str(entry.get("name"))
    }


def _of_ovn(text: str | None) -> dict[Definition, tuple[tuple[Address, ...], bool]]:
    return {
        definition(name, ""): (
            _addresses(entry.get("ip_addresses") or entry.get("ip_address")),
            entry.get("role") == "primary",
        )
        for name, entry in _lenient(text, dict).items()
        if isinstance(entry, Mapping) and "/" in name
    }


def _lenient(text: str | None, kind: type[Any]) -> Any:
    """Return what a program noted; nothing where somebody else has written there."""
    try:
        found = json.loads(text or "null")
    except ValueError:
        return kind()
    return found if isinstance(found, kind) else kind()
