"""Pods as an attacker sees them: what each container may do, holds and mounts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsim.access.tokens import Token, TokenSource
from netsim.graph.catalogue import catalogue
from netsim.graph.mounts import Claims, components, given, host_mounts, secrets_of
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE, Place

_SETTINGS = {
    "privileged": "securityContext.privileged",
    "host-pid": "hostPID",
    "host-network": "hostNetwork",
    "host-ipc": "hostIPC",
    "shared-pid": "shareProcessNamespace",
    "windows-host-process": "securityContext.windowsOptions.hostProcess",
    "unmasked-proc": "securityContext.procMount",
    "token": "automountServiceAccountToken",
    "secret": "volumes, env",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact of a container: ``privileged``, ``cap:SYS_ADMIN``, ``host-write``.

    Attributes:
        setting: What of the pod's spec makes it so, and could be changed.
        why: More of it, for people.
        sure: False where it rests on something usual that the input does not say.
    """

    name: str
    setting: str = ""
    why: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A credential in a container: its step, the account's name or the audience, what makes it so."""

    step: str
    what: str
    setting: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container.

    ``runs`` is whether it is there as long as its pod is: init containers are not.
    """

    name: str
    runs: bool
    facts: Mapping[str, tuple[Fact, ...]] = field(hash=False)
    held: tuple[Held, ...] = ()
    secrets: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodFacts:
    """What one pod is to an attacker.

    Attributes:
        number: Its endpoint's.
        node_secrets: The Secrets, by namespace and name, that its node may read because it runs the pod.
        static: Whether no server made it.
    """

    pod: Pod
    number: int
    account: str
    containers: tuple[Container, ...]
    shared_pid: bool
    node_secrets: frozenset[tuple[str, str]] = frozenset()
    runtime_class: str = ""
    static: bool = False
    place: Place = NOWHERE

    @property
    def name(self) -> str:
        """``namespace/name``."""
        return f"{self.pod.namespace}/{self.pod.name}"

    @property
    def owner(self) -> str:
        """What is to be changed where the pod is: its controller, or the pod itself."""
        return str(self.pod.workload)


def facts_of(
    pod: Pod,
    number: int,
    spec: Mapping[str, Any],
    claims: Claims,
    tokens: Mapping[str, Sequence[Token]],
    node_secrets: frozenset[tuple[str, str]] = frozenset(),
    *,
    static: bool = False,
) -> PodFacts:
    """Return what a pod with this spec is to an attacker; ``tokens`` are those of each of its containers."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    shared = bool(spec.get("shareProcessNamespace"))
    containers = tuple(_containers(pod, spec, claims, tokens))
    return PodFacts(
        pod=pod,
        number=number,
        account=account,
        containers=containers,
        shared_pid=shared and len(containers) > 1,
        node_secrets=node_secrets,
        runtime_class=spec.get("runtimeClassName") or "",
        static=static,
        place=pod.place,
    )


def _containers(
    pod: Pod, spec: Mapping[str, Any], claims: Claims, tokens: Mapping[str, Sequence[Token]]
) -> Iterator[Container]:
    lists = (("initContainers", False), ("containers", True), ("ephemeralContainers", True))
    for key, runs in lists:
        for container in spec.get(key) or ():
            name = container.get("name") or ""
            yield Container(
                name=name,
                runs=runs or container.get("restartPolicy") == "Always",
                facts=_by_name(_facts(pod, spec, container, claims)),
                held=tuple(dict.fromkeys(map(_held, tokens.get(name, ())))),
                secrets=tuple(dict.fromkeys(secret for _, secret, _ in secrets_of(spec, container))),
                ports=tuple(
                    (port.get("protocol") or "TCP", port["containerPort"])
                    for port in container.get("ports") or ()
                    if isinstance(port.get("containerPort"), int)
                ),
                target=container.get("targetContainerName") or "",
            )


def _by_name(facts: Iterable[Fact]) -> Mapping[str, tuple[Fact, ...]]:
    found: dict[str, tuple[Fact, ...]] = {}
    for fact in facts:
        found[fact.name] = (*found.get(fact.name, ()), fact)
    return found


def _facts(pod: Pod, spec: Mapping[str, Any], container: Mapping[str, Any], claims: Claims) -> Iterator[Fact]:
    own, shared = container.get("securityContext") or {}, spec.get("securityContext") or {}
    privileged = bool(own.get("privileged"))
    for name, holds in (
        ("privileged", privileged),
        ("host-pid", spec.get("hostPID")),
        ("host-network", spec.get("hostNetwork")),
        ("host-ipc", spec.get("hostIPC")),
        ("shared-pid", spec.get("shareProcessNamespace")),
        ("unmasked-proc", own.get("procMount") == "Unmasked"),
    ):
        if holds:
            yield Fact(name, _SETTINGS[name])
    windows = {**(shared.get("windowsOptions") or {}), **(own.get("windowsOptions") or {})}
    if windows.get("hostProcess"):
        yield Fact("windows-host-process", _SETTINGS["windows-host-process"])
    if spec.get("hostUsers") is not False:
        yield Fact("user-namespace:host", "hostUsers", sure=not spec.get("runtimeClassName"))
    root = root_of(own, shared)
    if root is not False:
        why = "runAsUser is 0" if root else "the manifest says no user: root was taken"
        yield Fact("root", "runAsUser", why, sure=bool(root))
    yield from _capability_facts(own, privileged=privileged)
    yield from _mount_facts(pod, spec, container, claims)


def root_of(own: Mapping[str, Any], shared: Mapping[str, Any]) -> bool | None:
    """Return whether a container runs as uid 0; None where the image decides."""
    user = own.get("runAsUser", shared.get("runAsUser"))
    if user is not None:
        return bool(user == 0)
    return False if own.get("runAsNonRoot", shared.get("runAsNonRoot")) else None


def capabilities(own: Mapping[str, Any], *, privileged: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return the capabilities that a container has, and those that its manifest adds; ``ALL`` stands for every one.

    The order is the runtimes': everything, nothing, then what is added, then what is dropped by name.
    """
    written = own.get("capabilities") or {}
    add = {_capability(name) for name in written.get("add") or ()}
    drop = {_capability(name) for name in written.get("drop") or ()}
    if privileged:
        return frozenset({"ALL"}), frozenset({"ALL"})
    held = {"ALL"} if "ALL" in add and "ALL" not in drop else set()
    if not held and "ALL" not in drop:
        held = set(catalogue().default_capabilities)
    held |= add - {"ALL"}
    return frozenset(held - drop), frozenset(add)


def _capability(name: object) -> str:
    return str(name).upper().removeprefix("CAP_")


_NAMED = (
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_ADMIN",
    "DAC_READ_SEARCH",
    "SYS_RAWIO",
    "BPF",
    "PERFMON",
    "NET_ADMIN",
    "NET_RAW",
)


def _capability_facts(own: Mapping[str, Any], *, privileged: bool) -> Iterator[Fact]:
    held, added = capabilities(own, privileged=privileged)
    dropped = {_capability(name) for name in (own.get("capabilities") or {}).get("drop") or ()}
    setting = "securityContext.privileged" if privileged else "securityContext.capabilities.add"
    found = {name for name in _NAMED if name in held or ("ALL" in held and name not in dropped)}
    yield from (Fact(f"cap:{name}", setting, sure=not (privileged and "ALL" in dropped)) for name in sorted(found))
    if privileged or {"ALL", "NET_ADMIN", "NET_RAW"} & added:
        yield Fact("net-admin-added", setting)
    if ({"BPF", "PERFMON"} <= found or "SYS_ADMIN" in found) and not privileged:
        yield Fact("bpf", setting)
    if "SYS_RAWIO" in found and not privileged:
        yield Fact("raw-device", setting)


def _mount_facts(pod: Pod, spec: Mapping[str, Any], container: Mapping[str, Any], claims: Claims) -> Iterator[Fact]:
    known = catalogue().paths
    for mount in host_mounts(spec, container, pod.namespace, claims):
        path = "/" + "/".join(components(mount.path))
        for each in given(mount.path, read_only=mount.read_only, known=known):
            setting = f"volume {mount.volume}" + (" (claim)" if mount.by_claim else "")
            name = "bpf" if each.gives == "bpf-mount" else each.gives
            yield Fact(name, setting, f"{path} of the node: {each.reason}")


_STEPS = {
    TokenSource.MOUNTED: "tok.mounted",
    TokenSource.PROJECTED: "tok.mounted",
    TokenSource.VOLUME: "tok.secret-volume",
    TokenSource.ENVIRONMENT: "tok.secret-env",
}


def _held(token: Token) -> Held:
    """Return a token as what a container holds."""
    if not token.for_api_server:
        return Held("tok.audience", token.audience, f"token for {token.audience}", token.place)
    setting = {
        TokenSource.MOUNTED: "automountServiceAccountToken",
        TokenSource.PROJECTED: f"projected token at {token.at}",
        TokenSource.VOLUME: f"Secret {token.secret} at {token.at}",
        TokenSource.ENVIRONMENT: f"Secret {token.secret} as {token.at}",
    }[token.source]
    return Held(_STEPS[token.source], token.account.name, setting, token.place)


def token_account(facts: PodFacts) -> Sequence[str]:
    """Return the accounts, of the pod's namespace, whose tokens are among the pod's volumes."""
    steps = ("tok.mounted", "tok.secret-volume")
    return tuple(dict.fromkeys(held.what for each in facts.containers for held in each.held if held.step in steps))
