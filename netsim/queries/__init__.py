"""One question a file; each returns a frozen Answer. No prose: sentences are render's."""

from netsim.queries.answer import Answer
from netsim.queries.differences import Diff
from netsim.queries.explain import Explained
from netsim.queries.exposure import Exposed, exposure
from netsim.queries.matrix import Matrix
from netsim.queries.networks import diff, explain, matrix, query, reach
from netsim.queries.query import Verdict
from netsim.queries.reach import Reachability
from netsim.queries.rights import Allowed, Holders, Permissions, can, permissions, who_can

__all__ = [
    "Allowed",
    "Answer",
    "Diff",
    "Explained",
    "Exposed",
    "Holders",
    "Matrix",
    "Permissions",
    "Reachability",
    "Verdict",
    "can",
    "diff",
    "explain",
    "exposure",
    "matrix",
    "permissions",
    "query",
    "reach",
    "who_can",
]
