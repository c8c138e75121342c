"""What answers share as JSON: a shape is a TypedDict, which mypy holds its makers to, and schemas are made of."""

from typing import Literal, NotRequired, TypedDict

#: Protocols to ports: ``{"TCP": "80,8000-8080"}``.
TrafficShape = Literal["all"] | dict[str, str]

EndsShape = TypedDict("EndsShape", {"from": str, "to": str})


class PlaceShape(TypedDict):
    """Where something stands; null where the input has no such place."""

    file: str | None
    line: int | None


class NamedShape(TypedDict):
    """A name, where there is one."""

    name: NotRequired[str]


def named(name: str | None) -> NamedShape:
    """Return a name as JSON values, where there is one."""
    return {"name": name} if name else {}
