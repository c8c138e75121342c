"""ServiceAccount."""

from typing import Any

from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata, texts
from netsim.ingest.schema import Closed
from netsim.ingest.validation import dns_subdomain
from netsim.ir.access import ServiceAccount


class ObjectReference(Closed, frozen=True):
    """A Secret of the account's namespace; only its name counts."""

    name: str | None = None
    namespace: str | None = None
    kind: str | None = None
    api_version: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    field_path: str | None = None


class LocalReference(Closed, frozen=True):
    """A Secret by its name."""

    name: str | None = None


class WrittenAccount(Closed, frozen=True):
    """A ServiceAccount with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    secrets: list[ObjectReference | None] | None = None
    image_pull_secrets: list[LocalReference | None] | None = None
    automount_service_account_token: bool | None = None


_NO_METADATA = WholeMetadata()


def _check(account: WrittenAccount, reading: Reading) -> None:
    check_whole_metadata(account.metadata or _NO_METADATA, reading)


def _read(account: WrittenAccount, reading: Reading) -> ServiceAccount:
    return ServiceAccount(
        namespace=reading.namespace,
        name=reading.name,
        automount=account.automount_service_account_token,
        secrets=tuple(each.name for each in account.secrets or () if each and each.name),
        pull_secrets=tuple(each.name for each in account.image_pull_secrets or () if each and each.name),
        annotations=texts(account.metadata.annotations) if account.metadata else {},
        place=reading.place(),
    )


SERVICE_ACCOUNT = Kind(
    api_versions=("v1",),
    name="ServiceAccount",
    naming=dns_subdomain,
    model=WrittenAccount,
    check=_check,
    read=_read,
)
