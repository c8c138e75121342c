"""Which intents hold in a cluster."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netsim.cluster import Compiled
from netsim.ir.intents import Claim, Intent, Over
from netsim.ir.snapshot import Notice
from netsim.ir.verdict import Flow
from netsim.queries.answer import assumptions_of, warnings_of
from netsim.queries.intents.breaches import Breach
from netsim.queries.intents.claims import Question
from netsim.queries.intents.meaning import Meanings
from netsim.queries.intents.possible import OF_ALL_PODS, over_all_pods
from netsim.queries.intents.results import Check, Checked, Reason, Result
from netsim.spec import judge


def check(cluster: Compiled, intents: Iterable[Intent], further: Sequence[Checked] = ()) -> Check:
    """Return what is said of each intent, and after them what is said of others already.

    Raises:
        InputError: An intent names a peer that is none, or that means several things.
    """
    views: list[tuple[str | None, Compiled, Meanings]] = [(None, cluster, Meanings(cluster))]
    views += [(label, view, Meanings(view)) for label, view in cluster.secondary.items()]
    results: list[Checked] = []
    notices: list[Notice] = []
    assumptions: list[str] = []
    for intent in intents:
        questions = [
            Question(view, meanings, intent, outside=label is None, network=label) for label, view, meanings in views
        ]
        if intent.over is Over.ALL_PODS:
            results.append(over_all_pods(questions[0]))
            assumptions += OF_ALL_PODS
        else:
            results.append(_on_every_network(questions))
            notices += questions[0].notices()  # who is on a secondary network is on the first one, too
    return Check(
        results=(*results, *further),
        assumptions=(*assumptions_of(cluster), *dict.fromkeys(assumptions)),
        warnings=(*warnings_of(cluster), *dict.fromkeys(notices)),
    )


def _on_every_network(questions: Sequence[Question]) -> Checked:
    """Return what is said of an intent: a connection is allowed that some network allows."""
    first, *others = questions
    found = first.answer()
    others = [question for question in others if question.vacuous() is None]
    if not others or found.result is Result.VACUOUS:
        return found
    if first.intent.claim is not Claim.ALLOW:
        breaches = (breach for question in questions for breach in question.breaches())
        return first.unanswered.judged(breaches)
    excused = False
    left: list[Breach] = []
    for breach in first.breaches():
        if any(_allows(question.cluster, breach.verdict.deciding.flow) for question in others):
            excused = True
        else:
            left.append(breach)
    found = first.unanswered.judged(left)
    # Others of the same kind may be on the pod network alone: what stands for them is excused, they are not.
    return replace(found, result=Result.UNKNOWN, reason=Reason.SECONDARY) if excused and found.holds else found


def _allows(view: Compiled, flow: Flow) -> bool:
    """Return whether a secondary network allows a flow between two of its pods."""
    own = {str(pod): pod for pod in view.snapshot.pods}
    one, other = own.get(str(flow.source)), own.get(str(flow.destination))
    if one is None or other is None:
        return False
    return bool(judge(view.snapshot, view.profile, replace(flow, source=one, destination=other)).allowed)
