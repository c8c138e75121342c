"""The catalogue of checks: what each code of a finding means, for the formats that tell it."""

from collections.abc import Mapping

from netsim.ir.finding import Check, Severity

#: The codes of a diff.
DIFF = (
    Check(
        code="NS901",
        title="Newly open to the internet",
        severity=Severity.HIGH,
        description="A workload may be reached from addresses of the internet, or through an Ingress, a Gateway, a "
        "Route or a Service that is open to the outside, and could not be before.",
        help="If this is meant, say so in the review. If not, name in the rule the addresses or the controller that "
        "need it, or take the way in back.",
    ),
    Check(
        code="NS902",
        title="New access across namespaces",
        severity=Severity.MEDIUM,
        description="A workload may open connections into another namespace that it could not open before.",
        help="Name in the rule the namespace and the pods that need it: a peer with namespaceSelector and podSelector "
        "in one element selects those pods alone.",
    ),
    Check(
        code="NS903",
        title="New access to a crown jewel",
        severity=Severity.HIGH,
        description="A workload that is marked as a crown jewel may be reached by one that could not reach it before.",
        help="Check that the new client needs it, on each of these ports, and narrow the rule to it.",
    ),
    Check(
        code="NS904",
        title="New way out to the internet",
        severity=Severity.MEDIUM,
        description="A workload may open connections to addresses of the internet that it could not open before: by "
        "that way data leaves, and tools come in.",
        help="Name in the rule the addresses and ports that it needs.",
    ),
    Check(
        code="NS905",
        title="New connection",
        severity=Severity.LOW,
        description="A connection is allowed that was not allowed before.",
        help="Check that it is meant.",
    ),
    Check(
        code="NS906",
        title="Connection no longer allowed",
        severity=Severity.LOW,
        description="A connection that was allowed is not allowed any more: what relies on it will fail.",
        help="Check that nothing relies on it.",
    ),
    Check(
        code="NS907",
        title="New attack step",
        severity=Severity.HIGH,
        description="Who holds one thing in the cluster may take another by it, and could not before.",
        help="Take away what the step rests on, or check that the way that it opens is accepted.",
    ),
)

CHECKS: Mapping[str, Check] = {check.code: check for check in DIFF}
