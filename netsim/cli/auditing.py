"""``netsim posture audit``: what an audit policy records of a request, and of attacks; and a policy that is made."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netsim.cli import options

if TYPE_CHECKING:
    from netsim.ingest.manifests import Manifest


def one(name: str, kinds: tuple[str, ...]) -> "Manifest":
    """Return the one object of some kinds in a file.

    Raises:
        UsageError: It holds none, or several.
    """
    from netsim.api import load
    from netsim.errors import InputError, UsageError

    cluster = load(name, keep_going=True)
    found = [each for each in cluster.manifests if each.kind in kinds]
    if len(found) != 1:
        if cluster.problems and not found:
            raise InputError(cluster.problems)
        raise UsageError(f"`{name}` holds {len(found)} objects of the kind {kinds[0]}", hint="give a file with one")
    return found[0]


def level(
    policy: Annotated[str, typer.Option("--policy", metavar="FILE", help="The audit policy.", show_default=False)],
    *,
    user: Annotated[str, typer.Option("--as", metavar="USER", help="Who asks.", show_default=False)],
    verb: Annotated[str, typer.Option("--verb", metavar="VERB", help="get, list, create, ...", show_default=False)],
    resource: Annotated[
        str, typer.Option("--resource", metavar="RESOURCE", help="secrets, pods/exec, deployments.apps, or /healthz.")
    ],
    as_group: Annotated[
        list[str] | None, typer.Option("--as-group", metavar="GROUP", help="A group of the user; may be repeated.")
    ] = None,
    namespace: Annotated[str | None, typer.Option("-n", "--namespace", metavar="NAME", help="In this one.")] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The object's.")] = None,
    output: Annotated[options.VerdictFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    quiet: options.Quiet = False,
) -> None:
    """Say what an audit policy records of a request: level, rule, stages, fields, and credentials that it writes.

    Exit code 1: nothing is written.
    """
    from netsim.cli.output import chosen, deliver
    from netsim.cli.rights import request
    from netsim.queries.audit import audit_trace

    form = chosen(output, file, ("text", "json"))
    asked = request(verb, resource, name, namespace, quiet=quiet)
    answer = audit_trace(one(policy, ("Policy",)), asked, user=user, groups=tuple(as_group or ()))
    deliver(answer, form, file, quiet=quiet, verbose=False)
    raise typer.Exit(0 if answer else 1)


From = Annotated[str, typer.Option("--from", metavar="WHAT", help="Of the paths from here alone: with --to.")]
To = Annotated[str, typer.Option("--to", metavar="GOAL", help="Of the paths to this alone: with --from.")]


def coverage(
    inputs: options.Inputs = None,
    *,
    source: From = "",
    target: To = "",
    output: Annotated[options.VerdictFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Say which attack steps the audit policy of the input records, and which leave no trace.

    Of every step that a subject of the input's bindings may take, or of the paths of `netsim paths` alone.
    Exit code 1: some step leaves no trace.
    """
    from netsim.cli.inputs import load_posture
    from netsim.cli.output import chosen, deliver
    from netsim.queries.coverage import coverage as query

    form = chosen(output, file, ("text", "json"))
    cluster, whole = load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet)
    answer = query(cluster, source, target)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit((0 if answer else 1) if whole else 2)


def generate(
    inputs: options.Inputs = None,
    *,
    source: From = "",
    target: To = "",
    output: Annotated[Literal["yaml", "json"] | None, options.OUTPUT] = None,
    file: options.File = None,
    kubernetes: options.Kubernetes = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the smallest audit policy that records every attack step, and of nothing a body.

    It is simulated before it is written. An audit policy of the input is not looked at.
    """
    from netsim.cli.inputs import load_posture
    from netsim.cli.output import chosen, deliver
    from netsim.queries.coverage import draft

    form = chosen(output, file, ("yaml", "json"))
    cluster, whole = load_posture(inputs, kubernetes=kubernetes, keep_going=keep_going, verbose=verbose, quiet=quiet)
    deliver(draft(cluster, source, target), "yaml" if form == "text" else form, file, quiet=quiet, verbose=verbose)
    raise typer.Exit(0 if whole else 2)
