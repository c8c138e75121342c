"""One file an API kind or family; ``KINDS`` is all that netsim models."""

from netsim.ingest.kinds.adminnetworkpolicies import ADMIN_NETWORK_POLICY, BASELINE_ADMIN_NETWORK_POLICY
from netsim.ingest.kinds.clusternetworkpolicies import CLUSTER_NETWORK_POLICY
from netsim.ingest.kinds.gatewayroutes import GATEWAY_ROUTES
from netsim.ingest.kinds.gateways import GATEWAY, GATEWAY_CLASS, REFERENCE_GRANT
from netsim.ingest.kinds.ingresses import INGRESS, INGRESS_CLASS
from netsim.ingest.kinds.kind import AnyKind
from netsim.ingest.kinds.multinetworkpolicies import MULTI_NETWORK_POLICY
from netsim.ingest.kinds.namespaces import NAMESPACE
from netsim.ingest.kinds.networkpolicies import NETWORK_POLICY
from netsim.ingest.kinds.networks import NETWORKS
from netsim.ingest.kinds.nodes import NODE
from netsim.ingest.kinds.pods import POD
from netsim.ingest.kinds.rolebindings import ROLE_BINDINGS
from netsim.ingest.kinds.roles import ROLES
from netsim.ingest.kinds.routes import ROUTE
from netsim.ingest.kinds.serviceaccounts import SERVICE_ACCOUNT
from netsim.ingest.kinds.services import SERVICE
from netsim.ingest.kinds.virtualmachines import VIRTUAL_MACHINES
from netsim.ingest.kinds.workloads import CONTROLLERS

KINDS: tuple[AnyKind, ...] = (
    NAMESPACE,
    NODE,
    POD,
    SERVICE,
    *CONTROLLERS,
    NETWORK_POLICY,
    ADMIN_NETWORK_POLICY,
    BASELINE_ADMIN_NETWORK_POLICY,
    CLUSTER_NETWORK_POLICY,
    *VIRTUAL_MACHINES,
    *NETWORKS,
    MULTI_NETWORK_POLICY,
    INGRESS,
    INGRESS_CLASS,
    GATEWAY,
    GATEWAY_CLASS,
    *GATEWAY_ROUTES,
    REFERENCE_GRANT,
    ROUTE,
    SERVICE_ACCOUNT,
    *ROLES,
    *ROLE_BINDINGS,
)
