"""docs/posture.md and docs/monitoring say what the code has."""

import json
import re
from pathlib import Path

import yaml

import netsim
from netsim.queries.metrics import metrics
from netsim.queries.posture import known_checks

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = re.compile(r"\bnetsim_\w+")
INPUT = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}]}
"""


def test_the_codes_are_exactly_those_listed() -> None:
    rows = re.findall(r"^\| (NS\d+) \| (\w+) \| (.+) \|$", (DOCS / "posture.md").read_text("utf-8"), re.MULTILINE)
    assert rows == [(code, str(each.severity), each.title) for code, each in sorted(known_checks().items())]


def test_no_code_is_used_twice() -> None:
    titles = [each.title for each in known_checks().values()]
    assert len(titles) == len(set(titles))


def test_dashboard_and_alerts_ask_for_metrics_that_there_are() -> None:
    cluster = netsim.load(documents=[yaml.safe_load(INPUT)])
    written = {f"netsim_{each.name}" for each in metrics(cluster, cluster.posture())}
    told = set(NAMES.findall((DOCS / "posture.md").read_text("utf-8")))
    asked = {name for file in ("dashboard.json", "alerts.yaml") for name in NAMES.findall(_text(file))}
    assert asked <= written
    assert told == written


def _text(name: str) -> str:
    return (DOCS / "monitoring" / name).read_text("utf-8")


def test_the_dashboard_has_panels_that_do_not_overlap() -> None:
    dashboard = json.loads(_text("dashboard.json"))
    cells = [
        (x, y)
        for panel in dashboard["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert all(panel["targets"][0]["expr"] for panel in dashboard["panels"])


def test_every_alert_has_a_summary() -> None:
    (group,) = yaml.safe_load(_text("alerts.yaml"))["spec"]["groups"]
    assert all(rule["annotations"]["summary"] and rule["expr"] for rule in group["rules"])
