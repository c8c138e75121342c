"""The table of what domain names resolve to, which policies that name domains need (S3.5)."""

from collections.abc import Iterator, Mapping
from typing import Any

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.documents import Given, Input, read_documents
from netsim.ingest.validation import address, domain_name
from netsim.ir.objects import Address

Names = Mapping[str, tuple[Address, ...]]

_FORM = "write a mapping: `example.com: [192.0.2.1, 2001:db8::1]`"


def read_names(source: Input, problems: list[Problem]) -> Names:
    """Return the addresses of each name of a table; append to ``problems`` what is wrong with it.

    The table is one mapping, in YAML or JSON, of names to lists of addresses. Entries with problems are left out.
    """
    before = len(problems)
    documents = list(read_documents([source], problems))
    if not documents and len(problems) == before:
        problems.append(Problem(file=str(source), code="NS107", message="holds no table of names", hint=_FORM))
    found: dict[str, tuple[Address, ...]] = {}
    for document in documents:
        if not document.tree() and not isinstance(source, Given) and len(problems) == before:
            problems.append(document.problem("NS107", (), "the table of names must be a mapping of some", hint=_FORM))
        for name, value in document.tree().items():
            noted = len(problems)
            own = tuple(_addresses(name, value, document, problems))
            if len(problems) == noted:
                # One name in several spellings resolves to what any of them says.
                key = name.lower().rstrip(".")
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), *own)))
    return found


def _addresses(name: str, value: Any, document: Document, problems: list[Problem]) -> Iterator[Address]:
    if wrong := domain_name(name):
        hint = "a table holds names in full, without `*`" if "*" in name else ""
        problems.append(document.problem("NS124", (name,), f'"{name}" {wrong}', hint=hint))
        return
    if not isinstance(value, list):
        problems.append(document.problem("NS107", (name,), "must be a list of addresses", hint=_FORM))
        return
    for index, text in enumerate(value):
        known = address(text) if isinstance(text, str) else None
        if known is None:
            problems.append(document.problem("NS116", (name, index), f'"{text}" is no address'))
        else:
            yield known
