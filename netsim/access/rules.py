"""Rules as bits: which of all rules match a request."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from netsim.ir.access import Request, Rule

#: A set of rules: bit n is the rule of number n.
Mask = int

_ALL = "*"
#: Requests that have no name, however they are asked: nobody knows what a POST will be called.
_NAMELESS = frozenset({"create", "deletecollection"})
#: Requests for several objects: those of namespaces are in none.
_OF_MANY = frozenset({"list", "watch"})


def as_sent(request: Request) -> Request:
    """Return a request with the namespace and the name that the API server would find in its URL.

    A top-level ``create`` and a ``deletecollection`` have no name. A request for one Namespace is in that namespace.
    """
    nameless = request.verb in _NAMELESS and not (request.verb == "create" and request.subresource)
    name = "" if nameless else request.name
    namespace = request.namespace
    if (request.group, request.resource) == ("", "namespaces") and name and request.verb not in _OF_MANY:
        namespace = namespace or name
    if (name, namespace) == (request.name, request.namespace):
        return request
    return Request(
        verb=request.verb,
        group=request.group,
        resource=request.resource,
        subresource=request.subresource,
        namespace=namespace,
        name=name,
        path=request.path,
    )


@dataclass(frozen=True, slots=True)
class _Field:
    """For each text that some rule names in one of its lists, the rules that do."""

    rules: Mapping[str, Mask]

    def of(self, *texts: str) -> Mask:
        """Return the rules that name one of these texts."""
        found = 0
        for text in texts:
            found |= self.rules.get(text, 0)
        return found


class RuleTable:
    """All rules, numbered in the order given; a list of a rule is one column, so that no product is ever written out.

    Units:
        A Mask has as many bits as there are rules: 5,000 rules take 625 bytes.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        verbs, groups, resources, names = (defaultdict[str, Mask](int) for _ in range(4))
        urls: defaultdict[str, Mask] = defaultdict(int)
        prefixes: defaultdict[str, Mask] = defaultdict(int)
        self._unnamed = 0
        for number, rule in enumerate(self.rules):
            bit = 1 << number
            for column, texts in (
                (verbs, rule.verbs),
                (groups, rule.groups),
                (resources, rule.resources),
                (names, rule.names),
                (urls, rule.urls),
            ):
                for text in set(texts):
                    column[text] |= bit
            for url in rule.urls:
                if url.endswith(_ALL):
                    prefixes[url.rstrip(_ALL)] |= bit
            if not rule.names:
                self._unnamed |= bit
        self._verbs, self._groups, self._resources = _Field(verbs), _Field(groups), _Field(resources)
        self._names, self._urls = _Field(names), _Field(urls)
        self._prefixes = tuple(sorted(prefixes.items()))

    def matching(self, request: Request) -> Mask:
        """Return the rules that match a request, which is as it is sent."""
        verbs = self._verbs.of(request.verb, _ALL)
        if request.path:
            return verbs & self._of_path(request.path)
        return self.nameless(request) & (self._unnamed | self._names.of(request.name))

    def nameless(self, request: Request) -> Mask:
        """Return the rules that match a request for a resource but perhaps for its name."""
        resource, sub = request.resource, request.subresource
        texts = (_ALL, f"{resource}/{sub}", f"*/{sub}") if sub else (_ALL, resource)
        return self._verbs.of(request.verb, _ALL) & self._groups.of(request.group, _ALL) & self._resources.of(*texts)

    def unnamed(self) -> Mask:
        """Return the rules that hold for every name."""
        return self._unnamed

    def numbers(self, mask: Mask) -> Iterable[int]:
        """Yield the numbers of the rules of a set, ascending."""
        while mask:
            low = mask & -mask
            yield low.bit_length() - 1
            mask ^= low

    def covered(self, wanted: Rule, held: Mask) -> bool:
        """Return whether each smallest part of a rule lies inside one of the rules held, as texts.

        A part is a verb with a group, a resource and a name, or with a URL. Parts that the same rules cover are one.
        """
        verbs = {self._verbs.of(verb, _ALL) for verb in wanted.verbs}
        urls = {self._of_path(url) for url in wanted.urls}
        groups = {self._groups.of(group, _ALL) for group in wanted.groups}
        resources = {self._covering(resource) for resource in wanted.resources}
        names = {self._unnamed | self._names.of(name) for name in wanted.names} or {self._unnamed}
        parts = product(verbs, groups, resources, names)
        return all(held & verb & url & self._unnamed for verb, url in product(verbs, urls)) and all(
            held & verb & group & resource & name for verb, group, resource, name in parts
        )

    def _covering(self, resource: str) -> Mask:
        _, slash, sub = resource.partition("/")
        return self._resources.of(_ALL, resource, *([f"*/{sub}"] if slash else []))

    def _of_path(self, path: str) -> Mask:
        found = self._urls.of(path)
        for prefix, rules in self._prefixes:
            if path.startswith(prefix):
                found |= rules
        return found
