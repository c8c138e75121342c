"""Wrong readings of what keeps writers of roles from giving away more than they hold, of impersonation, of CSRs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from netsim.ir.access import RBAC_GROUP, Binding, CsrAction, Disguise, Request, Rights, Rule, Subject
from netsim.ir.release import Release
from netsim.spec import access, grants
from tests.agree.wrong_rights import Wrong

_CSR_GROUP = "certificates.k8s.io"
_APPROVAL = Request(
    verb="update", group=_CSR_GROUP, resource="certificatesigningrequests", subresource="approval", name="csr-x"
)


def _binding_without_a_write(right: Any) -> Any:
    def may_write(rights: Rights, subject: Subject, verb: str, target: Any, groups: Any = ()) -> bool:
        may_bind = isinstance(target, Binding) and grants.may_bind(rights, subject, target, groups)
        return may_bind or bool(right(rights, subject, verb, target, groups))

    return may_write


def _bind_on(resource: str) -> Callable[[Any], Any]:
    """Take ``bind`` on the bindings themselves for enough, too."""

    def make(right: Any) -> Any:
        def may_bind(rights: Rights, subject: Subject, binding: Binding, groups: Any) -> bool:
            asked = Request(
                verb="bind", group=RBAC_GROUP, resource=resource, namespace=binding.namespace, name=binding.name
            )
            return bool(access.authorize(rights, subject, asked, groups)) or right(rights, subject, binding, groups)

        return may_bind

    return make


def _bind_cluster_wide(_right: Any) -> Any:
    def may_bind(rights: Rights, subject: Subject, binding: Binding, groups: Any) -> bool:
        resource = "clusterroles" if binding.role_kind == "ClusterRole" else "roles"
        asked = Request(verb="bind", group=RBAC_GROUP, resource=resource, name=binding.role)
        role = access.role_of(rights, binding)
        wanted = [rule for _, rule in access.rules_of(rights, role)] if role else []
        held = [grant.rule for grant in access.held(rights, subject, binding.namespace, groups)]
        return bool(access.authorize(rights, subject, asked, groups)) or (
            role is not None and grants.covers(held, wanted)
        )

    return may_bind


def _missing_role_is_empty(right: Any) -> Any:
    def may_bind(rights: Rights, subject: Subject, binding: Binding, groups: Any) -> bool:
        return access.role_of(rights, binding) is None or right(rights, subject, binding, groups)

    return may_bind


def _held_elsewhere(right: Any) -> Any:
    def held_rules(rights: Rights, subject: Subject, namespace: str, groups: Any) -> list[Rule]:
        return [rule for each in {namespace, "n1", "n2"} for rule in right(rights, subject, each, groups)]

    return held_rules


def _whole_rules(_right: Any) -> Any:
    def covers(owned: Sequence[Rule], wanted: Sequence[Rule]) -> bool:
        return all(
            any(all(grants.rule_covers(own, part) for part in grants.parts_of(rule)) for own in owned)
            for rule in wanted
        )

    return covers


def _target(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: (
        lambda rights, subject, verb, target, groups=(): right(rights, subject, verb, change(target), groups)
    )


def _mutable_ref(right: Any) -> Any:
    def may_write(rights: Rights, subject: Subject, verb: str, target: Any, groups: Any = ()) -> bool:
        if not isinstance(target, Binding):
            return bool(right(rights, subject, verb, target, groups))
        apart = replace(rights, bindings=tuple(_named_apart(rights.bindings, target)))
        return bool(right(apart, subject, verb, target, groups))

    return may_write


def _named_apart(bindings: Sequence[Binding], target: Binding) -> list[Binding]:
    """Return the bindings, the one that is written under another name, so that it is none that there was."""
    same = (target.namespace, target.name)
    return [replace(each, name="zz") if (each.namespace, each.name) == same else each for each in bindings]


def _wanted(change: Callable[[Disguise], Disguise]) -> Callable[[Any], Any]:
    return lambda right: (
        lambda rights, subject, wanted, *rest, **more: right(
            rights, subject, change(wanted) if wanted.user else wanted, *rest, **more
        )
    )


def _checks(change: Callable[[Request], Request]) -> Callable[[Any], Any]:
    return lambda right: lambda *args: [change(each) for each in right(*args)]


def _release(minor: int) -> Callable[[Any], Any]:
    return lambda right: lambda *args, **more: right(*args, **{**more, "release": Release(1, minor)})


def _no_user_needed(right: Any) -> Any:
    return lambda rights, subject, wanted, *rest, **more: (
        not wanted.user or right(rights, subject, wanted, *rest, **more)
    )


def _certified(answer: Callable[[Rights, Subject, CsrAction, str, Any, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: (
        lambda rights, subject, action, signer, groups=(): answer(rights, subject, action, signer, groups, right)
    )


def _signer_alone(rights: Rights, subject: Subject, action: CsrAction, signer: str, groups: Any, right: Any) -> bool:
    asked = Request(verb="approve", group=_CSR_GROUP, resource="signers", name=signer)
    approves = action is CsrAction.APPROVE and access.authorize(rights, subject, asked, groups)
    return bool(approves) or right(rights, subject, action, signer, groups)


def _write_alone(rights: Rights, subject: Subject, action: CsrAction, signer: str, groups: Any, right: Any) -> bool:
    approves = action is CsrAction.APPROVE and access.authorize(rights, subject, _APPROVAL, groups)
    return bool(approves) or right(rights, subject, action, signer, groups)


def _no_wildcard(rights: Rights, subject: Subject, action: CsrAction, signer: str, groups: Any, right: Any) -> bool:
    verb = {CsrAction.APPROVE: "approve", CsrAction.SIGN: "sign"}.get(action)
    asked = Request(verb=verb or "", group=_CSR_GROUP, resource="signers", name=signer)
    return right(rights, subject, action, signer, groups) and (
        verb is None or bool(access.authorize(rights, subject, asked, groups))
    )


def _sign_by_approval(
    rights: Rights, subject: Subject, action: CsrAction, signer: str, groups: Any, right: Any
) -> bool:
    return right(rights, subject, CsrAction.APPROVE if action is CsrAction.SIGN else action, signer, groups)


WRONG = (
    Wrong("who may bind needs no write", "A21", grants, "may_write", _binding_without_a_write),
    Wrong("who may write needs no more", "A18", grants, "covers", lambda _: lambda *_: True),
    Wrong("only bind and escalate are enough", "A18", grants, "covers", lambda _: lambda _owned, wanted: not wanted),
    Wrong("`bind` on rolebindings is enough", "A21", grants, "may_bind", _bind_on("rolebindings")),
    Wrong("`bind` is asked cluster-wide", "A21", grants, "may_bind", _bind_cluster_wide),
    Wrong("a role that does not exist gives nothing away", "A21", grants, "may_bind", _missing_role_is_empty),
    Wrong("a roleRef may be changed", "A21", grants, "may_write", _mutable_ref),
    Wrong(
        "an aggregationRule gives nothing away",
        "A20",
        grants,
        "may_write",
        _target(lambda target: target if isinstance(target, Binding) else replace(target, aggregates=None)),
    ),
    Wrong("what is held in a namespace counts for the cluster", "A19", grants, "held_rules", _held_elsewhere),
    Wrong(
        "names of a held rule do not matter",
        "A19",
        grants,
        "rule_covers",
        lambda right: lambda own, part: right(replace(own, names=()), part),
    ),
    Wrong(
        "a rule for every name does not cover one name",
        "A19",
        grants,
        "rule_covers",
        lambda right: lambda own, part: right(own, part) and bool(own.names) == bool(part.names),
    ),
    Wrong(
        "a held `*/scale` covers nothing",
        "A19",
        grants,
        "_resource_covered",
        lambda _: lambda own, resource: "*" in own.resources or resource in own.resources,
    ),
    Wrong(
        "a held resource covers its subresources",
        "A19",
        grants,
        "_resource_covered",
        lambda right: lambda own, resource: right(own, resource) or resource.partition("/")[0] in own.resources,
    ),
    Wrong("a held path must be the same", "A19", grants, "_url_covered", lambda _: lambda own, url: own == url),
    Wrong(
        "a held path covers what starts with it",
        "A19",
        grants,
        "_url_covered",
        lambda _: lambda own, url: url.startswith(own.rstrip("*")),
    ),
    Wrong(
        "a held `*` covers nothing but itself",
        "A19",
        grants,
        "_all_in",
        lambda _: lambda wanted, owned: set(wanted) <= set(owned),
    ),
    Wrong("a rule must lie in one held rule", "A19", grants, "covers", _whole_rules),
    Wrong("a group needs no user", "A22", grants, "may_impersonate", _no_user_needed),
    Wrong(
        "groups are not asked for",
        "A22",
        grants,
        "may_impersonate",
        _wanted(lambda wanted: replace(wanted, groups=())),
    ),
    Wrong(
        "extra fields are not asked for",
        "A22",
        grants,
        "may_impersonate",
        _wanted(lambda each: replace(each, extra=())),
    ),
    Wrong("a uid is not asked for", "A22", grants, "may_impersonate", _wanted(lambda each: replace(each, uid=""))),
    Wrong(
        "`users` covers accounts",
        "A22",
        grants,
        "_identity_checks",
        _checks(
            lambda asked: (
                replace(asked, resource="users", namespace="") if asked.resource == "serviceaccounts" else asked
            )
        ),
    ),
    Wrong(
        "accounts are impersonated cluster-wide",
        "A22",
        grants,
        "_identity_checks",
        _checks(lambda asked: replace(asked, namespace="")),
    ),
    Wrong(
        "extra fields are of the core group",
        "A22",
        grants,
        "_identity_checks",
        _checks(lambda asked: replace(asked, group="") if asked.resource == "userextras" else asked),
    ),
    Wrong("constrained impersonation was always on", "A23", grants, "may_impersonate", _release(36)),
    Wrong("constrained impersonation is off", "A23", grants, "may_impersonate", _release(20)),
    Wrong(
        "nodes and accounts are users like others",
        "A23",
        grants,
        "_modes",
        lambda _: lambda *_: ["user-info"],
    ),
    Wrong("approving needs no write", "A24", grants, "may_certify", _certified(_signer_alone)),
    Wrong("approving needs no signer", "A24", grants, "may_certify", _certified(_write_alone)),
    Wrong("a signer's domain is no wildcard", "A24", grants, "may_certify", _certified(_no_wildcard)),
    Wrong("who approves may sign", "A24", grants, "may_certify", _certified(_sign_by_approval)),
)
