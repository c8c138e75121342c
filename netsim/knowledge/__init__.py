"""The one gate to models/: a named table becomes frozen rows; unknown keys are refused."""

from netsim.knowledge.attack import attack_table, exact_rows
from netsim.knowledge.networks import (
    DEFAULT_PROFILE,
    known_controllers,
    profile,
    profile_names,
    profile_of,
    unread_ways_in,
)
from netsim.knowledge.posture import check_areas, checks, etcd_options, outdated_bases, pod_security
from netsim.knowledge.rights import defaults_of, gates, known_resources, release, rights_checks, shipped_rights

__all__ = [
    "DEFAULT_PROFILE",
    "attack_table",
    "check_areas",
    "checks",
    "defaults_of",
    "etcd_options",
    "exact_rows",
    "gates",
    "known_controllers",
    "known_resources",
    "outdated_bases",
    "pod_security",
    "profile",
    "profile_names",
    "profile_of",
    "release",
    "rights_checks",
    "shipped_rights",
    "unread_ways_in",
]
