"""The public names: a Cluster that answers questions, and how to load and compare some."""

from netsim.api.attack import Input
from netsim.api.cluster import Cluster, diff, load

__all__ = ["Cluster", "Input", "diff", "load"]
