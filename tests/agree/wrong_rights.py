"""Wrong readings of RBAC, each of which the agreement of the definition with the compiled form must catch.

Many are those of other tools; each replaces one function of the definition.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

from netsim.ir.access import Binding, Decision, Request, Rule, Subject, SubjectKind
from netsim.spec import access


@dataclass(frozen=True)
class Wrong:
    """One wrong reading: ``make`` takes the right function and returns the wrong one."""

    name: str
    clause: str
    module: ModuleType
    function: str
    make: Callable[[Any], Any]


def _verb(answer: Callable[[Rule, str, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda rule, verb: answer(rule, verb, right)


def _group(answer: Callable[[Rule, str, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda rule, group: answer(rule, group, right)


def _resource(answer: Callable[[Rule, str, str, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda rule, resource, sub: answer(rule, resource, sub, right)


def _name(answer: Callable[[Rule, str, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda rule, name: answer(rule, name, right)


def _url(answer: Callable[[str, str], bool]) -> Callable[[Any], Any]:
    return lambda _: lambda rule, path: any(answer(url, path) for url in rule.urls)


def _applies(answer: Callable[[Subject, Subject, Any, Any], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda bound, subject, groups=(): answer(bound, subject, groups, right)


def _groups(change: Callable[[set[str], Subject], set[str]]) -> Callable[[Any], Any]:
    return lambda right: lambda subject, given=(): change(right(subject, given), subject)


def _allows(change: Callable[[Rule, Request], bool]) -> Callable[[Any], Any]:
    return lambda right: lambda rule, request: right(rule, request) or change(rule, request)


def _role(answer: Callable[[Any, Binding, Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda rights, binding: answer(rights, binding, right)


def _bindings(change: Callable[[Binding], Binding]) -> Callable[[Any], Any]:
    """Return a wrong reading of what is held: every binding is another."""

    def make(right: Any) -> Any:
        def held(rights: Any, *rest: Any) -> Any:
            return right(replace(rights, bindings=tuple(map(change, rights.bindings))), *rest)

        return held

    return make


def _across_rules(right: Any) -> Any:
    """Combine the lists of all rules that a subject holds into one."""

    def authorize(rights: Any, subject: Subject, request: Request, groups: Any = ()) -> Decision:
        found = list(access.held(rights, subject, request.namespace, groups))
        if not found:
            return right(rights, subject, request, groups)
        rules = [grant.rule for grant in found]
        merged = Rule(
            index=0,
            verbs=tuple(verb for rule in rules for verb in rule.verbs),
            groups=tuple(group for rule in rules for group in rule.groups),
            resources=tuple(resource for rule in rules for resource in rule.resources),
            names=() if any(not rule.names for rule in rules) else tuple(n for rule in rules for n in rule.names),
        )
        if not request.path and access.rule_allows(merged, request):
            first = right(rights, subject, request, groups)
            return first or replace(first, grants=tuple(found[:1]))
        return right(rights, subject, request, groups)

    return authorize


def _no_masters(right: Any) -> Any:
    def authorize(rights: Any, subject: Subject, request: Request, groups: Any = ()) -> Any:
        kept = [group for group in groups if group != "system:masters"]
        unmade = Subject.group("devs-of-nobody") if subject == Subject.group("system:masters") else subject
        return right(rights, unmade, request, kept)

    return authorize


def _missing_role_breaks(right: Any) -> Any:
    def held(rights: Any, subject: Subject, namespace: str, groups: Any = ()) -> Any:
        if any(access.role_of(rights, each) is None for each in rights.bindings):
            return iter(())
        return right(rights, subject, namespace, groups)

    return held


def _first_subject(binding: Binding) -> Binding:
    return replace(binding, subjects=binding.subjects[:1])


def _until_group(binding: Binding) -> Binding:
    kinds = [subject.kind for subject in binding.subjects]
    end = kinds.index(SubjectKind.GROUP) + 1 if SubjectKind.GROUP in kinds else len(kinds)
    return replace(binding, subjects=binding.subjects[:end])


def _everywhere(binding: Binding) -> Binding:
    # Of a RoleBinding to a ClusterRole, as tools read it that list the permissions of a subject.
    return replace(binding, namespace="") if binding.role_kind == "ClusterRole" else binding


def _name_alone(rights: Any, binding: Binding, right: Any) -> Any:
    found = right(rights, binding)
    return found or next((role for role in rights.roles if role.name == binding.role and not role.namespace), None)


def _any_namespace(rights: Any, binding: Binding, right: Any) -> Any:
    found = right(rights, binding)
    same = (role for role in rights.roles if role.name == binding.role and role.kind == binding.role_kind)
    return found or next(same, None)


def _one_level(right: Any) -> Any:
    def parts(rights: Any, role: Any, seen: set[str]) -> set[str]:
        if len(seen) > 1:
            return {role.name} if role.aggregates is None or role.served else set()
        return right(rights, role, seen)

    return parts


def _own_rules_kept(right: Any) -> Any:
    return lambda rights, role, seen: right(rights, role, seen) | {role.name}


def _selectors_anded(right: Any) -> Any:
    from netsim.spec.labels import selects

    def takes(role: Any, other: Any) -> bool:
        return right(role, other) and all(selects(each, other.labels) for each in role.aggregates or ())

    return takes


_HUMAN = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]

WRONG = (
    Wrong(
        "`*` covers only the verbs of the API",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) and (verb in rule.verbs or verb in _HUMAN)),
    ),
    Wrong(
        "`*` does not cover deletecollection",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: verb in rule.verbs or (verb != "deletecollection" and right(rule, verb))),
    ),
    Wrong(
        "get allows list",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) or (verb == "list" and "get" in rule.verbs)),
    ),
    Wrong(
        "list allows get",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) or (verb == "get" and "list" in rule.verbs)),
    ),
    Wrong(
        "list allows watch",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) or (verb == "watch" and "list" in rule.verbs)),
    ),
    Wrong(
        "update allows patch",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) or (verb == "patch" and "update" in rule.verbs)),
    ),
    Wrong(
        "delete allows deletecollection",
        "A3",
        access,
        "verb_matches",
        _verb(lambda rule, verb, right: right(rule, verb) or (verb == "deletecollection" and "delete" in rule.verbs)),
    ),
    Wrong("`*` is a verb like others", "A3", access, "verb_matches", _verb(lambda rule, verb, _: verb in rule.verbs)),
    Wrong("the API group does not matter", "A4", access, "group_matches", _group(lambda *_: True)),
    Wrong(
        "no groups are every group",
        "A4",
        access,
        "group_matches",
        _group(lambda rule, group, right: not rule.groups or right(rule, group)),
    ),
    Wrong(
        "the empty group is every group",
        "A4",
        access,
        "group_matches",
        _group(lambda rule, group, right: "" in rule.groups or right(rule, group)),
    ),
    Wrong("`*` is no group", "A4", access, "group_matches", _group(lambda rule, group, _: group in rule.groups)),
    Wrong(
        "a resource has its subresources",
        "A5",
        access,
        "resource_matches",
        _resource(lambda rule, resource, sub, right: right(rule, resource, sub) or resource in rule.resources),
    ),
    Wrong(
        "`pods/*` is every subresource of pods",
        "A5",
        access,
        "resource_matches",
        _resource(lambda rule, res, sub, right: right(rule, res, sub) or bool(sub and f"{res}/*" in rule.resources)),
    ),
    Wrong(
        "`*/*` is every subresource",
        "A5",
        access,
        "resource_matches",
        _resource(lambda rule, res, sub, right: right(rule, res, sub) or bool(sub and "*/*" in rule.resources)),
    ),
    Wrong(
        "`*` has no subresources",
        "A5",
        access,
        "resource_matches",
        _resource(
            lambda rule, res, sub, right: right(
                replace(rule, resources=tuple(each for each in rule.resources if not sub or each != "*")), res, sub
            )
        ),
    ),
    Wrong(
        "`*/scale` has the resource, too",
        "A5",
        access,
        "resource_matches",
        _resource(
            lambda rule, res, sub, right: (
                right(rule, res, sub) or any(each.startswith("*/") and each != "*/*" for each in rule.resources)
            )
        ),
    ),
    Wrong(
        "`*/scale` is nothing",
        "A5",
        access,
        "resource_matches",
        _resource(lambda rule, res, sub, _: bool({"*", f"{res}/{sub}" if sub else res} & set(rule.resources))),
    ),
    Wrong(
        "a subresource has its resource",
        "A5",
        access,
        "resource_matches",
        _resource(
            lambda rule, res, sub, right: (
                right(rule, res, sub) or any(each.split("/")[0] == res for each in rule.resources)
            )
        ),
    ),
    Wrong(
        "`pod*` is a pattern",
        "A5",
        access,
        "resource_matches",
        _resource(
            lambda rule, res, sub, right: (
                right(rule, res, sub)
                or any("/" not in each and fnmatchcase(res, each) for each in rule.resources if not sub)
            )
        ),
    ),
    Wrong("resourceNames do not matter", "A6", access, "name_matches", _name(lambda *_: True)),
    Wrong(
        "a name may be a pattern",
        "A6",
        access,
        "name_matches",
        _name(lambda rule, name, right: right(rule, name) or any(fnmatchcase(name, each) for each in rule.names)),
    ),
    Wrong(
        "an empty resourceNames is no name",
        "A6",
        access,
        "name_matches",
        _name(lambda rule, name, _: name in rule.names),
    ),
    Wrong(
        "names do not hinder who names nothing",
        "A6",
        access,
        "name_matches",
        _name(lambda rule, name, right: not name or right(rule, name)),
    ),
    Wrong(
        "the empty name matches nothing",
        "A6",
        access,
        "name_matches",
        _name(lambda rule, name, right: right(rule, name) and bool(name or not rule.names)),
    ),
    Wrong(
        "a create has a name",
        "A7",
        access,
        "name_of",
        lambda right: lambda request: request.name if request.verb == "create" else right(request),
    ),
    Wrong(
        "a deletecollection has a name",
        "A7",
        access,
        "name_of",
        lambda right: lambda request: request.name if request.verb == "deletecollection" else right(request),
    ),
    Wrong(
        "a create of a subresource has no name",
        "A7",
        access,
        "name_of",
        lambda right: lambda request: "" if request.verb == "create" else right(request),
    ),
    Wrong(
        "a list has no name",
        "A8",
        access,
        "name_of",
        lambda right: lambda request: "" if request.verb in ("list", "watch") else right(request),
    ),
    Wrong(
        "a Namespace is in no namespace",
        "A10",
        access,
        "_namespace",
        lambda _: lambda request: "" if request.path else request.namespace,
    ),
    Wrong(
        "a list of one Namespace is in it",
        "A10",
        access,
        "_namespace",
        lambda right: lambda request: request.name if request.resource == "namespaces" else right(request),
    ),
    Wrong(
        "a star in a path is a pattern anywhere",
        "A11",
        access,
        "url_matches",
        _url(lambda url, path: fnmatchcase(path, url)),
    ),
    Wrong("a path has no prefixes", "A11", access, "url_matches", _url(lambda url, path: url in ("*", path))),
    Wrong(
        "one star at the end of a path is cut",
        "A11",
        access,
        "url_matches",
        _url(lambda url, path: url == path or (url.endswith("*") and path.startswith(url[:-1]))),
    ),
    Wrong(
        "a prefix ends at a slash",
        "A11",
        access,
        "url_matches",
        _url(lambda url, path: url in ("*", path) or (url.endswith("/*") and path.startswith(url[:-1]))),
    ),
    Wrong(
        "`/x/*` has `/x`",
        "A11",
        access,
        "url_matches",
        _url(lambda url, path: url == path or (url.endswith("*") and path.startswith(url.rstrip("*").rstrip("/")))),
    ),
    Wrong(
        "a RoleBinding grants URLs",
        "A12",
        access,
        "_namespace",
        lambda right: lambda request: "n1" if request.path else right(request),
    ),
    Wrong(
        "`*` of resources has URLs",
        "A11",
        access,
        "rule_allows",
        _allows(
            lambda rule, request: (
                bool(request.path) and "*" in rule.resources and access.verb_matches(rule, request.verb)
            )
        ),
    ),
    Wrong(
        "the verb of a URL does not matter",
        "A11",
        access,
        "rule_allows",
        _allows(lambda rule, request: bool(request.path) and access.url_matches(rule, request.path)),
    ),
    Wrong("the lists of all rules are one", "A2", access, "authorize", _across_rules),
    Wrong("system:masters needs a binding", "A16", access, "authorize", _no_masters),
    Wrong("a RoleBinding to a ClusterRole holds everywhere", "A12", access, "held", _bindings(_everywhere)),
    Wrong("only the first subject is looked at", "A14", access, "held", _bindings(_first_subject)),
    Wrong("a group ends the list of subjects", "A14", access, "held", _bindings(_until_group)),
    Wrong("a missing role breaks the other bindings", "A13", access, "held", _missing_role_breaks),
    Wrong(
        "ClusterRoleBindings do not hold within a namespace",
        "A1",
        access,
        "held",
        lambda right: (
            lambda rights, subject, namespace, groups=(): (
                grant for grant in right(rights, subject, namespace, groups) if not namespace or grant.binding.namespace
            )
        ),
    ),
    Wrong(
        "an account is its name, whatever its namespace",
        "A14",
        access,
        "applies",
        _applies(
            lambda bound, subject, groups, right: (
                right(bound, subject, groups)
                or (bound.kind is subject.kind is SubjectKind.ACCOUNT and bound.name == subject.name)
            )
        ),
    ),
    Wrong(
        "a User is no account",
        "A14",
        access,
        "applies",
        _applies(
            lambda bound, subject, groups, right: (
                right(bound, subject, groups)
                and not (bound.kind is SubjectKind.USER and subject.kind is SubjectKind.ACCOUNT)
            )
        ),
    ),
    Wrong(
        "a user is in the group of its name",
        "A14",
        access,
        "applies",
        _applies(
            lambda bound, subject, groups, right: (
                right(bound, subject, groups) or (bound.kind is SubjectKind.GROUP and bound.name == subject.name)
            )
        ),
    ),
    Wrong(
        "names are the same in any case",
        "A14",
        access,
        "applies",
        _applies(
            lambda bound, subject, groups, right: right(
                replace(bound, name=bound.name.lower()), replace(subject, name=subject.name.lower()), groups
            )
        ),
    ),
    Wrong(
        "groups given with a user do not matter",
        "A14",
        access,
        "groups_of",
        lambda right: lambda subject, given=(): right(subject, [g for g in given if g == "system:masters"]),
    ),
    Wrong(
        "an account is in no group of its namespace",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, _: {each for each in found if not each.startswith("system:serviceaccounts:")}),
    ),
    Wrong(
        "an account is not in system:serviceaccounts",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, _: found - {"system:serviceaccounts"}),
    ),
    Wrong(
        "an account is not in system:authenticated",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, who: found - {"system:authenticated"} if who.kind is SubjectKind.ACCOUNT else found),
    ),
    Wrong(
        "a user is in no group unless said",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, who: found - {"system:authenticated"} if who.kind is SubjectKind.USER else found),
    ),
    Wrong(
        "who is anonymous is authenticated",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, _: found | {"system:authenticated"}),
    ),
    Wrong(
        "who is anonymous is in no group",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, who: found - {"system:unauthenticated"} if who.name == "system:anonymous" else found),
    ),
    Wrong(
        "each account has a group of its own",
        "A15",
        access,
        "groups_of",
        _groups(lambda found, who: found | {f"system:serviceaccount:{who.namespace}:{who.name}"}),
    ),
    Wrong("the kind of a roleRef does not matter", "A13", access, "role_of", _role(_name_alone)),
    Wrong("a Role may be one of another namespace", "A12", access, "role_of", _role(_any_namespace)),
    Wrong(
        "nothing is aggregated",
        "A17",
        access,
        "rules_of",
        lambda _: lambda _rights, role: [(role, rule) for rule in role.rules],
    ),
    Wrong("an aggregated role keeps its own rules", "A17", access, "_parts", _own_rules_kept),
    Wrong("an aggregated role does not aggregate aggregated ones", "A17", access, "_parts", _one_level),
    Wrong("a role must match every selector", "A17", access, "_takes", _selectors_anded),
    Wrong(
        "what a server aggregated is not believed",
        "A17",
        access,
        "_parts",
        lambda right: (
            lambda rights, role, seen: (
                right(rights, replace(role, served=False), seen)
                if role.aggregates is not None
                else right(rights, role, seen)
            )
        ),
    ),
    Wrong(
        "what a server aggregated gains nothing",
        "A17",
        access,
        "_takes",
        lambda right: lambda role, other: right(role, other) and not role.served,
    ),
)
