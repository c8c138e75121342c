"""The definition: what a verdict means, plain, slow and complete; the oracle of every faster form.

Reads like docs/semantics.md and cites its clauses (``S2.5``). It imports the vocabulary and nothing else.
"""

from netsim.spec.explain import explained
from netsim.spec.judge import judge

__all__ = ["explained", "judge"]
