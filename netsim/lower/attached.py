"""Secondary networks as clusters of their own: the pods attached to each, under the policies made for it."""

from dataclasses import replace

from netsim.ir.networks import Network
from netsim.ir.objects import Pod
from netsim.ir.snapshot import Snapshot


def attached(snapshot: Snapshot) -> dict[str, Snapshot]:
    """Return what each secondary network sees of a snapshot, by label; networks of no pod are left out.

    That is the pods with the addresses that they have there; neither nodes nor Services are on such a network.
    """
    found = {}
    for network in snapshot.networks:
        pods = tuple(own for pod in snapshot.pods if (own := _on(network, pod)) is not None)
        if pods:
            found[network.label] = Snapshot(namespaces=snapshot.namespaces, pods=pods, policies=network.policies)
    return found


def _on(network: Network, pod: Pod) -> Pod | None:
    own = [each for each in pod.attachments if each.definition in network.definitions]
    if not own or pod.host_network:  # S2.10: such a pod has no interface but its node's
        return None
    return replace(pod, addresses=tuple(address for each in own for address in each.addresses), attachments=())
