"""Which requests open a connection into a pod or to a kubelet: each way is a set of requests that must all be allowed.

Source:
    kubernetes/issues/78741 and pull/134577 for WebSockets; kubernetes/pkg/kubelet/server/auth.go for the kubelet.
"""

from netsim.ir.access import Request
from netsim.ir.release import Release

#: The requests of one way in.
Way = tuple[Request, ...]

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
#: The paths of the kubelet that have a resource of their own, each below or at the path.
_PATHS = {
    "/stats": "stats",
    "/metrics": "metrics",
    "/logs": "log",
    "/spec": "spec",
    "/checkpoint": "checkpoint",
}
#: Those that gained one later; until then, and as a second chance, they are nodes/proxy.
_FINE = {"/pods": "pods", "/runningPods": "pods", "/healthz": "healthz", "/configz": "configz"}


def ways_into_pod(
    subresource: str, *, namespace: str, name: str, release: Release, websocket_create: Release
) -> tuple[Way, ...]:
    """Return the ways to use ``exec``, ``attach`` or ``portforward`` of a pod.

    A POST is a ``create``. A WebSocket is a GET: ``get`` was enough, and since ``websocket_create`` both are needed.
    """
    create, get = (
        Request(verb=verb, resource="pods", subresource=subresource, namespace=namespace, name=name)
        for verb in ("create", "get")
    )
    return ((create,),) if release >= websocket_create else ((create,), (get,))


def ways_to_kubelet(method: str, path: str, node: str, *, release: Release, fine_grained: Release) -> tuple[Way, ...]:
    """Return the requests of which a kubelet asks whether one is allowed, for an HTTP request to it, in its order.

    A WebSocket is a GET, whatever it does then: ``get`` of nodes/proxy runs commands.
    """
    verb = _VERBS.get(method.upper(), "")
    fine = _of(path, _FINE) if release >= fine_grained else None
    resources = [*([fine] if fine else []), _of(path, _PATHS) or "proxy"]
    return tuple((Request(verb=verb, resource="nodes", subresource=each, name=node),) for each in resources)


def _of(path: str, known: dict[str, str]) -> str | None:
    return next((name for at, name in known.items() if path == at or path.startswith(f"{at}/")), None)
