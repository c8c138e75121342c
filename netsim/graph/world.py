"""One cluster as an attacker sees it: which rules follow from each fact."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsim.access import Access, Identity, identity
from netsim.access.tokens import Token
from netsim.bits.reach import Reach
from netsim.graph.catalogue import catalogue
from netsim.graph.clouds import Roles, cloud_roles
from netsim.graph.etcd import Store, store_of
from netsim.graph.horn import Fact, Rule
from netsim.graph.kubeconfigs import kubeconfigs
from netsim.graph.network import METADATA, Network, Ports, Unit, declared, services_of
from netsim.graph.objects import Objects
from netsim.graph.pods import PodFacts
from netsim.graph.rights import Profile, Profiles
from netsim.ingest.manifests import Manifest
from netsim.ir.access import Binding, Rights, Role, Subject, SubjectKind
from netsim.ir.attack import Guard
from netsim.ir.objects import Address, Node, Pod
from netsim.ir.release import Release
from netsim.ir.snapshot import Snapshot
from netsim.lower.program import Program
from netsim.posture.creation import Creations

#: Addresses and ports of TCP.
Endpoints = tuple[tuple[Address, int], ...]

ADMIN = "cluster-admin"
API = "apiserver"
MASTERS = "group:system:masters"
#: That somebody holds a certificate with which etcd lets him in.
ETCD_KEY = "etcd-certificate"
#: The account, by namespace and name, of the controller that aggregates ClusterRoles: it may rewrite each of them, its
#: own as well. No input has to hold it; where controllers run as one user, whoever may take it may make it, too.
CONTROLLER = ("kube-system", "clusterrole-aggregation-controller")

#: Namespaces that every cluster has: those of an input that names none, such as one of ClusterRoles alone.
ALWAYS = ("default", "kube-system")

#: The node of pods whose manifest names none.
UNKNOWN_NODE = "(unknown)"
#: The Secrets of an input that holds none: there are some all the same.
ANY_SECRET = "(any)"  # noqa: S105

#: Accounts, users and groups as facts.
_SUBJECTS = ("sa", "user", "group")


@dataclass(frozen=True, slots=True)
class Entry:
    """A way in from outside.

    Attributes:
        vertex: ``service:shop/web:80/TCP``, ``hostport:worker-1:8080/TCP``, ``podport:shop/web:80/TCP``.
        endpoints: The pods behind it that policies let be reached, with whether that is sure.
        because: The object that opens it.
    """

    vertex: str
    endpoints: tuple[tuple[int, bool], ...]
    because: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()


@dataclass(slots=True)
class World:
    """All that rules are made from. Nothing here changes once it is made; caches hang on what they are of.

    Attributes:
        namespaces: Every namespace that some object is in or names, sorted.
        made: The rules of each fact that are the same in every closure, once they were made.
        relaxed: What could be connected to after changes, as far as it was asked.
        release: The Kubernetes that the cluster runs; None where it is not known.
        entries: The ways in from outside; asked for when something starts there.
    """

    snapshot: Snapshot
    program: Program
    reach: Reach
    access: Access
    manifests: Sequence[Manifest]
    tokens: Sequence[Token]
    release: Release | None
    entries: Callable[[], Sequence[Entry]] = tuple
    objects: Objects = field(init=False)
    namespaces: Sequence[str] = field(init=False)
    pods: Mapping[str, PodFacts] = field(init=False)
    by_number: Mapping[int, PodFacts] = field(init=False)
    network: Network = field(init=False)
    profiles: Profiles = field(init=False)
    by_namespace: Mapping[str, Sequence[str]] = field(init=False)
    by_node: Mapping[str, Sequence[str]] = field(init=False)
    nodes: Mapping[str, Node] = field(init=False)
    services: Mapping[str, tuple[tuple[int, str, int], ...]] = field(init=False)
    node_names: Sequence[str] = field(init=False)
    unplaced: Sequence[str] = field(init=False)
    node_numbers: Mapping[str, int] = field(init=False)
    account_names: Mapping[str, frozenset[str]] = field(init=False)
    secret_names: Mapping[str, frozenset[str]] = field(init=False)
    cloud_roles: Mapping[str, Roles] = field(init=False)
    kubeconfigs: Mapping[str, Sequence[str]] = field(init=False)
    roles: Mapping[tuple[str, str], Role] = field(init=False)
    made: dict[Fact, tuple[Rule, ...]] = field(default_factory=dict)
    relaxed: dict[Hashable, bool] = field(default_factory=dict)
    provisioned: tuple[str, ...] = field(init=False)
    units_of: Mapping[str, Sequence[int]] = field(init=False)
    units: tuple[Unit, ...] = field(init=False)
    store: Store = field(init=False)
    _running: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _gained: dict[Fact, tuple[Profiles, Profile] | None] = field(default_factory=dict)
    _names: Mapping[int, str] = field(init=False)
    _creations: Creations | None = None
    _proxied: Collection[int] | None = None
    _reaches_api: dict[int, bool | None] = field(default_factory=dict)
    _reached: dict[tuple[int, Endpoints], bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = {
            (each.namespace, each.name, each.workload.kind): n
            for n, each in enumerate(self.program.endpoints)
            if isinstance(each, Pod)
        }
        self.objects = Objects(self.snapshot, numbers, self.manifests, self.tokens)
        named = {*self.snapshot.namespaces, *self.objects.namespaces}
        self.namespaces = tuple(sorted(named)) or ALWAYS
        self.pods = _named(self.objects.pods)
        self.by_number = {facts.number: facts for facts in self.pods.values()}
        self._names = {facts.number: f"pod:{name}" for name, facts in self.pods.items()}
        self.node_numbers = {e.name: n for n, e in enumerate(self.program.endpoints) if isinstance(e, Node)}
        self.account_names = self._account_names()
        self.secret_names = self._secret_names()
        self.kubeconfigs = kubeconfigs(self.objects.of_kind("Secret"))
        self.cloud_roles = cloud_roles(self.manifests, self.snapshot.accounts)
        self.roles = {(role.namespace, role.name): role for role in self.access.rights.roles}
        self.nodes = {node.name: node for node in self.snapshot.nodes}
        masters = [node for node in self.snapshot.nodes if self.objects.runs_etcd(node)]
        self.store = store_of(self.manifests, masters)
        classes = self.objects.host_path_classes()
        self.provisioned = tuple(f"StorageClass {each.name}: {reason}" for each, reason in classes)
        self.by_namespace, self.by_node = _grouped(self.pods)
        unplaced = [name for name, facts in self.pods.items() if not facts.pod.node]
        self.unplaced = tuple(unplaced)
        known = sorted({*self.nodes, *self.by_node})
        self.node_names = (*known, UNKNOWN_NODE) if unplaced or not known else tuple(known)
        self.services = self._services()
        self.network = Network.of(self.program, self.reach, self._ports())
        self.units_of = self._units_of()
        self.units = tuple(self._units())
        self.profiles = Profiles(self.access)

    def _services(self) -> Mapping[str, tuple[tuple[int, str, int], ...]]:
        pods = ((facts.number, facts.pod) for facts in self.pods.values())
        return {led.vertex: led.targets for led in services_of(self.snapshot.services, pods)}

    def _ports(self) -> Mapping[int, Ports]:
        led: dict[int, set[tuple[str, int]]] = {}
        for targets in self.services.values():
            for number, protocol, port in targets:
                led.setdefault(number, set()).add((protocol, port))
        return {number: declared(facts.pod, led, number) for number, facts in self.by_number.items()}

    def _account_names(self) -> Mapping[str, frozenset[str]]:
        """Return the accounts of each namespace: those of the input, those that pods name, and ``default``."""
        found: dict[str, set[str]] = {name: {"default"} for name in self.namespaces}
        for account in self.snapshot.accounts:
            found.setdefault(account.namespace, {"default"}).add(account.name)
        for facts in self.pods.values():
            found.setdefault(facts.pod.namespace, {"default"}).add(facts.account)
        for binding in self.access.rights.bindings:
            for subject in binding.subjects if binding.shipped else ():  # those of the controllers
                if subject.kind is SubjectKind.ACCOUNT and subject.namespace in found:
                    found[subject.namespace].add(subject.name)
        if CONTROLLER[0] in found:
            found[CONTROLLER[0]].add(CONTROLLER[1])
        return {name: frozenset(names) for name, names in found.items()}

    def _secret_names(self) -> Mapping[str, frozenset[str]]:
        """Return the Secrets of each namespace: those of the input, and those that pods name."""
        found = {space: set(names) for (kind, space), names in self.objects.named.items() if kind == "secrets"}
        for facts in self.pods.values():
            for container in facts.containers:
                found.setdefault(facts.pod.namespace, set()).update(container.secrets)
            for space, name in facts.node_secrets:
                found.setdefault(space, set()).add(name)
        return {space: frozenset(names) for space, names in found.items() if names}

    @property
    def kinds(self) -> Iterable[str]:
        """The id of every kind of step."""
        return catalogue().kinds

    @property
    def creations(self) -> Creations:
        """What admission policies let be created."""
        if self._creations is None:
            known = self.snapshot.namespaces
            labels = {name: known[name].labels if name in known else {} for name in self.namespaces}
            windows = any(node.labels.get("kubernetes.io/os") == "windows" for node in self.snapshot.nodes)
            self._creations = Creations(self.manifests, labels, windows)
        return self._creations

    def has_container(self, vertex: Fact) -> bool:
        """Return whether some pod has a container, by its vertex."""
        pod, _, name = vertex.partition(":")[2].rpartition("/")
        return pod in self.pods and any(each.name == name for each in self.pods[pod].containers)

    def vertex(self, number: int) -> str:
        """Return the vertex of a pod, by its number."""
        return self._names[number]

    def reaches_api(self, member: int) -> bool | None:
        """Return whether a class may connect to the API server."""
        if member not in self._reaches_api:
            endpoints = self.objects.api_endpoints
            answers = {self.network.to_address(member, address, port) for address, port in endpoints}
            if not endpoints:
                answers = {self.network.somewhere(member, (443, 6443))}
            self._reaches_api[member] = True if True in answers else None if None in answers else False
        return self._reaches_api[member]

    @property
    def proxied(self) -> Collection[int]:
        """The pods, by number, to a declared port of which the API server itself may connect."""
        if self._proxied is None:
            whole = {number for unit in self.network.units for number in unit.endpoints}
            members = {self.network.class_at(address) for address, _ in self.objects.api_endpoints}
            known = [member for member in members if member is not None]
            units = {at for member in known for at, _ in self.network.opened(member, range(len(self.network.units)))}
            opened = {number for at in units for number in self.network.units[at].endpoints}
            self._proxied = opened if known and len(known) == len(members) else whole
        return self._proxied

    def behind(self, service: str) -> Iterable[Fact]:
        """Return the pods to which the API server connects by a Service, written ``namespace/name``."""
        led = (led for vertex, led in self.services.items() if vertex.startswith(f"service:{service}:"))
        numbers = {number for targets in led for number, _, _ in targets}
        return tuple(self.vertex(number) for number in sorted(numbers) if number in self.proxied)

    def runs_etcd(self, node: str | None) -> bool:
        """Return whether a node holds a certificate that opens etcd: it runs it, or the API server."""
        known = self.nodes.get(node or "")
        return known is not None and self.objects.control_plane(known)

    def reaches_etcd(self, member: int) -> bool | None:
        """Return whether a class may connect to some etcd; False where nobody knows where one is."""
        return self._reaches(member, self.store.endpoints)

    def reaches_metadata(self, member: int) -> bool | None:
        """Return whether a class may ask where clouds serve the credentials of a node."""
        families = self.program.families
        return self._reaches(member, tuple(each for each in METADATA if each[0].version in families))

    def _reaches(self, member: int, endpoints: Endpoints) -> bool | None:
        key = (member, endpoints)
        if key not in self._reached:
            answers = {self.network.to_address(member, *each) for each in endpoints}
            self._reached[key] = True if True in answers else None if None in answers else False
        return self._reached[key]

    def subject(self, fact: Fact) -> Subject | None:
        """Return the subject that a fact is, or None."""
        kind, _, name = fact.partition(":")
        if kind == "sa":
            namespace, _, name = name.partition("/")
            return Subject.account(namespace, name)
        if kind in _SUBJECTS:
            return Subject.user(name) if kind == "user" else Subject.group(name)
        return None

    def caller(self, fact: Fact) -> Identity | None:
        """Return who the API server sees: an account, a user, a group, or a holder of one role alone."""
        subject = self.subject(fact)
        if subject is None:
            return None
        groups = ("system:nodes",) if str(subject).startswith("User:system:node:") else ()
        return identity(subject, groups)

    def gained(self, fact: Fact) -> tuple[Profiles, Profile] | None:
        """Return the rights of who holds one role alone, where a fact is a role that was gained."""
        if fact not in self._gained:
            role, namespace = self.role_of(fact)
            self._gained[fact] = None if role is None else self._holding(fact, role, namespace)
        return self._gained[fact]

    def _holding(self, fact: Fact, role: Role, namespace: str) -> tuple[Profiles, Profile]:
        user = Subject.user(fact)
        # As it is bound: its rules alone are compiled, as there are roles times namespaces that somebody may gain.
        whole = replace(role, rules=tuple(rule for _, rule in self.access.rules_of(role)), aggregates=None)
        binding = Binding(namespace=namespace, name=fact, role_kind=role.kind, role=role.name, subjects=(user,))
        profiles = Profiles(Access(Rights(roles=(whole,), bindings=(binding,))))
        return profiles, profiles.of(identity(user))

    def role_of(self, fact: Fact) -> tuple[Role | None, str]:
        """Return the role that a fact names, and the namespace that it is bound in; empty for everywhere."""
        kind, _, rest = fact.partition(":")
        if kind == "clusterrole":
            name, _, namespace = rest.partition("@")
            return self.roles.get(("", name)), namespace
        if kind == "role":
            namespace, _, name = rest.partition("/")
            return self.roles.get((namespace, name)), namespace
        return None, ""

    def running(self, label: str) -> tuple[str, ...]:
        """Return the accounts of the pods with a label, written ``key=value``, as facts."""
        if label not in self._running:
            key, _, value = label.partition("=")
            own = (each for each in self.pods.values() if each.pod.labels.get(key) == value)
            self._running[label] = tuple(sorted({f"sa:{each.pod.namespace}/{each.account}" for each in own}))
        return self._running[label]

    def _units(self) -> Iterator[Unit]:
        """Yield the pods that can be connected to by class, ports and namespace."""
        for unit in self.network.units:
            spaces: dict[str, list[int]] = {}
            for number in unit.endpoints:
                spaces.setdefault(self.by_number[number].pod.namespace, []).append(number)
            yield from (Unit(unit.member, unit.ports, tuple(numbers)) for numbers in spaces.values())

    def _units_of(self) -> Mapping[str, Sequence[int]]:
        """Return the pods of each namespace that can be connected to, by number."""
        found: dict[str, list[int]] = {}
        for unit in self.network.units:
            for number in unit.endpoints:
                found.setdefault(self.by_number[number].pod.namespace, []).append(number)
        return found


def _named(pods: Iterable[PodFacts]) -> dict[str, PodFacts]:
    """Return pods by namespace and name; of two workloads of one name the later says its kind, too."""
    found: dict[str, PodFacts] = {}
    for facts in pods:
        name = facts.name if facts.name not in found else f"{facts.name}[{facts.pod.workload.kind}]"
        found[name] = facts
    return found


def _grouped(pods: Mapping[str, PodFacts]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    by_namespace: dict[str, list[str]] = {}
    by_node: dict[str, list[str]] = {}
    for name, facts in pods.items():
        by_namespace.setdefault(facts.pod.namespace, []).append(name)
        if facts.pod.node:
            by_node.setdefault(facts.pod.node, []).append(name)
    return by_namespace, by_node
