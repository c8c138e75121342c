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


#: Where etcd's keys say less, or something else, than the name of a resource.
_KEYS = {
    "controllers": "replicationcontrollers",
    "ingress": "ingresses.networking.k8s.io",
    "minions": "nodes",
    "services/endpoints": "endpoints",
    "services/specs": "services",
}
#: Keys that the API server keeps for itself, past every provider.
_OWN_KEYS = frozenset({"health", "masterleases", "peerserverleases", "ranges"})


def group_of(resource: str) -> str:
    """Return the API group of ``name.group``; empty for core."""
    return resource.partition(".")[2]


def canonical(resource: str) -> str:
    """Return a name as it is looked up: ``secrets.`` is ``secrets``; ``*.`` stands for the core group as it is."""
    return resource if resource == "*." else resource.removesuffix(".")


def of_key(key: str) -> str:
    """Return the resource of a key of etcd, ``/registry/secrets/shop/token``; empty where nothing ever encrypts it."""
    parts = [*key.strip("/").split("/")[1:], "", ""]
    first, second = parts[:2]
    if first in _OWN_KEYS:
        return ""
    if "." in first:
        return f"{second}.{first}"
    name = _KEYS.get(f"{first}/{second}") or _KEYS.get(first, first)
    return f"{name}.{_GROUPS[name]}" if name in _GROUPS else name


def is_suspicious(resource: str) -> str:
    """Return what a name that loads and covers nothing was meant to be; empty where nothing is known against it."""
    name, _, group = resource.partition(".")
    if not name:
        return "it has no name"
    if "*" in name and name != "*":
        return "`*` stands for a whole name, as in *.apps"
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
    name, _, group = resource.partition(".")
    if any(letter.isupper() for letter in resource):
        return "is in capital letters: write it in lower case"
    if resource == "*":
        return "is no wildcard: write *.* for everything"
    if group == "*" and name != "*":
        return "is no wildcard: write *.group for a group, or *.* for everything"
    if group == "events.k8s.io":
        return "is stored as events: write that"
    if group == "extensions":
        return "is in a group that is gone: write the group that has it now"
    if name in _NO_STORAGE and not group:
        return "is no resource that can be encrypted"
    return ""


def covers(wildcard: str, resource: str) -> bool:
    """Does a name cover another one, without being the same?"""
    if wildcard == resource or not wildcard.startswith("*."):
        return False
    return wildcard == "*.*" or group_of(wildcard) == group_of(resource)
