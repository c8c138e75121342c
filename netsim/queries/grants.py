"""Who may write which roles and bindings, be taken for somebody else, and have certificates signed."""

from collections.abc import Mapping, Sequence
from typing import Any

from netsim.access import certificates, escalation, identity, impersonation
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest import Given, snapshot
from netsim.ir.access import Binding, CsrAction, Disguise, Impersonation, Request, Role, WriteDecision
from netsim.knowledge import gates
from netsim.queries.rights import subject_of

_WRITES = ("create", "update", "patch")


def may_write(
    cluster: Compiled, subject: str, verb: str, manifest: Mapping[str, Any], groups: Sequence[str] = ()
) -> WriteDecision:
    """Return whether a subject may write a role or a binding.

    Raises:
        InputError: The API server would refuse the object.
        UsageError: It is neither a role nor a binding, the verb is no write, or the subject is none.
    """
    if verb not in _WRITES:
        raise UsageError(f"`{verb}` writes no role and no binding", hint=f"one of {', '.join(_WRITES)}")
    found, _ = snapshot([Given([manifest])])
    targets: list[Role | Binding] = [*found.roles, *found.bindings]
    if len(targets) != 1:
        kind = manifest.get("kind")
        raise UsageError(f"`{kind}` is neither a role nor a binding", hint="Role, ClusterRole, RoleBinding, ...")
    return escalation.may_write(cluster.access, identity(subject_of(subject), groups), verb, targets[0])


def may_impersonate(
    cluster: Compiled,
    subject: str,
    *,
    user: str,
    as_groups: Sequence[str],
    uid: str,
    extra: Mapping[str, Sequence[str]],
    groups: Sequence[str] = (),
    action: Request | None = None,
    node: str = "",
) -> Impersonation:
    """Return whether a subject may be taken for somebody else.

    Raises:
        UsageError: The subject is none.
    """
    fields = tuple((key.lower(), tuple(values)) for key, values in extra.items())
    return impersonation.may_impersonate(
        cluster.access,
        identity(subject_of(subject), groups),
        Disguise(user=user, groups=tuple(as_groups), uid=uid, extra=fields),
        constrained=cluster.release >= gates()["constrained-impersonation"],
        action=action,
        node=node,
    )


def may_certify(
    cluster: Compiled, subject: str, action: str, signer: str, name: str = "", groups: Sequence[str] = ()
) -> bool:
    """Return whether a subject may create, approve or sign a CertificateSigningRequest of a signer.

    Raises:
        UsageError: The subject is none, or the action.
    """
    if action not in list(CsrAction):
        raise UsageError(f"`{action}` is nothing that is done with a CSR", hint=f"one of {', '.join(CsrAction)}")
    caller = identity(subject_of(subject), groups)
    return certificates.may_certify(cluster.access, caller, CsrAction(action), signer, name)[0]
