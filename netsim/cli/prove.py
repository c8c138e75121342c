"""``netsim prove``: what holds for every pod that could exist."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netsim.cli import options
from netsim.errors import UsageError

if TYPE_CHECKING:
    from netsim.api import Cluster
    from netsim.queries.proof import Proof
    from netsim.queries.prove import Prover

EXAMPLES = """\b
Examples:
  netsim prove isolated k8s/ --from ns:env=dev --to ns:env=prod --explain
  netsim prove only-from k8s/ --to db/postgres --port 5432 --from pod:app=api
  netsim prove equivalent before/ after/
  netsim prove contains standard/ team/ --over pods
  netsim prove relate 'k8s/#shop/old-policy' 'k8s/#shop/new-policy'
  netsim prove redundant k8s/

Exit code: 0 proved, 1 refuted, 2 trouble, 3 unknown.
"""

CLAIMS = """\b
A CLAIM is one of
  isolated, reachable   no, or every, connection from --from to --to is allowed
  only-from             nobody but --from may connect to --to
  equivalent OLD NEW    both allow the same; with --per-policy each policy alone, by name
  contains OUT IN       whatever IN allows, OUT allows
  relate OLD NEW        equal, inside (NEW allows more), around, incomparable
  permits, forbids IN STATED   IN allows all, or nothing, of what STATED's rules allow
  interferes A B        some rule of A allows what no rule of B allows
  redundant             what could be deleted: all of it together; with --alone each alone
  shadowed              rules that decide nothing: others always do before them
  contradicted          admin rules that deny what an earlier one allows
  vacuous               policies that select nobody, rules that mean nobody
  disjoint              no pod is selected by two policies
An INPUT#NAMESPACE/NAME is one policy of an input.
"""

ClaimName = Literal[
    "isolated",
    "reachable",
    "only-from",
    "equivalent",
    "contains",
    "relate",
    "permits",
    "forbids",
    "interferes",
    "redundant",
    "shadowed",
    "contradicted",
    "vacuous",
    "disjoint",
]
#: Claims about two sets of policies.
OF_TWO = ("equivalent", "contains", "relate", "permits", "forbids", "interferes")
#: Claims about connections between ends.
OF_ENDS = ("isolated", "reachable", "only-from")
#: Claims that rest on policies.
OF_CORE = ("isolated", "only-from")

Claim = Annotated[ClaimName, typer.Argument(metavar="CLAIM", help="What to prove.", show_default=False)]
OverOption = Annotated[
    Literal["all-pods", "pods"],
    typer.Option("--over", help="Every pod that could exist, or those that do."),
]
PodCidr = Annotated[
    list[str] | None,
    typer.Option("--pod-cidr", metavar="CIDR", help="Where pods that could exist have addresses; may be repeated."),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="For each question of the solver.")
]


def prove(
    claim: Claim,
    inputs: options.Inputs = None,
    *,
    source: options.OnlyFrom = None,
    destination: options.OnlyTo = None,
    port: options.OnlyPort = None,
    over: OverOption = "all-pods",
    per_policy: Annotated[
        bool, typer.Option("--per-policy", help="Of equivalent: each policy alone, by its name.")
    ] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Of redundant: what could be deleted alone.")] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Of isolated and only-from: the policies without any of which it fails."),
    ] = False,
    pod_cidr: PodCidr = None,
    timeout: Timeout = 60.0,
    output: Annotated[options.VerdictFormat | None, options.OUTPUT] = None,
    file: options.File = None,
    cni: options.Cni = None,
    dns: options.Dns = None,
    keep_going: options.KeepGoing = False,
    verbose: options.Verbose = False,
    quiet: options.Quiet = False,
) -> None:
    """Prove a claim about policies for every pod that could exist, or refute it with a pod that shows why."""
    from netsim.cli.inputs import load
    from netsim.cli.output import chosen, deliver
    from netsim.ir.proof import Outcome

    _check(claim, ends=bool(source or destination or port), per_policy=per_policy, alone=alone, explain=explain)
    form = chosen(output, file, ("text", "json"))
    sides, policies = _sides(claim, inputs or [])
    clusters, whole = load(*sides, cni=cni, dns=dns, keep_going=keep_going, verbose=verbose, quiet=quiet)
    provers = [
        _prover(cluster, policy, over, pod_cidr, timeout) for cluster, policy in zip(clusters, policies, strict=True)
    ]
    if claim in OF_ENDS:
        answer = _of_ends(claim, provers[0], source, destination, port, explain=explain)
    elif claim in OF_TWO:
        answer = _of_two(claim, *provers, per_policy=per_policy)
    else:
        answer = _of_policies(claim, provers[0], alone=alone)
    deliver(answer, form, file, quiet=quiet, verbose=verbose)
    status = {Outcome.HOLDS: 0, Outcome.REFUTED: 1, Outcome.UNKNOWN: 3}[answer.outcome]
    raise typer.Exit(status if whole else 2)


def _check(claim: ClaimName, *, ends: bool, per_policy: bool, alone: bool, explain: bool) -> None:
    if explain and claim not in OF_CORE:
        raise UsageError(f"--explain is not for `{claim}`", hint=f"it is for {' and '.join(OF_CORE)}")
    if ends and claim not in OF_ENDS:
        raise UsageError(f"--from, --to and --port are not for `{claim}`", hint=f"they are for {', '.join(OF_ENDS)}")
    if per_policy and claim != "equivalent":
        raise UsageError(f"--per-policy is not for `{claim}`", hint="it is for equivalent")
    if alone and claim != "redundant":
        raise UsageError(f"--alone is not for `{claim}`", hint="it is for redundant")


def _sides(claim: ClaimName, inputs: list[str]) -> tuple[list[list[str]], list[str | None]]:
    """Return what to read for each operand, and the one policy that each is about, if any."""
    parted = [_parted(text) for text in inputs]
    if claim in OF_TWO:
        if len(parted) != 2:
            raise UsageError(f"`{claim}` takes two inputs, and got {len(parted)}", hint=f"netsim prove {claim} A B")
        return [[name] for name, _ in parted], [policy for _, policy in parted]
    named = [policy for _, policy in parted if policy]
    if len(named) > 1:
        raise UsageError("one policy can be named", hint="write INPUT#NAMESPACE/NAME once")
    return [[name for name, _ in parted] or ["."]], [named[0] if named else None]


def _parted(text: str) -> tuple[str, str | None]:
    from pathlib import Path

    name, mark, policy = text.rpartition("#")
    return (name, policy) if mark and not Path(text).exists() else (text, None)


def _prover(cluster: "Cluster", policy: str | None, over: str, pod_cidr: list[str] | None, timeout: float) -> "Prover":
    bounded = cluster.prove.within(over=over, pod_cidr=pod_cidr or (), timeout=timeout)
    return bounded if policy is None else bounded.of(policy)


def _of_ends(
    claim: str,
    prover: "Prover",
    source: list[str] | None,
    destination: list[str] | None,
    port: str | None,
    *,
    explain: bool,
) -> "Proof":
    if claim == "only-from":
        if not destination:
            raise UsageError("only from whom, to whom?", hint="name the destination: --to")
        return prover.only_from(source=source, destination=destination, port=port, explain=explain)
    if claim == "isolated":
        return prover.isolated(source=source, destination=destination, port=port, explain=explain)
    return prover.reachable(source=source, destination=destination, port=port)


def _of_two(claim: str, one: "Prover", other: "Prover", *, per_policy: bool) -> "Proof":
    if claim == "equivalent":
        return one.equivalent(other.cluster, per_policy=per_policy)
    asks = {
        "contains": one.contains,
        "relate": one.relate,
        "permits": one.permits,
        "forbids": one.forbids,
        "interferes": one.interferes,
    }
    return asks[claim](other.cluster)


def _of_policies(claim: str, prover: "Prover", *, alone: bool) -> "Proof":
    from netsim.queries.prove import Deletion

    if claim == "redundant":
        return prover.redundant(Deletion.ALONE if alone else Deletion.TOGETHER)
    asks = {
        "shadowed": prover.shadowed,
        "contradicted": prover.contradicted,
        "vacuous": prover.vacuous,
        "disjoint": prover.disjoint,
    }
    return asks[claim]()
