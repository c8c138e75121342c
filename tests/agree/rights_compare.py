"""The definition of RBAC beside the compiled form: every question of a seed asked of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netsim.access import Access, identity
from netsim.access.certificates import may_certify
from netsim.access.escalation import may_write
from netsim.access.impersonation import may_impersonate
from netsim.ir.access import Decision, Request
from netsim.ir.release import Release
from netsim.spec import access, grants
from tests.agree.rights_generate import Maker, Question

WRITES = ("create", "update", "patch")
NEW, OLD = Release(1, 36), Release(1, 35)


@dataclass(frozen=True)
class Fast:
    """What the compiled form says of one seed: decisions, and the other questions with their arguments."""

    maker: Maker
    decisions: tuple[tuple[Question, Decision], ...]
    others: tuple[tuple[str, tuple[Any, ...], Any], ...]


def fast(seed: int, *, questions: int = 60, others: int = 16) -> Fast:
    """Return the questions of a seed, with what the compiled form says."""
    maker = Maker(seed)
    compiled = Access(maker.rights)
    decisions = [
        (asked, compiled.allows(asked.subject, asked.request, asked.groups)) for asked in maker.questions(questions)
    ]
    found: list[tuple[str, tuple[Any, ...], Any]] = []
    maker.restart(seed + 1_000_000)  # so that these do not depend on how many requests there are
    for _ in range(others):
        found += _others(maker, compiled, maker.theme)
    for theme in ("writes", "disguises", "certificates", "who"):
        found += _others(maker, compiled, theme)
    return Fast(maker, tuple(decisions), tuple(found))


def _others(maker: Maker, compiled: Access, theme: str) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Yield a question that is no plain request, with its arguments and what the compiled form says."""
    subject, groups = maker.subject()
    caller = identity(subject, groups)
    if theme == "writes":
        verb, target = maker.one(WRITES), maker.target()
        yield "write", (subject, verb, target, groups), may_write(compiled, caller, verb, target).allowed
    elif theme == "disguises":
        wanted, release, node = maker.disguise(), maker.one((NEW, OLD)), maker.one(("", "w1"))
        action = maker.one((None, maker.request(), Request(verb="get", resource="pods", namespace="n1")))
        constrained = release is NEW
        taken = may_impersonate(compiled, caller, wanted, constrained=constrained, action=action, node=node)
        yield "impersonate", (subject, wanted, groups, release, action, node), taken.allowed
    elif theme == "certificates":
        csr, signer = maker.signer()
        yield "certify", (subject, csr, signer, groups), may_certify(compiled, caller, csr, signer)[0]
    elif theme == "who":
        request = maker.near()
        yield "who", (request,), compiled.who_can(request)


def disagreements(asked: Fast) -> Iterator[str]:
    """Yield every question on which the definition and the compiled form differ, its grants included."""
    rights = asked.maker.rights
    for question, decision in asked.decisions:
        right = access.authorize(rights, question.subject, question.request, question.groups)
        if right != decision:
            yield f"{question}: the definition says {right}, the compiled form {decision}"
    for what, arguments, answer in asked.others:
        if definition(asked.maker, what, arguments) != answer:
            yield f"{what} {arguments}: the compiled form says {answer}, the definition does not"


def definition(maker: Maker, what: str, arguments: tuple[Any, ...]) -> Any:
    """Return what the definition says to a question that is no plain request."""
    rights = maker.rights
    match what:
        case "write":
            return grants.may_write(rights, *arguments)
        case "impersonate":
            subject, wanted, groups, release, action, node = arguments
            return grants.may_impersonate(rights, subject, wanted, groups, release=release, action=action, node=node)
        case "certify":
            return grants.may_certify(rights, *arguments)
        case _:
            return access.who_can(rights, *arguments)
