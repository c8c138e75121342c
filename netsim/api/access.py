"""The questions of a Cluster about RBAC."""

from collections.abc import Mapping, Sequence
from typing import Any

from netsim.cluster import Compiled
from netsim.ir.access import CsrAction, Impersonation, WriteDecision
from netsim.queries import Allowed, Holders, Permissions, can, permissions, who_can
from netsim.queries.grants import may_certify, may_impersonate, may_write
from netsim.queries.rights import request_of


class AccessQuestions(Compiled):
    """Who may ask the API server for what, and what gives rights away."""

    def can(
        self,
        subject: str,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
        groups: Sequence[str] = (),
    ) -> Allowed:
        """Return whether a subject may make a request of the API server, and which bindings, roles and rules allow it.

        Args:
            subject: ``ServiceAccount:ns/name``, ``User:name``, or ``Group:name`` for any member of a group.
            resource: ``secrets``; its group and subresource may be written with it: ``deployments.apps/scale``.
            group: The API group; the core group is empty.
            name: The object's. ``list`` and ``watch`` with one are those that select it by its name.
            namespace: Without one, the request is for all namespaces, or for an object that is in none.
            path: Of a request for no resource, ``/healthz``.
            groups: Those of the subject, beside those that it is in anyway.

        Raises:
            UsageError: The subject is none, or the parts of the request do not go together.
        """
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return can(self, subject, request, groups)

    def who_can(
        self,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
    ) -> list[str]:
        """Return every account, and every subject of a binding, that may make a request; sorted."""
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return list(who_can(self, request).subjects)

    def holders(
        self,
        verb: str,
        resource: str | None = None,
        *,
        group: str = "",
        subresource: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        path: str | None = None,
    ) -> Holders:
        """Return ``who_can`` as an Answer that shows itself, with the bindings, roles and rules."""
        request = request_of(
            verb, resource, group=group, subresource=subresource, name=name, namespace=namespace, path=path
        )
        return who_can(self, request)

    def permissions(self, subject: str, *, groups: Sequence[str] = ()) -> Permissions:
        """Return every rule that a subject holds, each with its binding, role and place."""
        return permissions(self, subject, groups)

    def may_write(
        self, subject: str, verb: str, manifest: Mapping[str, Any], *, groups: Sequence[str] = ()
    ) -> WriteDecision:
        """Return whether a subject may create, update or patch a role or a binding.

        That takes the write itself, and what keeps it from giving more than is held: ``escalate`` or ``bind``, or
        every rule held.

        Args:
            manifest: The Role, ClusterRole, RoleBinding or ClusterRoleBinding as it would be then.

        Raises:
            InputError: The API server would refuse the object.
            UsageError: It is no role and no binding, or the verb is no write.
        """
        return may_write(self, subject, verb, manifest, groups)

    def may_impersonate(
        self,
        subject: str,
        *,
        user: str = "",
        as_groups: Sequence[str] = (),
        uid: str = "",
        extra: Mapping[str, Sequence[str]] | None = None,
        groups: Sequence[str] = (),
        action: Mapping[str, str] | None = None,
        node: str = "",
    ) -> Impersonation:
        """Return whether the API server lets a subject be taken for somebody else, by the headers ``Impersonate-*``.

        Args:
            user, as_groups, uid, extra: Who it wants to be.
            groups: Its own groups.
            action: The request that it makes so, as keywords of ``can``: constrained impersonation depends on it.
            node: The node that the token of an account is bound to.
        """
        asked = None if action is None else request_of(**action)
        return may_impersonate(
            self,
            subject,
            user=user,
            as_groups=as_groups,
            uid=uid,
            extra=extra or {},
            groups=groups,
            action=asked,
            node=node,
        )

    def may_certify(
        self, subject: str, action: str | CsrAction, signer: str, *, name: str = "", groups: Sequence[str] = ()
    ) -> bool:
        """Return whether a subject may ``create``, ``approve`` or ``sign`` a CertificateSigningRequest of a signer.

        Args:
            name: That of the CertificateSigningRequest; whatever it is called, where none is given.
        """
        return may_certify(self, subject, action, signer, name, groups)
