"""Intents: which hold in a cluster, and for each that does not a flow that breaks it."""

from netsim.queries.intents.breaches import Wanted
from netsim.queries.intents.check import check
from netsim.queries.intents.infer import Inferred, infer
from netsim.queries.intents.policies import demanded
from netsim.queries.intents.results import Check, Checked, Reason, Result

__all__ = ["Check", "Checked", "Inferred", "Reason", "Result", "Wanted", "check", "demanded", "infer"]
