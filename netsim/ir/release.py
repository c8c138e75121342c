"""A minor release of Kubernetes."""

from typing import NamedTuple


class Release(NamedTuple):
    """A release, as far as anything depends on it; releases are ordered."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


#: The oldest and the newest release of which we know what it does.
OLDEST, NEWEST = Release(1, 20), Release(1, 36)
