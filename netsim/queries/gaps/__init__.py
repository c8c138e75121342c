"""Isolation gaps: what the policies' own shape says that nobody intended."""

from netsim.queries.gaps.answer import gaps

__all__ = ["gaps"]
