"""The names of resources as an EncryptionConfiguration writes them."""

#: What API groups beside core are often forgotten for; of core, what people write in the singular.
_GROUPS = {
    "deployments": "apps",
    "daemonsets": "apps",
    "statefulsets": "apps",
    "replicasets": "apps",
    "jobs": "batch",
    "cronjobs": "batch",
    "ingresses": "networking.k8s.io",
    "networkpolicies": "networking.k8s.io",
    "roles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io",
    "clusterroles": "rbac.authorization.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io",
    "leases": "coordination.k8s.io",
    "certificatesigningrequests": "certificates.k8s.io",
    "customresourcedefinitions": "apiextensions.k8s.io",
}
_CORE = frozenset(
    {
        "configmaps",
        "endpoints",
        "events",
        "limitranges",
        "namespaces",
        "nodes",
        "persistentvolumeclaims",
        "persistentvolumes",
        "pods",
        "podtemplates",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "serviceaccounts",
        "services",
    }
)
#: What people take for the name of the core group.
_NOT_CORE = frozenset({"core", "v1", "api"})
#: Resources that are stored by no REST storage, so that nothing would encrypt them.
_NO_STORAGE = frozenset({"apiserveripinfo", "serviceipallocations", "servicenodeportallocations"})


def group_of(resource: str) -> str:
    """Return the API group of ``name.group``; empty for core."""
    return resource.partition(".")[2]


def is_suspicious(resource: str) -> str:
    """Return what a name that loads and covers nothing was meant to be; empty where nothing is known against it."""
    name, _, group = resource.partition(".")
    if group in _NOT_CORE:
        return f"the core group is written without a suffix, {name}"
    if group or name == "*":
        return ""
    if name in _GROUPS:
        return f"write {name}.{_GROUPS[name]}"
    plural = f"{name}s"
    if name not in _CORE and (plural in _CORE or plural in _GROUPS):
        return f"write the plural, {plural}{'.' + _GROUPS[plural] if plural in _GROUPS else ''}"
    return ""


def refusal(resource: str) -> str:
    """Return why the API server refuses a name; empty where it does not."""
    name, dot, group = resource.partition(".")
    if any(letter.isupper() for letter in resource):
        return "is in capital letters: write it in lower case"
    if resource == "*":
        return "is no wildcard: write *.* for everything"
    if group == "*" and name != "*":
        return "is no wildcard: write *.group for a group, or *.* for everything"
    if name.startswith("*") and name != "*":
        return "is no wildcard"
    if name == "*" and not dot:
        return "is no wildcard"
    if group == "events.k8s.io":
        return "is stored as events: write that"
    if group == "extensions":
        return "is in a group that is gone: write the group that has it now"
    if name in _NO_STORAGE and not group:
        return "is no resource that can be encrypted"
    return "" if name else "is no name of a resource"


def covers(wildcard: str, resource: str) -> bool:
    """Does a name cover another one, without being the same?"""
    if wildcard == resource or not wildcard.startswith("*."):
        return False
    return wildcard == "*.*" or group_of(wildcard) == group_of(resource)
