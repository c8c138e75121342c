"""An intent file as it is written: the one source of what the reader takes and of what the JSON schema says."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from netsim.ingest.schema import Closed
from netsim.ir.intents import Over

Told = Mapping[str, str]
Names = tuple[str, ...]
Rules = Mapping[str, Names]

#: A port, or several: 5432, "53/UDP", "8000-8080", "http".
WrittenPorts = int | str | list[int | str] | None


class Written(Closed, frozen=True, rename="kebab"):
    """A mapping of an intent file, with what its types do not say.

    Attributes:
        told: What each field means, for editors.
        required: The fields that must be there. ``filled``: those that hold no empty list.
        one_of: Fields of which there must be exactly one. ``some_of``: of which there must be some.
        needs, excludes: For a field that is there, those that must be there, too, and those that must not.
        choices: The values that a field may have.
    """

    told: ClassVar[Told] = {}
    required: ClassVar[Names] = ()
    filled: ClassVar[Names] = ()
    one_of: ClassVar[Names] = ()
    some_of: ClassVar[Names] = ()
    needs: ClassVar[Rules] = {}
    excludes: ClassVar[Rules] = {}
    choices: ClassVar[Rules] = {}

    def present(self) -> dict[str, Any]:
        """Return the fields that are there, as they are written; null is absent."""
        values = ((each.encode_name, getattr(self, each.name)) for each in msgspec.structs.fields(self))
        return {name: value for name, value in values if value is not None}


_SELECTOR = "a label selector in kubectl's language (app=web,tier in (a, b),!debug)"
_PEER_TOLD = {
    "namespace": "Pods of this namespace.",
    "namespaces": f'Pods of the namespaces that match {_SELECTOR}; "" is every namespace.',
    "pods": f'Pods that match {_SELECTOR}; "" is every pod.',
    "peer": "A peer as the command line takes it: namespace/name, prod/*, 10.0.0.0/8, internet, node:NAME, group:NAME.",
}
_PEER_EXCLUDES = {"peer": ("namespace", "namespaces", "pods"), "namespace": ("namespaces",)}


class WrittenPeer(Written, frozen=True):
    """Pods by namespace and labels, or any peer by its text."""

    told: ClassVar[Told] = _PEER_TOLD
    some_of: ClassVar[Names] = ("namespace", "namespaces", "pods", "peer")
    excludes: ClassVar[Rules] = _PEER_EXCLUDES

    namespace: str | None = None
    namespaces: str | None = None
    pods: str | None = None
    peer: str | None = None


class WrittenEntry(WrittenPeer, frozen=True):
    """A peer that is permitted, and at which ports."""

    told: ClassVar[Told] = {
        **_PEER_TOLD,
        "port": "Permitted at these ports alone; TCP where no protocol is named. Every port where it is absent.",
    }
    filled: ClassVar[Names] = ("port",)

    port: WrittenPorts = None


WrittenPeers = str | WrittenPeer | list[str | WrittenPeer] | None
WrittenEntries = str | WrittenEntry | list[str | WrittenEntry] | None

_FROM = "Who opens the connections: a peer or a list of peers."
_TO = "Who accepts them: a peer or a list of peers."


class WrittenPair(Written, frozen=True):
    """Sources, destinations and traffic."""

    told: ClassVar[Told] = {
        "from": _FROM,
        "to": _TO,
        "port": "A port or a list: 5432, 53/UDP, 8000-8080, http. Without a protocol it means TCP where connections "
        "are to be allowed, every protocol where they are to be denied. Every port where it is absent.",
    }
    required: ClassVar[Names] = ("from", "to")
    filled: ClassVar[Names] = ("from", "to", "port")

    source: WrittenPeers = msgspec.field(default=None, name="from")
    destination: WrittenPeers = msgspec.field(default=None, name="to")
    port: WrittenPorts = None


class WrittenIntent(Written, frozen=True):
    """One claim about connections."""

    told: ClassVar[Told] = {
        "name": "What is wanted, as a sentence; unique in its file.",
        "allow": "All of this is allowed.",
        "deny": "None of this is allowed.",
        "to": f"With only-from. {_TO}",
        "only-from": "Nobody but these may connect; [] is nobody at all.",
        "from": f"With only-to. {_FROM}",
        "only-to": "These may connect to nobody but these; [] is nobody at all.",
        "port": "With only-from and only-to: the traffic that is spoken of, on every protocol where none is named. "
        "Every port where it is absent.",
        "over": "Which pods it speaks of: those that exist (the default), or all that could.",
    }
    required: ClassVar[Names] = ("name",)
    one_of: ClassVar[Names] = ("allow", "deny", "only-from", "only-to")
    excludes: ClassVar[Rules] = {
        "allow": ("from", "to", "port"),
        "deny": ("from", "to", "port"),
        "only-from": ("from",),
        "only-to": ("to",),
    }
    needs: ClassVar[Rules] = {"only-from": ("to",), "only-to": ("from",)}
    choices: ClassVar[Rules] = {"over": tuple(str(over) for over in Over)}
    filled: ClassVar[Names] = ("from", "to", "port")

    name: str | None = None
    allow: WrittenPair | None = None
    deny: WrittenPair | None = None
    source: WrittenPeers = msgspec.field(default=None, name="from")
    destination: WrittenPeers = msgspec.field(default=None, name="to")
    only_from: WrittenEntries = None
    only_to: WrittenEntries = None
    port: WrittenPorts = None
    over: str | None = None


class WrittenFile(Written, frozen=True):
    """An intent file of netsim."""

    told: ClassVar[Told] = {
        "vars": "Values by name: ${NAME} stands for one wherever a text is written below groups and intents.",
        "groups": "Peers by name: group:NAME stands for them wherever a peer is written.",
        "intents": "What must be true of the cluster.",
    }
    required: ClassVar[Names] = ("intents",)
    filled: ClassVar[Names] = ("intents",)

    vars: dict[str, int | str] | None = None
    groups: dict[str, WrittenPeers] | None = None
    intents: list[WrittenIntent] | None = None
