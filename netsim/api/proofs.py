"""The questions of a Cluster about its policies themselves."""

from netsim.cluster import Compiled
from netsim.queries.findings import Findings
from netsim.queries.gaps import gaps
from netsim.queries.prove import Prover
from netsim.queries.whocould import WhoCould, who_could


class ProofQuestions(Compiled):
    """Claims that can be proved of it, and gaps in it."""

    def gaps(self) -> Findings:
        """Return what is open, blocked or written in a way that nobody intended, the worst first."""
        return gaps(self)

    def who_could(
        self, destination: str, *, port: int | str, protocol: str | None = None, subject: str | None = None
    ) -> WhoCould:
        """Return who reaches a destination, and by what pod, label or edit others could come to, by whose right.

        Args:
            subject: List what this one may make so alone: ``ServiceAccount:ns/name``, ``User:name``, ``Group:name``.

        Raises:
            UsageError: The destination means no pod, or the port or the subject nothing.
        """
        return who_could(self, destination, port=port, protocol=protocol, subject=subject)

    @property
    def prove(self) -> Prover:
        """The claims that can be proved of every pod that could exist: ``cluster.prove.isolated(source=..., ...)``."""
        return Prover(self)
