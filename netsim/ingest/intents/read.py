"""Intent files to intents, every problem told with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from netsim.errors import Problem, UsageError
from netsim.ingest.document import Document, Path
from netsim.ingest.documents import Input, read_documents
from netsim.ingest.intents.model import WrittenEntry, WrittenFile, WrittenIntent, WrittenPair, WrittenPeer, WrittenPorts
from netsim.ingest.intents.shape import check_shape
from netsim.ingest.ports import asked
from netsim.ingest.reader import told
from netsim.ingest.schema import NewerField, faults
from netsim.ingest.selectors import selector, selectors
from netsim.ingest.validation import address, block, label_key, label_value
from netsim.ir.intents import Claim, Intent, NamedPeer, Over, Party, SelectedPeer
from netsim.ir.labels import EVERYTHING, Selector, namespace_named
from netsim.ir.place import Place
from netsim.ir.policy import NamedPort, PodPeer, PortMatch, Ports
from netsim.ir.traffic import PORT_PROTOCOLS, Protocol

GROUP = "group:"
#: What is meant to be an address, or a block of them.
_ADDRESS = re.compile(r"[0-9.]+(/\d*)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(/\d*)?")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")

Peer = NamedPeer | SelectedPeer


def read_intents(inputs: Sequence[Input], problems: list[Problem]) -> tuple[Intent, ...]:
    """Return the intents of some files, in their order; append to ``problems`` what is wrong with them.

    Groups and variables are those of the document that an intent stands in. Names are unique among all that are read.
    """
    found: list[Intent] = []
    for each in inputs:
        before = len(problems)
        documents = list(read_documents([each], problems))
        if not documents and len(problems) == before:
            message = "holds no intents"
            problems.append(Problem(file=str(each), code="NS108", message=message, hint="start it with `intents:`"))
        for document in documents:
            found += _File(document, problems).intents()
    seen: dict[str, Intent] = {}
    for intent in found:
        first = seen.setdefault(intent.name, intent)
        if first is not intent:
            problems.append(_repeated(intent, first.place))
    return tuple(found)


def _repeated(intent: Intent, first: Place) -> Problem:
    return Problem(
        file=intent.place.file,
        line=intent.place.line,
        column=intent.place.column,
        code="NS120",
        message=f'an intent named "{intent.name}" stands at {first}, too',
        hint="give each its own name: it is what reports and baselines know it by",
    )


@dataclass(slots=True)
class _File:
    """One document of intents while it is read."""

    document: Document
    problems: list[Problem]
    _groups: dict[str, tuple[Peer, ...]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _spoilt: set[Path] = field(default_factory=set)
    _written: WrittenFile = field(init=False)

    def intents(self) -> Iterator[Intent]:
        """Yield the intents that can be read."""
        before = len(self.problems)
        tree = self._with_values(self.document.tree())
        for fault in faults(tree, WrittenFile):
            if not isinstance(fault, NewerField):
                code, message, hint = told(fault)
                self._refuse(code, fault.path, message, hint)
        spoilt = frozenset(self._spoilt)
        self._written = msgspec.convert(_without(tree, spoilt), WrittenFile)
        if all(len(path) > 1 for path in spoilt):  # else what is missing may be what was left out just now
            check_shape(self._written, (), self._refuse)
        self._groups = {str(name): () for key, *names in spoilt if key == "groups" for name in names}
        for name in self._written.groups or {}:
            self._group(name, ("groups", name))
        is_whole = len(self.problems) == before  # else a group may lack somebody
        for index, each in enumerate(self._written.intents or ()):
            before, path = len(self.problems), ("intents", index)
            intent = None if path in spoilt else self._intent(each, path)
            if intent and is_whole and len(self.problems) == before:
                yield intent

    def _refuse(self, code: str, path: Path, message: str, hint: str = "") -> None:
        self._spoilt.add(path[:2])
        self.problems.append(self.document.problem(code, path, message, hint=hint))

    # Variables.

    def _with_values(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Return the tree with ``${NAME}`` replaced in groups and intents."""
        values = tree.get("vars")
        known = values if isinstance(values, dict) else {}
        return {
            key: self._replaced(value, known, (key,)) if key in ("groups", "intents") else value
            for key, value in tree.items()
        }

    def _replaced(self, value: Any, known: Mapping[str, Any], path: Path) -> Any:
        match value:
            case dict():
                return {key: self._replaced(item, known, (*path, key)) for key, item in value.items()}
            case list():
                return [self._replaced(item, known, (*path, index)) for index, item in enumerate(value)]
            case str():
                return self._text(value, known, path)
            case _:
                return value

    def _text(self, text: str, known: Mapping[str, Any], path: Path) -> Any:
        for name in _VARIABLE.findall(text):
            if name not in known:
                self._refuse("NS127", path, f"names the variable {name!r}, which `vars` does not define", _known(known))
                return text
        whole = _VARIABLE.fullmatch(text)
        return known[whole[1]] if whole else _VARIABLE.sub(lambda found: str(known[found[1]]), text)

    # Peers.

    def _group(self, name: str, path: Path) -> tuple[Peer, ...]:
        """Return the peers of a group, which may hold other groups; ``path`` is where it is named."""
        groups = self._written.groups or {}
        if name not in groups:
            self._refuse("NS127", path, f"names the group {name!r}, which `groups` does not define", _known(groups))
            return ()
        if name in self._open:
            self._refuse("NS127", path, f"the group {name!r} contains itself", "take one of them out")
            return ()
        if name not in self._groups:
            self._open.append(name)
            self._groups[name] = tuple(p.peer for p in self._parties(groups[name], ("groups", name), ()))
            self._open.pop()
            if not self._groups[name] and not groups[name]:
                self._refuse("NS108", ("groups", name), "is empty", "a group names somebody")
        return self._groups[name]

    def _parties(self, given: object, path: Path, protocols: tuple[Protocol, ...]) -> Iterator[Party]:
        """Yield the parties of one peer or of a list of them; ``protocols`` are those of a port that names none."""
        if isinstance(given, list):
            for index, each in enumerate(given):
                yield from self._parties(each, (*path, index), protocols)
        elif isinstance(given, str):
            yield from (Party(peer=peer) for peer in self._peers(given, path))
        elif isinstance(given, WrittenPeer) and check_shape(given, path, self._refuse):
            port = given.port if isinstance(given, WrittenEntry) else None
            ports = self._ports(port, (*path, "port"), protocols)
            yield from (Party(peer=peer, ports=ports) for peer in self._peers_of(given, path))

    def _peers_of(self, given: WrittenPeer, path: Path) -> tuple[Peer, ...]:
        return self._selected(given, path) if given.peer is None else self._peers(given.peer, (*path, "peer"))

    def _peers(self, text: str, path: Path) -> tuple[Peer, ...]:
        """Return what a text means: a group's peers, pods by labels, or what the cluster will say."""
        text = text.strip()
        if text.startswith(GROUP):
            return self._group(text.removeprefix(GROUP).strip(), path)
        place = self.document.place(path)
        if text.startswith(("ns:", "pod:")):
            both = self._parsed(selectors, text, "NS112", path)
            return () if both is None else (self._pods(text, both[0], both[1], path),)
        if not text:
            self._refuse("NS118", path, "names nobody", 'namespaces: "" is every pod')
            return ()
        if _ADDRESS.fullmatch(text) and address(text) is None and block(text) is None:
            self._refuse("NS116", path, f"`{text}` is no address and no CIDR")
            return ()
        return (NamedPeer(text=text, place=place),)

    def _selected(self, given: WrittenPeer, path: Path) -> tuple[Peer, ...]:
        namespaces = self._selector(given.namespaces, (*path, "namespaces"))
        if given.namespace is not None:
            namespaces = namespace_named(given.namespace)
            self._checked(namespaces, (*path, "namespace"))
        pods = self._selector(given.pods, (*path, "pods"))
        if namespaces is None or pods is None:
            return ()
        written = ", ".join(
            f"{name}: {value or chr(34) * 2}" for name, value in given.present().items() if name != "port"
        )
        return (self._pods(written, namespaces, pods, path),)

    def _pods(self, text: str, namespaces: Selector, pods: Selector, path: Path) -> SelectedPeer:
        self._checked(namespaces, path)
        self._checked(pods, path)
        place = self.document.place(path)
        return SelectedPeer(text=text, pods=PodPeer(namespaces=namespaces, pods=pods, place=place), place=place)

    def _selector(self, text: str | None, path: Path) -> Selector | None:
        return EVERYTHING if text is None else self._parsed(selector, text, "NS112", path)

    def _checked(self, chosen: Selector, path: Path) -> None:
        """Tell of labels that no object can have."""
        for requirement in chosen.requirements:
            if wrong := label_key(requirement.key):
                self._refuse("NS110", path, f'the key "{requirement.key}" {wrong}')
            for value in requirement.values:
                if wrong := label_value(value):
                    self._refuse("NS111", path, f'the value "{value}" {wrong}; no label can have it')

    def _parsed(self, parse: Any, text: Any, code: str, path: Path) -> Any:
        """Return what a text means to a parser; None, and the problem, where it means nothing."""
        try:
            return parse(text)
        except UsageError as error:
            self._refuse(code, path, error.message, error.hint)
            return None

    # Ports.

    def _ports(self, given: WrittenPorts, path: Path, protocols: tuple[Protocol, ...]) -> tuple[PortMatch, ...] | None:
        if given is None:
            return None
        entries = [((*path, i), e) for i, e in enumerate(given)] if isinstance(given, list) else [(path, given)]
        return tuple(match for at, entry in entries for match in self._port(entry, at, protocols))

    def _port(self, given: int | str, path: Path, protocols: tuple[Protocol, ...]) -> Iterable[PortMatch]:
        found = self._parsed(asked, given, "NS113", path)
        if found is None:
            return
        if found.protocol is Protocol.OTHER:
            self._refuse("NS115", path, f"`{given}` has no ports", "an intent speaks of TCP, UDP and SCTP")
            return
        place = self.document.place(path)
        for protocol in (found.protocol,) if found.protocol else protocols:
            if found.name is not None:
                yield NamedPort(protocol=protocol, name=found.name, place=place)
            else:
                yield Ports(protocol=protocol, first=found.first, last=found.last, ranged=True, place=place)

    # Intents.

    def _intent(self, given: WrittenIntent, path: Path) -> Intent | None:
        check_shape(given, path, self._refuse)
        claim = next((claim for claim in Claim if claim.value in given.present()), None)
        if claim is None:
            return None
        pair = given.allow or given.deny
        if pair is not None:
            check_shape(pair, (*path, claim.value), self._refuse)
        # What is to be allowed is TCP where no protocol is named, as in a NetworkPolicy; a denial leaves none out.
        spoken = (Protocol.TCP,) if claim is Claim.ALLOW else PORT_PROTOCOLS
        port, at = (pair.port, (*path, claim.value, "port")) if pair else (given.port, (*path, "port"))
        sources, destinations = self._sides(given, claim, pair, path)
        return Intent(
            name=given.name or "",
            claim=claim,
            sources=sources,
            destinations=destinations,
            ports=self._ports(port, at, spoken),
            over=Over.ALL_PODS if given.over == Over.ALL_PODS else Over.EXISTING_PODS,
            place=self.document.place(path),
        )

    def _sides(
        self, given: WrittenIntent, claim: Claim, pair: WrittenPair | None, path: Path
    ) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
        sides: tuple[tuple[object, Path], tuple[object, Path]]
        if pair is not None:
            sides = (pair.source, (claim.value, "from")), (pair.destination, (claim.value, "to"))
        elif claim is Claim.ONLY_FROM:
            sides = (given.only_from, (claim.value,)), (given.destination, ("to",))
        else:
            sides = (given.source, ("from",)), (given.only_to, (claim.value,))
        one, other = (tuple(self._parties(side, (*path, *steps), (Protocol.TCP,))) for side, steps in sides)
        return one, other


def _without(tree: dict[str, Any], spoilt: frozenset[Path]) -> dict[str, Any]:
    """Return the tree without what is at fault, so that the rest can be read: fields, values, groups and intents."""
    kept = {key: value for key, value in tree.items() if (key,) not in spoilt}
    for key, nothing in (("vars", ""), ("groups", None)):
        if kept.get(key):
            kept[key] = {name: nothing if (key, name) in spoilt else each for name, each in kept[key].items()}
    if kept.get("intents"):  # which are known by their numbers
        kept["intents"] = [{} if ("intents", n) in spoilt else each for n, each in enumerate(kept["intents"])]
    return kept


def _known(names: Iterable[str]) -> str:
    return f"there is {', '.join(sorted(names))}" if names else "there is none"
