"""What is said once for all commands, before the command or in the environment."""

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

#: As ``netsim.ingest.Limits`` has it, which the command line does not load only to say its help.
MAX_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How inputs are read.

    Attributes:
        max_bytes: The largest file that is read.
        cache: The folder of what was read before, None for none.
    """

    max_bytes: int = MAX_BYTES
    cache: Path | None = None


_DEFAULT = Settings()
#: Those of the command that runs; set before it starts.
SETTINGS: ContextVar[Settings] = ContextVar("settings", default=_DEFAULT)
