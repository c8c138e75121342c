"""Intents that do not hold as findings, for the formats of continuous integration."""

from collections.abc import Iterator

from netsim.ir.finding import Finding, by_severity
from netsim.ir.place import Place
from netsim.ir.policy import Policy
from netsim.knowledge import checks
from netsim.queries import Verdict
from netsim.queries.intents import Check, Checked
from netsim.queries.judged import flow_dict
from netsim.render import intents
from netsim.render.verdict import headline

#: Where checks of intents stand among the catalogues.
AREA = "intents"


def findings(answer: Check) -> tuple[Finding, ...]:
    """Return a finding for each intent that does not hold, the worst first, then as they stand in their files.

    Each points to the rule, or the policy, that decides the connection that breaks the intent: that is what is to be
    changed, and what a change has touched. Where there is none, it points to the intent.
    """
    return by_severity(_of(checked) for checked in answer if not checked.holds)


def _of(checked: Checked) -> Finding:
    check = checks(AREA)[str(checked.result)]
    policy, place = next(_deciding(checked.counterexample), (None, checked.place))
    told = [] if checked.counterexample is None else [headline(checked.counterexample)]
    return Finding(
        code=check.code,
        severity=check.severity,
        object=f"{policy.kind} {policy}" if policy else f"intent {checked.name}",
        file=place.file,
        line=place.line,
        message=": ".join([f'intent "{checked.name}" {_says(checked)}', *told]),
        why="\n".join(line for line in intents.details(checked, explain=False) if line not in told),
        hint=check.help,
        evidence=tuple(_evidence(checked)),
        identity=checked.name,
    )


def _says(checked: Checked) -> str:
    return {"fails": "fails", "unknown": "is unknown"}.get(str(checked.result), "speaks of nothing")


def _deciding(verdict: Verdict | None) -> Iterator[tuple[Policy, Place]]:
    """Yield the policies that decide a verdict, each with the place of its rule; the ones of ingress first."""
    for side in () if verdict is None else (verdict.ingress, verdict.egress):
        for reason in side.reasons:
            if reason.policy is not None and side.allowed is verdict.allowed:  # type: ignore[union-attr]
                yield reason.policy, (reason.rule or reason.policy).place


def _evidence(checked: Checked) -> Iterator[tuple[str, str]]:
    yield "intent", f"{checked.place.file}:{checked.place.line}"
    if checked.counterexample is not None:
        yield from ((n, str(v)) for n, v in flow_dict(checked.counterexample.deciding.flow).items() if v is not None)
