"""Who a subject is to the API server: a user name and groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from netsim.ingest.validation import dns_label, dns_subdomain
from netsim.ir.access import Subject, SubjectKind

MASTERS = "system:masters"
AUTHENTICATED, UNAUTHENTICATED, ANONYMOUS = "system:authenticated", "system:unauthenticated", "system:anonymous"
ACCOUNTS = "system:serviceaccounts"
_ACCOUNT_USER, _NODE_USER = "system:serviceaccount:", "system:node:"


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller as the authorizers see it; ``user`` is empty for a member of a group of whom nothing else is known."""

    user: str
    groups: frozenset[str]

    @property
    def master(self) -> bool:
        """Whether it is allowed everything before any rule is asked."""
        return MASTERS in self.groups


def identity(subject: Subject, groups: Iterable[str] = ()) -> Identity:
    """Return who a subject is, in these groups beside those that it is in anyway."""
    match subject.kind:
        case SubjectKind.ACCOUNT:
            return Identity(account_user(subject), frozenset((*account_groups(subject.namespace), *groups)))
        case SubjectKind.USER:
            return Identity(subject.name, _authenticated(subject.name, frozenset(groups)))
        case SubjectKind.GROUP:
            member = frozenset((subject.name, *groups))
            if subject.name.startswith(f"{ACCOUNTS}:"):
                member |= {ACCOUNTS}
            return Identity("", _authenticated("", member))


def account_user(account: Subject) -> str:
    """Return the user name of an account."""
    return f"{_ACCOUNT_USER}{account.namespace}:{account.name}"


def account_groups(namespace: str) -> tuple[str, str, str]:
    """Return the groups that every account of a namespace is in."""
    return ACCOUNTS, f"{ACCOUNTS}:{namespace}", AUTHENTICATED


def account_of(user: str) -> Subject | None:
    """Return the account that a user name is that of, or None."""
    if not user.startswith(_ACCOUNT_USER):
        return None
    namespace, _, name = user.removeprefix(_ACCOUNT_USER).partition(":")
    return None if dns_label(namespace) or dns_subdomain(name) else Subject.account(namespace, name)


def node_of(user: str) -> str | None:
    """Return the node that a user name is that of, or None."""
    name = user.removeprefix(_NODE_USER)
    return name if user.startswith(_NODE_USER) and not dns_subdomain(name) else None


def _authenticated(user: str, groups: frozenset[str]) -> frozenset[str]:
    """Return the groups with the one of all who are known, or of all who are not."""
    if user == ANONYMOUS:
        return groups | {UNAUTHENTICATED}
    return groups if UNAUTHENTICATED in groups else groups | {AUTHENTICATED}
