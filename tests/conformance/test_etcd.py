"""etcd and the API server's connection to it: every set of flags of ``etcd`` is found fault with as stated."""

from typing import Any

import yaml

from netsim.knowledge import checks
from netsim.posture.commandlines import flags_of
from netsim.posture.etcd import Etcd, apiserver_faults, etcd_faults
from netsim.posture.faults import Fault
from tests.conformance.data import root


def _cases() -> list[dict[str, Any]]:
    return yaml.safe_load((root() / "etcd" / "cases.yaml").read_text(encoding="utf-8"))["cases"]


def test_every_set_of_flags_is_found_fault_with_as_stated() -> None:
    catalogue = checks("etcd")
    for case in _cases():
        faults: list[Fault] = []
        if "etcd_flags" in case or "etcd_config_file" in case:
            etcd = Etcd(
                flags=flags_of("etcd", case.get("etcd_flags", [])),
                file=case.get("etcd_config_file"),
                cluster_ca=case.get("cluster_ca", ""),
            )
            faults += etcd_faults(etcd)
        if "apiserver_flags" in case:
            faults += apiserver_faults(flags_of("kube-apiserver", case["apiserver_flags"]))
        said = {(fault.check, str(catalogue[fault.check].severity)) for fault in faults}
        assert (case["id"], said) == (case["id"], {(row["id"], row["severity"]) for row in case["findings"]})
        cis = {row["id"]: row["cis"] for row in case["findings"] if "cis" in row}
        for name, item in cis.items():
            assert f"CIS {item}" in catalogue[name].description, (case["id"], name, item)


def test_every_fault_is_told_once_a_file() -> None:
    for case in _cases():
        etcd = Etcd(flags=flags_of("etcd", case.get("etcd_flags", [])), file=case.get("etcd_config_file"))
        said = [(fault.check, fault.path) for fault in etcd_faults(etcd)]
        assert len(said) == len(set(said)), case["id"]
