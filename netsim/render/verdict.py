"""One verdict in words: what decided each direction, and for a denial what nearly matched."""

from collections.abc import Iterator

from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Pod
from netsim.ir.policy import Action, Direction, DomainPeer, PodPeer, Policy, Rule, Tier
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, SelfViaService, Ties
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth
from netsim.ir.verdict import Condition, Endpoint, Flow, Mismatch, Reason, Side, Why
from netsim.ir.verdict import Verdict as Judged
from netsim.queries import Verdict
from netsim.queries.controllers import is_unknown
from netsim.queries.judged import written
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import called, counted, safe, where

TRUTHS: dict[Truth, str] = {True: "allowed", False: "denied", None: "unknown"}
TIERS = {
    Tier.NETWORK: "the network it is on",
    Tier.ADMIN: "admin policy",
    Tier.NETWORK_POLICY: "NetworkPolicy",
    Tier.BASELINE: "baseline policy",
}

#: Of several flows that do not agree, this many are listed.
MOST_CASES = 10


def query(answer: Verdict, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the verdict, then each direction with its reasons, then the way out where it is unknown."""
    colour = {True: palette.good, False: palette.bad, None: palette.doubt}[answer.allowed]
    yield paint(headline(answer), colour) + "\n"
    yield from _cases(answer)
    flow = answer.deciding.flow
    for side in (answer.egress, answer.ingress):
        tier = f" by {_decided_by(side)}" if side.tier and side.allowed is not None else ""
        yield f"\n{paint(_subject(side, flow), palette.head)}: {TRUTHS[side.allowed]}{tier}\n"
        for reason in side.reasons:
            yield f"  {sentence(reason, side)}\n"
            misses = () if _is_portless(side) else reason.mismatches  # nobody knows what a rule means there (S2.7)
            yield from (f"    {near_miss(rule, miss, side.direction)}\n" for rule, miss in misses)
    yield from _departures(answer, palette)
    ways = dict.fromkeys(_ways_out(answer))
    yield from (f"\n{paint('way out', palette.head)}: {way}\n" for way in ways)


def _decided_by(side: Side) -> str:
    """Return what decided a side: its tier, or the kind of its policies where that says more (MultiNetworkPolicy)."""
    kinds = {reason.policy.kind for reason in side.reasons if reason.policy}
    if side.tier is Tier.NETWORK_POLICY and kinds:
        return " and ".join(sorted(kinds))
    return TIERS[side.tier] if side.tier else ""


def _departures(answer: Verdict, palette: Palette) -> Iterator[str]:
    """Yield the networks that would say something else, each with what makes the difference."""
    if answer.departures:
        yield f"\n{paint('not on every network', palette.head)}:\n"
    alike: dict[tuple[Truth, str], list[str]] = {}
    for entry in answer.departures:
        why = CHOICES.get((entry.switch, entry.value), "by several of its choices")
        alike.setdefault((entry.allowed, why), []).append(entry.profile)
    for (allowed, why), names in alike.items():
        yield f"  {', '.join(names)}: {TRUTHS[allowed]} ({why})\n"


#: What a network does by one value of a switch.
CHOICES: dict[tuple[str | None, object], str] = {
    ("host_network", HostNetwork.AS_NODE): "a hostNetwork pod is its node",
    ("host_network", HostNetwork.AS_POD): "a hostNetwork pod is a pod like others",
    ("blocks_match_pods", True): "a CIDR matches pods, too",
    ("blocks_match_pods", False): "a CIDR never matches pods it manages",
    ("blocks_match_nodes", True): "a CIDR matches nodes, too",
    ("blocks_match_nodes", False): "a CIDR never matches nodes",
    ("bare_pods_governed", True): "policies apply to pods without a controller, too",
    ("bare_pods_governed", False): "no policy applies to a pod without a controller",
    ("named_ports", NamedPorts.RESOLVED): "a port name means the port that the pod declares",
    ("named_ports", NamedPorts.EVERY_PORT): "a port name means every port of its protocol",
    ("own_node_enters", True): "a pod's own node may always connect to it",
    ("own_node_enters", False): "a pod's own node needs a rule",
    ("end_port", True): "endPort is applied",
    ("end_port", False): "endPort is not applied",
    ("ties", Ties.AMBIGUOUS): "which of equal priority is asked first is left open",
    ("ties", Ties.BY_NAME): "of equal priorities the first by name is asked first",
    ("baseline", Baseline.PER_DIRECTION): "the baseline is asked for each direction apart",
    ("self_via_service", SelfViaService.CLUSTER_POLICIES): "no NetworkPolicy keeps a pod from itself by a Service",
    ("self_via_service", SelfViaService.EVERY_POLICY): "a pod that a Service leads to itself is asked like any other",
    ("self_via_service", SelfViaService.NO_POLICY): "no policy keeps a pod from itself by a Service",
    ("baseline", Baseline.UNSELECTED): "the baseline is not asked for a pod that a NetworkPolicy selects at all",
}


def headline(answer: Verdict) -> str:
    """Return the verdict in one line: ``allowed: shop/frontend -> shop/cart TCP 7070``."""
    asked = f"{safe(answer.source)} -> {safe(answer.destination)} {_asked(answer)}"
    network = f" on {safe(answer.network)}" if answer.network else ""
    return f"{'it depends' if _differ(answer) else TRUTHS[answer.allowed]}: {asked}{network}"


def _differ(answer: Verdict) -> bool:
    return len({flow.allowed for flow in answer.flows}) > 1


def _asked(answer: Verdict) -> str:
    port, _, protocol = answer.port.partition("/")
    return "by a protocol without ports" if protocol == Protocol.OTHER else f"{protocol} {safe(port)}"


def _cases(answer: Verdict) -> Iterator[str]:
    """Yield the flows of a question about several that do not agree."""
    if not _differ(answer):
        return
    found = [flow.allowed for flow in answer.flows]
    counts = [f"{found.count(truth):,} {TRUTHS[truth]}" for truth in TRUTHS if truth in found]
    yield f"\n{counted(len(found), 'case')}: {', '.join(counts)}\n"
    for judged in sorted(answer.flows, key=lambda flow: flow.allowed is True)[:MOST_CASES]:
        yield f"  {TRUTHS[judged.allowed]:8} {_flow(judged)}\n"
    if len(answer.flows) > MOST_CASES:
        yield f"  ... and {len(answer.flows) - MOST_CASES:,} more\n"
    yield f"\nWhy the first is {TRUTHS[answer.deciding.allowed]}:\n"


def _flow(judged: Judged) -> str:
    flow = judged.flow
    port = f" {flow.port}" if flow.port else ""
    at = f" at {flow.source.addresses[0]}" if is_unknown(flow.source) and flow.source.addresses else ""
    service = " by the Service" if flow.by_service and flow.source == flow.destination else ""
    return (
        f"{written(flow.source)}{at} -> {written(flow.destination)} {flow.protocol}{port} over {flow.family}{service}"
    )


def _subject(side: Side, flow: Flow) -> str:
    own = flow.source if side.direction is Direction.EGRESS else flow.destination
    return f"{side.direction.value} of {_named(own)}"


def _named(endpoint: Endpoint) -> str:
    """Return an endpoint by name; a template's pods by their workload."""
    return str(endpoint.workload) if isinstance(endpoint, Pod) and endpoint.template else written(endpoint)


#: What a reason says where no policy is named.
BARE = {
    Why.NOT_ISOLATED: "no policy applies, and the default is to allow",
    Why.NOT_A_POD: "no policy applies to what is no pod",
    Why.HOST_NETWORK: "no policy applies to a hostNetwork pod",
    Why.ITSELF: "a pod always reaches itself",
    Why.ITSELF_BY_SERVICE: "a pod reaches itself by a Service, whatever NetworkPolicies say (S4.6)",
    Why.OWN_NODE: "a pod's own node may always connect to it",
    Why.MAYBE_OWN_NODE: "the source may be the pod's own node, which may always connect; the input does not say",
    Why.OTHER_PROTOCOL: "the standard leaves open what policies mean for a protocol without ports",
}


def sentence(reason: Reason, side: Side) -> str:
    """Return a reason as a sentence: which policy and rule, where it stands, what it does."""
    if reason.policy is None:
        return BARE[reason.why]
    name = f"{reason.policy.kind} {reason.policy}"
    if reason.policy.tier is Tier.NETWORK:
        apart = "keeps its pods apart from other networks, and from nodes but their own"
        return f"{name} ({where(reason.policy.place)}) {apart}"
    if reason.rule is None:
        rest = "" if _is_portless(side) else f"; {_lacks(reason.policy, side)}"
        return f"{name} ({where(reason.policy.place)}) isolates it{rest}"
    told = f"{name} {called(reason.rule)} ({where(reason.rule.place)})"
    if reason.why is Why.MAYBE_RULE:
        return f"{told} may match: it hangs on {_missing(reason.rule)} that the input does not hold"
    tie = ", and a rule of equal priority does not" if reason.why is Why.TIE else ""
    return f"{told} {DOES[reason.rule.action]}{tie}"


DOES = {Action.ALLOW: "allows it", Action.DENY: "denies it", Action.PASS: "passes it on to the next tier"}


def _missing(rule: Rule) -> str:
    return "a name's addresses" if _is_by_name(rule) else "an address"


def _is_by_name(rule: Rule | None) -> bool:
    return rule is not None and any(isinstance(peer, DomainPeer) for peer in rule.peers or ())


def _lacks(policy: Policy, side: Side) -> str:
    if any(rule.direction is side.direction for rule in policy.rules):
        return "no rule of it matches" if side.allowed is False else "no rule of it surely matches"
    return f"it has no {side.direction.value} rule"


def _is_portless(side: Side) -> bool:
    return any(reason.why is Why.OTHER_PROTOCOL for reason in side.reasons)


def near_miss(rule: Rule, miss: Mismatch, direction: Direction) -> str:
    """Return why a rule did not match: its first condition that failed."""
    peer = "source" if direction is Direction.INGRESS else "destination"
    told = MISSES[miss.condition].format(at=miss.at, wanted=_wanted(miss), found=_found(miss), peer=peer)
    return f"{called(rule)} ({where(miss.place)}): {told}"


#: What failed, by the condition.
MISSES = {
    Condition.NAMESPACE: "{at} wants {wanted}; the {peer} is in {found}",
    Condition.POD: "{at} wants pods {wanted}; the {peer} has {found}",
    Condition.NOT_A_POD: "{at} wants {wanted}; the {peer} is {found}",
    Condition.ADDRESS: "{at} wants an address in {wanted}; the {peer} has {found}",
    Condition.EXCEPT: "{at} leaves out {wanted}; the {peer} has {found}",
    Condition.NO_ADDRESS: "{at} wants an address in {wanted}; the {peer} has no {found} address there that is known",
    Condition.NODE: "{at} wants nodes {wanted}; the {peer} is none of them",
    Condition.NAME: "{at} wants what the name {wanted} resolves to; the {peer} is not known to be that",
    Condition.IDENTITY: "{at} wants an address in {wanted}; to this network the {peer} is {found}, in no block",
    Condition.PROTOCOL: "{at} wants {wanted}; the connection is {found}",
    Condition.PORT: "{at} wants port {wanted}; the connection is to {found}",
    Condition.NAMED_PORT: "{at} wants the port named {wanted}; the destination declares {found}",
    Condition.NOBODY: "it names no peer, which means nobody",
}


def _wanted(miss: Mismatch) -> str:
    if miss.condition is Condition.NOT_A_POD:
        return _pods(miss.peer) if miss.peer else "pods"
    wanted = safe(miss.wanted)
    return _namespaces(wanted) if miss.condition is Condition.NAMESPACE else wanted


def _pods(peer: PodPeer) -> str:
    """Return the pods that a peer means: ``pods app=web of namespace shop``; ``pods`` for every pod."""
    pods = f" {peer.pods}" if peer.pods.requirements else ""
    namespaces = f" of {_namespaces(str(peer.namespaces))}" if peer.namespaces.requirements else ""
    return safe(f"pods{pods}{namespaces}")


def _found(miss: Mismatch) -> str:
    wanted, found = safe(miss.wanted), safe(miss.found)
    match miss.condition:
        case Condition.NAMESPACE:
            return _namespace(wanted, found)
        case Condition.NOT_A_POD:
            return f"a {found} pod" if found else "no pod"
        case Condition.POD:
            return found or f"no label {_key(wanted)}"
        case Condition.ADDRESS:
            return found or "none there"
        case Condition.EXCEPT:
            return found or "one there"
        case Condition.NAMED_PORT:
            return f"it as {found}" if found else "none of that name"
        case _:
            return found


def _namespaces(wanted: str) -> str:
    named = wanted.removeprefix(f"{NAME_LABEL}=")
    return f"namespace {named}" if named != wanted and "," not in named else f"namespaces {wanted}"


def _namespace(wanted: str, found: str) -> str:
    named = found.removeprefix(f"{NAME_LABEL}=")
    if named != found:
        return named
    return f"one with {found}" if found else f"one without label {_key(wanted)}"


def _key(wanted: str) -> str:
    """Return the label key of a requirement: ``app`` of ``app=web``, ``app in (a, b)``, ``!app``."""
    return wanted.removeprefix("!").partition(" ")[0].partition("=")[0]


def _ways_out(answer: Verdict) -> Iterator[str]:
    if answer.allowed is not None:
        return
    if _is_by_address(answer):
        yield "add the pods of the controller to the input: which of its addresses counts is not known"
    elif answer.deciding.allowed is not None:
        yield "ask about one case: one pod as source and as destination, one port, --family IPv4"
    for side in (answer.egress, answer.ingress):
        for reason in side.reasons:
            if side.allowed is None and reason.why in WAYS_OUT:
                yield _NAMES if _is_by_name(reason.rule) else WAYS_OUT[reason.why]


def _is_by_address(answer: Verdict) -> bool:
    """Return whether the flows are those of one unknown controller to one pod, at each address that it may have."""
    flows = [judged.flow for judged in answer.flows]
    unknown = len(flows) > 1 and all(is_unknown(flow.source) for flow in flows)
    return unknown and len({(written(flow.destination), flow.port, flow.family) for flow in flows}) == 1


_DUMP = "add the cluster's pods and nodes to the input: kubectl get pods,nodes -A -o yaml > cluster.yaml"
_NAMES = "say what the names resolve to: --dns FILE"
WAYS_OUT = {
    Why.MAYBE_RULE: _DUMP,
    Why.MAYBE_OWN_NODE: _DUMP,
    Why.TIE: "give the two policies different priorities: the standard leaves open which of equals is asked first",
    Why.OTHER_PROTOCOL: "ask about TCP, UDP or SCTP; what becomes of the rest only the network's own manual says",
}
