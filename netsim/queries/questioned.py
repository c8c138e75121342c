"""The questions that a cluster answers about its policies themselves."""

from netsim.cluster import Compiled
from netsim.queries.gaps import Gaps, gaps
from netsim.queries.prove import Prover


class Questioned(Compiled):
    """A cluster of which claims can be proved, and gaps be found."""

    def gaps(self) -> Gaps:
        """Return what is open, blocked or written in a way that nobody intended, the worst first."""
        return gaps(self)

    @property
    def prove(self) -> Prover:
        """The claims that can be proved of every pod that could exist: ``cluster.prove.isolated(source=..., ...)``."""
        return Prover(self)
