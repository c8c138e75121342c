"""Intent files to intents."""

from netsim.ingest.intents.read import read_intents
from netsim.ingest.intents.schema import intents_schema

__all__ = ["intents_schema", "read_intents"]
