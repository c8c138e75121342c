"""What is said once for all commands, before the command or in the environment."""

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from netsim.ingest.limits import DEFAULT_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How inputs are read.

    Attributes:
        max_bytes: The largest file that is read.
        cache: The folder of what was read before, None for none.
    """

    max_bytes: int = DEFAULT_LIMITS.bytes
    cache: Path | None = None


#: Those of the command that runs; set before it starts.
SETTINGS: ContextVar[Settings] = ContextVar("settings", default=Settings())
