"""The questions of a Cluster about its policies themselves."""

from netsim.cluster import Compiled
from netsim.queries.findings import Findings
from netsim.queries.gaps import gaps
from netsim.queries.prove import Prover


class ProofQuestions(Compiled):
    """Claims that can be proved of it, and gaps in it."""

    def gaps(self) -> Findings:
        """Return what is open, blocked or written in a way that nobody intended, the worst first."""
        return gaps(self)

    @property
    def prove(self) -> Prover:
        """The claims that can be proved of every pod that could exist: ``cluster.prove.isolated(source=..., ...)``."""
        return Prover(self)
