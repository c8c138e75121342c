"""What commands print, kept as files: ``make golden`` rewrites them, and their diff is a change of answers."""

import os
import sys
from pathlib import Path

import pytest

from netsim.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).parent / "expected"
REWRITE = os.environ.get("NETSIM_GOLDEN") == "rewrite"

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
STORY = "fixtures/attack-story"
UNKNOWN = "fixtures/clauses/s2.9-unknown-node"
TENANTS = "fixtures/multi-tenant"
ROLES = "fixtures/kind-role"

#: Each file, and the command that prints it.
COMMANDS = {
    "help.txt": "--help",
    "reach.txt": f"reach {SHOP}",
    "reach.json": f"reach {SHOP} -o json",
    "reach.csv": f"reach {SHOP} -o csv",
    "reach.md": f"reach {SHOP} -o md",
    "reach.dot": f"reach {SHOP} -o dot",
    "reach-summary.txt": f"reach {SHOP} --summary",
    "reach-explained.txt": f"reach {SHOP} --explain",
    "reach-one-port.txt": f"reach {SHOP} --port 5432 --from ns:team=shop",
    "reach-unknown.txt": f"reach {UNKNOWN}",
    "reach-unknown.json": f"reach {UNKNOWN} -o json",
    "reach-unknown-explained.json": f"reach {UNKNOWN} --from shop/agent --explain -o json",
    "reach-unknown.dot": f"reach {UNKNOWN} -o dot",
    "reach-tenants.txt": f"reach {TENANTS}",
    "matrix.txt": f"reach {SHOP} -o matrix --port http",
    "matrix-unknown.txt": f"reach {UNKNOWN} -o matrix --port 8080",
    "query-allowed.txt": f"query {SHOP} --from shop/cart --to data/redis --port redis",
    "query-denied.txt": f"query {SHOP} --from shop/frontend --to shop/email --port 8025",
    "query-denied.json": f"query {SHOP} --from shop/frontend --to shop/email --port 8025 -o json",
    "query-except.txt": f"query {SHOP} --from payments/payment --to 198.51.100.200 --port 443",
    "query-depends.txt": f"query {SHOP} --from ns:team=shop --to data/postgres --port 5432",
    "query-portless.txt": f"query {SHOP} --from shop/cart --to data/redis --protocol ICMP",
    "query-unknown-node.txt": f"query {UNKNOWN} --from shop/agent --to shop/scheduled --port 8080",
    "query-unknown-address.txt": f"query {UNKNOWN} --from shop/scraper --to shop/agent --port 9100",
    "diff.txt": f"diff {SHOP} {NEXT}",
    "diff.json": f"diff {SHOP} {NEXT} -o json",
    "diff.csv": f"diff {SHOP} {NEXT} -o csv",
    "diff.md": f"diff {SHOP} {NEXT} -o md",
    "diff.dot": f"diff {SHOP} {NEXT} -o dot",
    "diff-crown.txt": f"diff {SHOP} {NEXT} --crown data/postgres --port 5432",
    "diff-github.txt": f"diff {SHOP} {NEXT} -o github",
    "diff-gitlab.json": f"diff {SHOP} {NEXT} -o gitlab",
    "diff-junit.xml": f"diff {SHOP} {NEXT} -o junit",
    "check.txt": f"check {NEXT} --intent docs/examples/intents.yaml",
    "check-explained.txt": f"check {NEXT} --intent docs/examples/intents.yaml --explain",
    "check.json": f"check {NEXT} --intent docs/examples/intents.yaml -o json",
    "check.md": f"check {NEXT} --intent docs/examples/intents.yaml -o md",
    "check.xml": f"check {NEXT} --intent docs/examples/intents.yaml -o junit",
    "intents.yaml": f"intents infer {SHOP}",
    "diff-same.txt": f"diff {SHOP} {SHOP}",
    "can-allowed.txt": f"can Group:auditors get widgets.example.com {ROLES}/allow/manifests",
    "can-allowed.json": f"can Group:auditors get widgets.example.com {ROLES}/allow/manifests -o json",
    "can-denied.txt": f"can User:ann list configmaps {ROLES}/deny/manifests -n shop",
    "can-denied.json": f"can User:ann list configmaps {ROLES}/deny/manifests -n shop -o json",
    "who-can.txt": f"who-can get /metrics {ROLES}/allow/manifests",
    "who-can.json": f"who-can get /metrics {ROLES}/allow/manifests -o json",
    "who-can.csv": f"who-can get /metrics {ROLES}/allow/manifests -o csv",
    "permissions.txt": f"permissions User:ann {ROLES}/allow/manifests",
    "permissions.json": f"permissions User:ann {ROLES}/allow/manifests -o json",
    "permissions.csv": f"permissions User:ann {ROLES}/allow/manifests -o csv",
    "blast.txt": f"blast {STORY}/manifests --from internet",
    "blast.md": f"blast {STORY}/manifests --from ci/runner -o md",
    "blast.dot": f"blast {STORY}/manifests --from internet -o dot",
    "blast.json": f"blast {STORY}/manifests --from shop/frontend -o json",
    "paths.txt": f"paths {STORY}/manifests --from internet --to cluster-admin",
    "paths-none.txt": f"paths {STORY}/manifests --from shop/api --to cluster-admin",
    "paths.md": f"paths {STORY}/manifests --from sa:ci/runner --to crown-jewels -o md",
    "paths.dot": f"paths {STORY}/manifests --from internet --to cluster-admin -o dot",
    "paths.json": f"paths {STORY}/manifests --from internet --to cluster-admin -o json",
    "whatif.txt": f"whatif {STORY}/manifests --from internet --edit {STORY}/fixes/rbac.yaml",
}


def _printed(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(sys, "argv", ["netsim", *command.split()])
    monkeypatch.setenv("COLUMNS", "80")
    main.status()
    return capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_it_did(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = _printed(COMMANDS[name], monkeypatch, capsys)
    file = EXPECTED / name
    if REWRITE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(printed, encoding="utf-8")
    assert printed == file.read_text(encoding="utf-8"), f"netsim {COMMANDS[name]}: `make golden`, then read the diff"


def test_no_expected_file_is_left_over() -> None:
    assert {file.name for file in EXPECTED.iterdir()} == COMMANDS.keys()
