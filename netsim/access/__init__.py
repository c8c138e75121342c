"""Who may ask the API server for what: roles and bindings compiled to bits, and what hangs on them."""

from netsim.access.compiled import Access
from netsim.access.identity import Identity, identity

__all__ = ["Access", "Identity", "identity"]
