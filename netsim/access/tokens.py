"""The tokens of accounts that a container really holds.

Four ways lead a token into a container: the server mounts one into every container unless told not to; a projected
volume asks for one, perhaps for an audience that is not the API server; and a Secret of the type
``kubernetes.io/service-account-token`` is mounted, or given in the environment, which may be another account's.

Source:
    kubernetes/plugin/pkg/admission/serviceaccount; kubernetes.io, "Managing Service Accounts".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import Container, PodSpec, mapping, mappings, pod_specs, text
from netsim.ir.access import ServiceAccount, Subject
from netsim.ir.place import Place

#: Where a token is mounted by default.
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TYPE = "kubernetes.io/service-account-token"
_ACCOUNT = "kubernetes.io/service-account.name"
_TOKEN = "token"  # noqa: S105 - the key, not a token
#: The audience of an API server whose flags say nothing else: its own address, in whatever length.
_API_SERVER = re.compile(r"(https://)?kubernetes\.default\.svc(\.[a-z0-9.-]+)?/?")


class TokenSource(StrEnum):
    """How a token gets into a container."""

    MOUNTED = "mounted"
    PROJECTED = "projected"
    VOLUME = "volume"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token of an account in a container.

    Attributes:
        kind, namespace, name: The pod, or the workload whose template it is.
        container: The container's name.
        account: Whose token it is.
        audience: For whom it is, where that is said; empty: the API server.
        secret: The Secret that it comes from, in the pod's namespace; empty for a token that is asked for.
        at: The folder it is mounted in, or the variable that holds it.
        place: The field that does it; for one that the server mounts, the container.
    """

    kind: str
    namespace: str
    name: str
    container: str
    account: Subject
    source: TokenSource
    audience: str = ""
    secret: str = ""
    at: str = ""
    place: Place

    @property
    def for_api_server(self) -> bool:
        """Whether the API server takes it."""
        return not self.audience or _API_SERVER.fullmatch(self.audience) is not None


def tokens(manifests: Sequence[Manifest], accounts: Iterable[ServiceAccount]) -> tuple[Token, ...]:
    """Return the tokens in every container of every pod and template, in the order of the manifests."""
    known = {(account.namespace, account.name): account for account in accounts}
    secrets = token_secrets(manifests, known.values())
    return tuple(token for pod in pod_specs(manifests) for token in _of_pod(pod, known, secrets))


def token_secrets(manifests: Iterable[Manifest], accounts: Iterable[ServiceAccount]) -> dict[tuple[str, str], str]:
    """Return the account's name of each token Secret, by the Secret's namespace and name.

    An account of an older server names its own, which a dump may leave out; its name is the account's with an ending.
    """
    found = {
        (account.namespace, name): account.name
        for account in accounts
        for name in account.secrets
        if re.fullmatch(rf"{re.escape(account.name)}-token-[a-z0-9]{{5}}", name)
    }
    for manifest in manifests:
        if (manifest.group, manifest.kind) != ("", "Secret"):
            continue
        key = (manifest.namespace or "default", manifest.name)
        if text(manifest.body, "type") == _TYPE:
            name = text(mapping(mapping(manifest.body, "metadata"), "annotations"), _ACCOUNT)
            if name:
                found[key] = name
        else:
            found.pop(key, None)
    return found


def _of_pod(
    pod: PodSpec, accounts: Mapping[tuple[str, str], ServiceAccount], secrets: Mapping[tuple[str, str], str]
) -> Iterator[Token]:
    volumes = {text(volume, "name"): (number, volume) for number, volume in enumerate(mappings(pod.body, "volumes"))}
    given = not pod.served and not pod.static and _mounts_by_itself(pod, accounts)
    for container in pod.containers:
        yield from _of_volumes(pod, container, volumes, secrets)
        yield from _of_environment(pod, container, secrets)
        if given and container.field != "ephemeralContainers" and not _has_own_mount(container):
            place = pod.place(container.field, container.index)
            yield _token(pod, container, TokenSource.MOUNTED, pod.account, at=MOUNT_PATH, place=place)


def _mounts_by_itself(pod: PodSpec, accounts: Mapping[tuple[str, str], ServiceAccount]) -> bool:
    """Does the server mount a token? The pod's word counts before its account's; without a word it does."""
    own = pod.body.get("automountServiceAccountToken")
    if isinstance(own, bool):
        return own
    account = accounts.get((pod.namespace, pod.account))
    return account is None or account.automount is not False


def _has_own_mount(container: Container) -> bool:
    return any(text(mount, "mountPath") == MOUNT_PATH for mount in mappings(container.body, "volumeMounts"))


def _of_volumes(
    pod: PodSpec,
    container: Container,
    volumes: Mapping[str, tuple[int, Mapping[str, Any]]],
    secrets: Mapping[tuple[str, str], str],
) -> Iterator[Token]:
    for mount in mappings(container.body, "volumeMounts"):
        number, volume = volumes.get(text(mount, "name"), (0, {}))
        at, below = text(mount, "mountPath"), text(mount, "subPath")
        secret = text(mapping(volume, "secret"), "secretName")
        if secret and _has_key(mapping(volume, "secret"), below):
            account = _account_of(pod, secret, at, secrets)
            if account:
                place = pod.place("volumes", number)
                source = TokenSource.VOLUME
                yield _token(pod, container, source, account, secret=secret, at=at, place=place)
        for index, each in enumerate(mappings(mapping(volume, "projected"), "sources")):
            place = pod.place("volumes", number, "projected", "sources", index)
            yield from _of_source(pod, container, each, at, below, secrets, place)


def _of_source(
    pod: PodSpec,
    container: Container,
    source: Mapping[str, Any],
    at: str,
    below: str,
    secrets: Mapping[tuple[str, str], str],
    place: Place,
) -> Iterator[Token]:
    """Yield the token of one source of a projected volume, if it is one and the mount shows it."""
    asked = source.get("serviceAccountToken")
    if isinstance(asked, Mapping) and _shows(text(asked, "path") or _TOKEN, below):
        audience = text(asked, "audience")
        yield _token(pod, container, TokenSource.PROJECTED, pod.account, audience=audience, at=at, place=place)
    secret = text(mapping(source, "secret"), "name")
    if (pod.namespace, secret) in secrets and _has_key(mapping(source, "secret"), below):
        account = secrets[pod.namespace, secret]
        yield _token(pod, container, TokenSource.VOLUME, account, secret=secret, at=at, place=place)


def _account_of(pod: PodSpec, secret: str, at: str, secrets: Mapping[tuple[str, str], str]) -> str | None:
    """Return whose token a Secret volume holds; at the default place it is the pod's own, be the Secret unknown."""
    return secrets.get((pod.namespace, secret)) or (pod.account if at == MOUNT_PATH else None)


def _has_key(source: Mapping[str, Any], below: str) -> bool:
    """Is the token among the keys that a volume of a Secret holds, and in the part of it that is mounted?"""
    items = mappings(source, "items")
    paths = [text(item, "path") for item in items if text(item, "key") == _TOKEN] if items else [_TOKEN]
    return any(_shows(path, below) for path in paths)


def _shows(path: str, below: str) -> bool:
    """Is a file of a volume in what is mounted, the whole or a ``subPath`` of it?"""
    part = below.strip("/")
    return not part or path == part or path.startswith(f"{part}/")


def _of_environment(pod: PodSpec, container: Container, secrets: Mapping[tuple[str, str], str]) -> Iterator[Token]:
    for index, variable in enumerate(mappings(container.body, "env")):
        reference = mapping(mapping(variable, "valueFrom"), "secretKeyRef")
        secret = text(reference, "name")
        if text(reference, "key") == _TOKEN and (pod.namespace, secret) in secrets:
            place = pod.place(container.field, container.index, "env", index)
            yield _from_environment(pod, container, secret, secrets, text(variable, "name"), place)
    for index, group in enumerate(mappings(container.body, "envFrom")):
        secret = text(mapping(group, "secretRef"), "name")
        if (pod.namespace, secret) in secrets:
            place = pod.place(container.field, container.index, "envFrom", index)
            at = f"{text(group, 'prefix')}{_TOKEN}"
            yield _from_environment(pod, container, secret, secrets, at, place)


def _from_environment(
    pod: PodSpec, container: Container, secret: str, secrets: Mapping[tuple[str, str], str], at: str, place: Place
) -> Token:
    account = secrets[pod.namespace, secret]
    return _token(pod, container, TokenSource.ENVIRONMENT, account, secret=secret, at=at, place=place)


def _token(
    pod: PodSpec,
    container: Container,
    source: TokenSource,
    account: str,
    *,
    place: Place,
    audience: str = "",
    secret: str = "",
    at: str = "",
) -> Token:
    return Token(
        kind=pod.kind,
        namespace=pod.namespace,
        name=pod.name,
        container=container.name,
        account=Subject.account(pod.namespace, account),
        source=source,
        audience=audience,
        secret=secret,
        at=at,
        place=place,
    )
