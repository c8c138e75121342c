"""One question a file; each returns a frozen Answer. No prose: sentences are render's."""

from netsim.queries.answer import Answer
from netsim.queries.blast import BlastRadius, blast
from netsim.queries.differences import Diff
from netsim.queries.explain import Explained
from netsim.queries.exposure import Exposed, exposure
from netsim.queries.findings import Findings
from netsim.queries.matrix import Matrix
from netsim.queries.networks import diff, explain, matrix, query, reach
from netsim.queries.paths import Paths, paths
from netsim.queries.posture import posture
from netsim.queries.query import Verdict
from netsim.queries.reach import Reachability
from netsim.queries.rights import Allowed, Holders, Permissions, can, permissions, who_can
from netsim.queries.steps import Steps, steps
from netsim.queries.whatif import WhatIf, whatif

__all__ = [
    "Allowed",
    "Answer",
    "BlastRadius",
    "Diff",
    "Explained",
    "Exposed",
    "Findings",
    "Holders",
    "Matrix",
    "Paths",
    "Permissions",
    "Reachability",
    "Steps",
    "Verdict",
    "WhatIf",
    "blast",
    "can",
    "diff",
    "explain",
    "exposure",
    "matrix",
    "paths",
    "permissions",
    "posture",
    "query",
    "reach",
    "steps",
    "whatif",
    "who_can",
]
