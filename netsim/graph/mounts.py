"""What a container mounts of its node, and of Secrets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from netsim.ir.attack import Access, HostPath

#: The namespace and name of a claim to the path of the node that its volume is, for hostPath and local volumes.
Claims = Mapping[tuple[str, str], str]

#: Where /var/run leads on every node.
_LINKS = {"var/run": ("run",), "var/lock": ("run", "lock")}


@dataclass(frozen=True, slots=True)
class HostMount:
    """A path of the node in a container; ``volume`` is the volume's name."""

    path: str
    read_only: bool
    volume: str
    by_claim: bool = False


def claims_of(volumes: Sequence[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]) -> Claims:
    """Return the claims that are bound to paths of nodes.

    Args:
        volumes, claims: PersistentVolumes and PersistentVolumeClaims, as they were written.
    """
    paths: dict[str, str] = {}
    found: dict[tuple[str, str], str] = {}
    for volume in volumes:
        spec = volume.get("spec") or {}
        path = (spec.get("hostPath") or {}).get("path") or (spec.get("local") or {}).get("path")
        if path:
            paths[volume["metadata"]["name"]] = path
            claim = spec.get("claimRef") or {}
            if claim.get("name"):
                found[claim.get("namespace") or "default", claim["name"]] = path
    for each in claims:
        path = paths.get((each.get("spec") or {}).get("volumeName") or "")
        if path:
            metadata = each["metadata"]
            found[metadata.get("namespace") or "default", metadata["name"]] = path
    return found


def host_mounts(
    spec: Mapping[str, Any], container: Mapping[str, Any], namespace: str, claims: Claims
) -> Iterator[HostMount]:
    """Yield what a container mounts of the node, by hostPath or by a claim."""
    sources = {volume.get("name"): volume for volume in spec.get("volumes") or ()}
    for mount in container.get("volumeMounts") or ():
        volume = sources.get(mount.get("name")) or {}
        claim = volume.get("persistentVolumeClaim") or {}
        path = (volume.get("hostPath") or {}).get("path")
        by_claim = not path
        path = path or claims.get((namespace, claim.get("claimName") or ""))
        if path:
            below = mount.get("subPath") or (mount.get("subPathExpr") or "").partition("$(")[0]
            read_only = bool(mount.get("readOnly") or claim.get("readOnly"))
            yield HostMount(f"{path}/{below}", read_only, mount["name"], by_claim)
    for device in container.get("volumeDevices") or ():
        volume = sources.get(device.get("name")) or {}
        path = claims.get((namespace, (volume.get("persistentVolumeClaim") or {}).get("claimName") or ""))
        if path:
            yield HostMount("/dev", read_only=False, volume=device["name"], by_claim=True)


@lru_cache(maxsize=4096)
def given(path: str, *, read_only: bool, known: tuple[HostPath, ...]) -> tuple[HostPath, ...]:
    """Return the paths that give something away and that a mount of ``path`` reaches."""
    parts = components(path)
    return tuple(
        each
        for each in known
        if not (read_only and each.access is Access.WRITE) and _reaches(parts, components(each.path), below=each.below)
    )


@lru_cache(maxsize=4096)
def components(path: str) -> tuple[str, ...]:
    """Return the components of an absolute path; ``..`` and links that every node has are followed."""
    found: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    start = _LINKS.get("/".join(found[:2]))
    return (*start, *found[2:]) if start else tuple(found)


def _reaches(mounted: Sequence[str], known: Sequence[str], *, below: bool) -> bool:
    """Is the known path mounted, or does it contain what is mounted and counts as a whole?"""
    shared = all(pattern in ("*", part) for part, pattern in zip(mounted, known, strict=False))
    return shared and (len(mounted) <= len(known) or below)


def secrets_of(spec: Mapping[str, Any], container: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Yield the Secrets that a container sees: ``volume`` or ``environment``, the name, the key; None for every key."""
    mounted = {mount.get("name") for mount in container.get("volumeMounts") or ()}
    for volume in spec.get("volumes") or ():
        if volume.get("name") not in mounted:
            continue
        secret = volume.get("secret") or {}
        if secret.get("secretName"):
            yield from (("volume", secret["secretName"], key) for key in _keys(secret))
        for source in (volume.get("projected") or {}).get("sources") or ():
            projected = source.get("secret") or {}
            if projected.get("name"):
                yield from (("volume", projected["name"], key) for key in _keys(projected))
    for variable in container.get("env") or ():
        key = (variable.get("valueFrom") or {}).get("secretKeyRef") or {}
        if key.get("name"):
            yield "environment", key["name"], key.get("key")
    for source in container.get("envFrom") or ():
        secret = source.get("secretRef") or {}
        if secret.get("name"):
            yield "environment", secret["name"], None


def _keys(source: Mapping[str, Any]) -> Iterator[str | None]:
    if not source.get("items"):
        yield None
    yield from (item.get("key") for item in source.get("items") or ())
