"""``netsim can``, ``who-can`` and ``permissions``: who may ask the API server for what."""

from typing import TYPE_CHECKING, Annotated

import typer

from netsim.cli import options

if TYPE_CHECKING:
    from netsim.ir.access import Request

CAN_EXAMPLES = """\b
Examples:
  netsim can ServiceAccount:web/frontend get secrets k8s/ -n db
  netsim can User:alice create pods/exec k8s/ -n shop --name cart-0
  netsim can User:alice --as-group devs patch deployments.apps k8s/ -n shop
  netsim can Group:system:authenticated get /metrics cluster.json

Exit code: 0 allowed, 1 denied, 2 trouble.
"""

WHO_EXAMPLES = """\b
Examples:
  netsim who-can get secrets k8s/ -n db
  netsim who-can create serviceaccounts/token cluster.json -n kube-system -o json
  netsim who-can '*' '*' k8s/

Exit code: 0 somebody, 1 nobody, 2 trouble.
"""

PERMISSIONS_EXAMPLES = """\b
Examples:
  netsim permissions ServiceAccount:ci/runner k8s/
  netsim permissions User:alice --as-group devs cluster.json -o csv

Exit code: 0 some, 1 none, 2 trouble.
"""

SUBJECTS = """\b
A SUBJECT is one of
  ServiceAccount:NAMESPACE/NAME   an account, in its three groups
  User:NAME                       a user; --as-group adds groups
  Group:NAME                      any member of a group of whom nothing else is known
"""

RESOURCES = """\b
A RESOURCE is one of
  secrets                         a resource; its group is looked up, and the core group's where it is not known
  deployments.apps                a resource and its API group
  pods/exec, deployments.apps/scale   a subresource
  /healthz                        a path, which is no resource
"""

Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="Whose request it is.", show_default=False)]
Verb = Annotated[str, typer.Argument(metavar="VERB", help="get, list, create, escalate, ...", show_default=False)]
Resource = Annotated[str, typer.Argument(metavar="RESOURCE", help="What is asked for.", show_default=False)]
Namespace = Annotated[
    str | None, typer.Option("-n", "--namespace", metavar="NAME", help="In this namespace. Default: in all of them.")
]
Name = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The object of this name. Default: one of any name.")
]
AsGroup = Annotated[
    list[str] | None,
    typer.Option("--as-group", metavar="GROUP", help="A group that the subject is in; may be repeated."),
]


def can(
    subject: Subject,
    verb: Verb,
    resource: Resource,
    inputs: options.Inputs = None,
    *,
    namespace: Namespace = None,
    name: Name = None,
    as_group: AsGroup = None,
    output: Annotated[options.VerdictFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    defaults: options.Defaults = "named",
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say whether a subject may make a request of the API server, with the binding, role and rule as proof."""
    from netsim.cli.inputs import load_rights
    from netsim.cli.output import chosen, deliver
    from netsim.queries import can as query
    from netsim.queries.rights import subject_of

    form = chosen(output, file, ("text", "json"))
    subject_of(subject)  # what is wrong with the question is told before anything is read
    asked = request(verb, resource, name, namespace, quiet=quiet)
    cluster, whole = load_rights(
        inputs, kubernetes=kubernetes, defaults=defaults, keep_going=keep_going, verbose=verbose, quiet=quiet
    )
    answer = query(cluster, subject, asked, as_group or ())
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit((0 if answer.allowed else 1) if whole else 2)


def who_can(
    verb: Verb,
    resource: Resource,
    inputs: options.Inputs = None,
    *,
    namespace: Namespace = None,
    name: Name = None,
    output: Annotated[options.RowsFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    defaults: options.Defaults = "named",
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """List every account, user and group that may make a request of the API server, with the proof of each."""
    from netsim.cli.inputs import load_rights
    from netsim.cli.output import chosen, deliver
    from netsim.queries import who_can as query

    form = chosen(output, file, ("text", "json", "csv"))
    asked = request(verb, resource, name, namespace, quiet=quiet)
    cluster, whole = load_rights(
        inputs, kubernetes=kubernetes, defaults=defaults, keep_going=keep_going, verbose=verbose, quiet=quiet
    )
    answer = query(cluster, asked)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit((0 if len(answer) else 1) if whole else 2)


def permissions(
    subject: Subject,
    inputs: options.Inputs = None,
    *,
    as_group: AsGroup = None,
    output: Annotated[options.RowsFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    defaults: options.Defaults = "named",
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """List every rule that a subject holds, by namespace, with its binding and role."""
    from netsim.cli.inputs import load_rights
    from netsim.cli.output import chosen, deliver
    from netsim.queries import permissions as query
    from netsim.queries.rights import subject_of

    form = chosen(output, file, ("text", "json", "csv"))
    subject_of(subject)
    cluster, whole = load_rights(
        inputs, kubernetes=kubernetes, defaults=defaults, keep_going=keep_going, verbose=verbose, quiet=quiet
    )
    answer = query(cluster, subject, as_group or ())
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit((0 if len(answer) or answer.everything else 1) if whole else 2)


def request(verb: str, resource: str, name: str | None, namespace: str | None, *, quiet: bool) -> "Request":
    """Return the request that is asked for; the group of a resource that names none is looked up.

    Raises:
        UsageError: The parts do not go together.
    """
    from netsim.cli import notes
    from netsim.queries.named import meant
    from netsim.queries.rights import request_of

    if resource.startswith("/"):
        return request_of(verb, path=resource, name=name, namespace=namespace)
    asked = request_of(verb, resource, name=name, namespace=namespace)
    known = meant(asked, grouped="." in resource.partition("/")[0])
    if not quiet:
        for warning in known.warnings:
            notes.warning(warning)
    return known.request
