"""The List kinds, whose items are objects of their own."""

from typing import Any

_SUFFIX = "List"


def is_list(kind: str) -> bool:
    """Is this the kind of a list, ``List`` or ``PodList``? It is one only with ``items``."""
    return kind.endswith(_SUFFIX)


def item_type(api_version: str, kind: str) -> tuple[str, str]:
    """Return the API version and the kind of items that say neither: a server leaves them out of typed lists."""
    return ("", "") if kind == _SUFFIX else (api_version, kind.removesuffix(_SUFFIX))


def type_of(api_version: Any, kind: Any, inherited: tuple[str, str]) -> tuple[str, str]:
    """Return an object's API version and kind; ``inherited`` where it says neither, empty where it is no text."""
    if api_version in (None, "") and kind in (None, ""):
        return inherited
    return api_version if isinstance(api_version, str) else "", kind if isinstance(kind, str) else ""
