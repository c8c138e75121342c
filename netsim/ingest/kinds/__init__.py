"""One file an API kind or family; ``KINDS`` is all that netsim models."""

from netsim.ingest.kinds.kind import AnyKind
from netsim.ingest.kinds.namespaces import NAMESPACE
from netsim.ingest.kinds.networkpolicies import NETWORK_POLICY
from netsim.ingest.kinds.nodes import NODE
from netsim.ingest.kinds.pods import POD
from netsim.ingest.kinds.services import SERVICE
from netsim.ingest.kinds.workloads import CONTROLLERS

KINDS: tuple[AnyKind, ...] = (NAMESPACE, NODE, POD, SERVICE, *CONTROLLERS, NETWORK_POLICY)
