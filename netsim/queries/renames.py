"""Workloads that come, go, or come back under another name or kind."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from netsim.ir.objects import Pod
from netsim.ir.place import Place
from netsim.ir.snapshot import Snapshot

#: Labels that controllers and package managers write: they say which rollout a pod is of, not what it is.
_OF_ROLLOUTS = re.compile(
    r"(?:pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|job-name|"
    r"helm\.sh/chart|app\.kubernetes\.io/version|batch\.kubernetes\.io/.*|"
    r"statefulset\.kubernetes\.io/pod-name|apps\.kubernetes\.io/pod-index)"
)


class Fate(StrEnum):
    """What became of a workload between two snapshots."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadChange:
    """A workload that one snapshot alone has by its name and kind.

    Attributes:
        old, new: What it is called, as in rows; None where it is not.
        place: Where it stands: in the new input, or in the old one where it is gone.
    """

    fate: Fate
    old: str | None
    new: str | None
    place: Place


def workload_changes(old: Snapshot, new: Snapshot, *, by_pod: bool = False) -> tuple[WorkloadChange, ...]:
    """Return the workloads that came, went or were renamed, sorted by name.

    Pod by pod none is renamed: another name is another pod.

    A renamed or re-kinded one is taken for the same only where the pair leaves no doubt: of one namespace, the only two
    there that are alike, and alike in one of these ways:

    - another kind of the same name, with the same labels or the same images;
    - another name, with the same labels and the same images, ports and network;
    - another name that its labels follow (``app: cart`` becomes ``app: basket``), with the same images, ports and
      network.
    """
    before, after = _workloads(old), _workloads(new)
    gone = {name: pod for name, pod in before.items() if name not in after}
    come = {name: pod for name, pod in after.items() if name not in before}
    stayed = [pod for name, pod in after.items() if name in before]
    renamed = {} if by_pod else _renamed(gone, come, stayed)
    found = [
        WorkloadChange(fate=Fate.RENAMED, old=one, new=other, place=come[other].place) for one, other in renamed.items()
    ]
    same = {*renamed.values()}
    found += (
        WorkloadChange(fate=Fate.ADDED, old=None, new=name, place=pod.place)
        for name, pod in come.items()
        if name not in same
    )
    found += (
        WorkloadChange(fate=Fate.REMOVED, old=name, new=None, place=pod.place)
        for name, pod in gone.items()
        if name not in renamed
    )
    return tuple(sorted(found, key=lambda change: change.new or change.old or ""))


def renames(changes: Iterable[WorkloadChange]) -> dict[str, str]:
    """Return the new name of each workload that was renamed."""
    return {change.old: change.new for change in changes if change.old and change.new}


def _workloads(snapshot: Snapshot) -> dict[str, Pod]:
    """Return a pod of each workload, by the workload's name."""
    found: dict[str, Pod] = {}
    for pod in snapshot.pods:
        if not pod.finished:
            found.setdefault(str(pod.workload), pod)
    return found


def _renamed(gone: Mapping[str, Pod], come: Mapping[str, Pod], stayed: Iterable[Pod]) -> dict[str, str]:
    found: dict[str, str] = {}
    if not gone or not come:
        return found
    others = list(stayed)
    for likeness in (_by_name_and_labels, _by_name_and_images, _by_labels_and_make, _by_make_and_followed_labels):
        left = {name: pod for name, pod in gone.items() if name not in found}
        new = {name: pod for name, pod in come.items() if name not in found.values()}
        found |= _matched(_alike(left, likeness), _alike(new, likeness), Counter(map(likeness, others)))
    return found


#: What two pods must have in common, or None where a pod has too little to go by.
Likeness = Callable[[Pod], Hashable | None]


def _alike(pods: Mapping[str, Pod], likeness: Likeness) -> Iterator[tuple[Hashable, str]]:
    for name, pod in pods.items():
        key = likeness(pod)
        if key is not None:
            yield key, name


def _matched(
    old: Iterable[tuple[Hashable, str]], new: Iterable[tuple[Hashable, str]], others: Mapping[Hashable | None, int]
) -> Iterator[tuple[str, str]]:
    """Yield the pairs that are alike, where nothing else is: neither twice on one side, nor among those that stayed."""
    ours, theirs = _grouped(old), _grouped(new)
    for key in ours.keys() & theirs.keys():
        if len(ours[key]) == 1 and len(theirs[key]) == 1 and not others.get(key):
            yield ours[key][0], theirs[key][0]


def _grouped(found: Iterable[tuple[Hashable, str]]) -> dict[Hashable, list[str]]:
    groups: dict[Hashable, list[str]] = {}
    for key, name in found:
        groups.setdefault(key, []).append(name)
    return groups


def _by_name_and_labels(pod: Pod) -> Hashable:
    return pod.namespace, pod.workload.name, _labels(pod)


def _by_name_and_images(pod: Pod) -> Hashable | None:
    return (pod.namespace, pod.workload.name, _images(pod)) if pod.images else None


def _by_labels_and_make(pod: Pod) -> Hashable | None:
    return (pod.namespace, _labels(pod), _make(pod)) if pod.images and pod.labels else None


def _by_make_and_followed_labels(pod: Pod) -> Hashable | None:
    name = pod.workload.name
    followed = frozenset((key, None if value == name else value) for key, value in _labels(pod))
    follows = any(value is None for _, value in followed)
    return (pod.namespace, followed, _make(pod)) if pod.images and follows else None


def _labels(pod: Pod) -> frozenset[tuple[str, str]]:
    return frozenset((key, value) for key, value in pod.labels.items() if not _OF_ROLLOUTS.fullmatch(key))


def _make(pod: Pod) -> Hashable:
    ports = tuple((port.name, port.protocol, port.number) for port in pod.ports)
    return _images(pod), ports, pod.host_network


def _images(pod: Pod) -> tuple[str, ...]:
    return tuple(_repository(image) for image in pod.images)


def _repository(image: str) -> str:
    """Return an image without its digest and its tag: a new version is the same program."""
    image = image.partition("@")[0]
    start, slash, end = image.rpartition("/")
    return start + slash + end.partition(":")[0]
