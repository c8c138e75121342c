"""What is found only by looking at several areas together: each is bearable alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netsim.cluster import Compiled
from netsim.ir.access import Request
from netsim.ir.audit import AuditRequest
from netsim.ir.finding import Check, Finding, Severity
from netsim.ir.place import NOWHERE, Place
from netsim.knowledge import checks, rights_checks
from netsim.posture.auditlint import probe
from netsim.posture.auditloader import loader_faults
from netsim.posture.auditpolicy import policy_of, recorded

#: Ways to the Secrets of the cluster, and the codes that each is told by.
_WAYS: Mapping[str, frozenset[str]] = {
    "by RBAC": frozenset({"NS221", "NS223", "NS224"}),
    "in etcd, in plain text": frozenset({"NS501", "NS502", "NS503", "NS507", "NS512", "NS513", "NS533"}),
    "from etcd without a certificate": frozenset({"NS601", "NS602", "NS605", "NS607"}),
}
#: etcd answers whoever is on its node, and the pods of a namespace may be on a node's network.
_ETCD_OPEN = frozenset({"NS601", "NS602"})
_UNENFORCED = frozenset({"NS301", "NS303"})
_MANY = 2


def crossing(cluster: Compiled, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield what the findings of all areas mean together."""
    catalogue = checks("crossing")
    yield from _secrets(found, catalogue["secrets-exposed"])
    yield from _node_etcd(found, catalogue["hostnetwork-reaches-etcd"])
    yield from _coverage(cluster, found, catalogue["detection-coverage"])


def _secrets(found: Sequence[Finding], check: Check) -> Iterator[Finding]:
    ways = {way: [each for each in found if each.code in codes] for way, codes in _WAYS.items()}
    held = {way: own for way, own in ways.items() if own}
    if len(held) >= _MANY:
        facts = tuple((way, f"{own[0].code} {own[0].object}") for way, own in held.items())
        severity = Severity.CRITICAL if len(held) > _MANY else Severity.HIGH
        yield _told(check, f"can be read {', '.join(held)}", _first(held.values()), facts, "Secrets", severity)


def _node_etcd(found: Sequence[Finding], check: Check) -> Iterator[Finding]:
    open_ = [each for each in found if each.code in _ETCD_OPEN]
    loose = [each for each in found if each.code in _UNENFORCED]
    if open_ and loose:
        names = sorted({each.object.removeprefix("Namespace ") for each in loose})
        message = f"answers pods with hostNetwork on its node, which {', '.join(names)} may run"
        yield _told(
            check, message, open_[0], (("etcd", open_[0].code), ("namespaces", ", ".join(names))), open_[0].object
        )


def _coverage(cluster: Compiled, found: Sequence[Finding], check: Check) -> Iterator[Finding]:
    """Yield how many of the dangerous requests that somebody may make leave a trace, where one does not."""
    told = {each.code for each in found}
    asked = {str(r): r for row in rights_checks() if row.check.code in told for r in row.requests[:1]}
    for manifest in cluster.manifests:
        if manifest.group != "audit.k8s.io" or manifest.kind != "Policy" or any(loader_faults(manifest.body)):
            continue
        policy = policy_of(manifest.body)
        unseen = [name for name, request in asked.items() if not recorded(policy, _probe(request)).is_written]
        if unseen:
            seen = len(asked) - len(unseen)
            message = f"records {seen} of {len(asked)} kinds of dangerous requests that somebody may make"
            severity = Severity.MEDIUM if seen else Severity.CRITICAL
            place = manifest.place()
            yield _told(check, message, place, tuple(("unrecorded", each) for each in unseen), "Policy", severity)


def _probe(request: Request) -> AuditRequest:
    return probe(request.verb, request.resource, request.group, request.subresource)


def _first(ways: Iterable[Sequence[Finding]]) -> Finding:
    return next(iter(ways))[0]


def _told(
    check: Check,
    message: str,
    at: Finding | Place,
    facts: tuple[tuple[str, str], ...],
    object_: str,
    severity: Severity | None = None,
) -> Finding:
    place = at if isinstance(at, Place) else Place(at.file, at.line) if at.file else NOWHERE
    return Finding(
        code=check.code,
        severity=severity or check.severity,
        object=object_,
        file=place.file,
        line=place.line,
        message=message,
        why=check.description,
        hint=check.help,
        evidence=facts,
    )
