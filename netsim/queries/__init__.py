"""One question a file; each returns a frozen Answer. No prose: sentences are render's."""

from netsim.queries.answer import Answer
from netsim.queries.diff import Diff, diff
from netsim.queries.matrix import Matrix, matrix
from netsim.queries.query import Verdict, query
from netsim.queries.reach import Reachability, reach

__all__ = ["Answer", "Diff", "Matrix", "Reachability", "Verdict", "diff", "matrix", "query", "reach"]
