"""One question a file; each returns a frozen Answer. No prose: sentences are render's."""

from netsim.queries.answer import Answer
from netsim.queries.differences import Diff
from netsim.queries.explain import Explained
from netsim.queries.exposure import Exposed, exposure
from netsim.queries.matrix import Matrix
from netsim.queries.networks import diff, explain, matrix, query, reach
from netsim.queries.query import Verdict
from netsim.queries.reach import Reachability

__all__ = [
    "Answer",
    "Diff",
    "Explained",
    "Exposed",
    "Matrix",
    "Reachability",
    "Verdict",
    "diff",
    "explain",
    "exposure",
    "matrix",
    "query",
    "reach",
]
