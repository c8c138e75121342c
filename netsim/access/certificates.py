"""Who may have a certificate signed: create, approve or sign a CertificateSigningRequest of a signer.

Source:
    kubernetes/plugin/pkg/admission/certificates; the ``signers`` of certificates.k8s.io.
"""

from typing import assert_never

from netsim.access.compiled import Access
from netsim.access.identity import Identity
from netsim.ir.access import CsrAction, Decision, Request

_GROUP = "certificates.k8s.io"
_REQUESTS = "certificatesigningrequests"
#: No rule limited to names knows it: the name of a request for a certificate is its author's choice.
_ANY_NAME = "\0"


def may_certify(
    access: Access, caller: Identity, action: CsrAction, signer: str, name: str = ""
) -> tuple[bool, tuple[tuple[Request, Decision], ...]]:
    """Return whether a caller may do this with a request of a signer, and what was asked: each request, its decision.

    Args:
        name: That of the CertificateSigningRequest; any where empty.
    """
    match action:
        case CsrAction.CREATE:
            request = Request(verb="create", group=_GROUP, resource=_REQUESTS)
            decision = access.decides(caller, request)
            return decision.allowed, ((request, decision),)
        case CsrAction.APPROVE:
            return _both(access, caller, "approval", "approve", signer, name)
        case CsrAction.SIGN:
            return _both(access, caller, "status", "sign", signer, name)
    assert_never(action)


def _both(
    access: Access, caller: Identity, subresource: str, verb: str, signer: str, name: str
) -> tuple[bool, tuple[tuple[Request, Decision], ...]]:
    writes = [
        Request(verb=each, group=_GROUP, resource=_REQUESTS, subresource=subresource, name=name or _ANY_NAME)
        for each in ("update", "patch")
    ]
    signs = [
        Request(verb=verb, group=_GROUP, resource="signers", name=each)
        for each in (signer, f"{signer.partition('/')[0]}/*")
    ]
    asked = [_first(access, caller, alternatives) for alternatives in (writes, signs)]
    return all(decision for _, decision in asked), tuple(asked)


def _first(access: Access, caller: Identity, alternatives: list[Request]) -> tuple[Request, Decision]:
    """Return the first of these that is allowed, or the first of them all."""
    decisions = [(request, access.decides(caller, request)) for request in alternatives]
    return next((pair for pair in decisions if pair[1]), decisions[0])
