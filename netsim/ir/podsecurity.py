"""The Pod Security Standards as data: levels, controls, and what each asks for at which version."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class Level(IntEnum):
    """A level of the standards; the greater, the stricter."""

    PRIVILEGED = 0
    BASELINE = 1
    RESTRICTED = 2

    @property
    def label(self) -> str:
        """As a namespace label has it."""
        return self.name.lower()


class Exemption(Enum):
    """Which pods a revision of a control does not ask."""

    WINDOWS = "windows"
    USER_NAMESPACE = "user-namespace"


#: A value that a field may have.
Scalar = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """Every value at one of the paths must be allowed; None allows all that are not refused."""

    at: tuple[str, ...]
    allowed: tuple[Scalar, ...] | None = None
    refused: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRule:
    """The mappings at the paths have no other keys than these."""

    at: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredRule:
    """Each container has an allowed value at ``container``, or the pod has one at ``pod`` and it none of its own."""

    container: str
    pod: str | None = None
    allowed: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainsRule:
    """Each container has a list at ``container`` that contains a value."""

    container: str
    containing: Scalar


Rule = FieldRule | KeysRule | RequiredRule | ContainsRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a control asks for from a minor version of Kubernetes 1 on.

    ``replaces`` is the control of the level below that is not asked beside this one.
    """

    since: int
    rules: tuple[Rule, ...]
    replaces: str | None = None
    exempt: Exemption | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control of a level; its revisions are sorted by version."""

    id: str
    title: str
    level: Level
    revisions: tuple[Revision, ...]

    def at(self, minor: int) -> Revision | None:
        """Return the revision that counts at a version; None where the control does not exist yet."""
        return next((each for each in reversed(self.revisions) if each.since <= minor), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """All controls, those of a level sorted by id, and the newest minor version that they know."""

    controls: tuple[Control, ...]
    newest: int
