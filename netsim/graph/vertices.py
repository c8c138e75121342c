"""What the vertices of the attack graph are called, and what stands between them."""

#: What is shown under another name: facts that say something of a vertex without taking it.
_SAYS = {
    "kubelet": "node",
    "flaw": "node",
    "relabel": "namespace",
    "netpol": "namespace",
    "podlabels": "pod",
    "rewritten": "",
    "nodelogs": "node",
    "traffic": "node",
    "processes": "node",
    "nodeservices": "node",
    "podsecurity": "namespace",
}

#: The vertices that an answer speaks of.
SHOWN = frozenset({
    "pod", "container", "node", "sa", "user", "group", "secret", "role", "clusterrole", "namespace", "service",
    "hostport", "podport", "internet", "apiserver", "metadata", "cluster", "cluster-admin", "namespace-admin", "etcd",
    "cloud", "external", "connections", "scheduling", *_SAYS,
})  # fmt: skip

#: Those that fall: what an attacker holds then. The others are ways.
FALLS = frozenset({
    "pod", "node", "sa", "user", "group", "secret", "cluster", "cluster-admin", "namespace-admin", "etcd", "cloud",
    "metadata", "namespace", "connections",
})  # fmt: skip


def kind_of(fact: str) -> str:
    """Return the kind of a fact: what stands before the colon."""
    return fact.partition(":")[0]


def is_shown(fact: str) -> bool:
    """Return whether a fact is a vertex, or says something of one."""
    return kind_of(fact) in SHOWN


def shown(fact: str) -> str:
    """Return the vertex that a fact is shown as: ``kubelet:n1`` as ``node:n1``."""
    kind, _, rest = fact.partition(":")
    if kind not in _SAYS:
        return fact
    return f"{_SAYS[kind]}:{rest}" if _SAYS[kind] else rest


def namespace_of(vertex: str) -> str:
    """Return the namespace that a vertex is in; empty for those of the cluster."""
    kind, _, rest = vertex.partition(":")
    if kind in ("pod", "container", "sa", "secret", "role", "service", "podport"):
        return rest.partition("/")[0]
    if kind in ("namespace", "namespace-admin"):
        return rest
    if kind == "clusterrole" and "@" in rest:
        return rest.partition("@")[2]
    return ""
