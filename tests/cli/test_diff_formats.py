"""A diff in the formats of continuous integration, read back by what reads them elsewhere."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from tests import tools
from tests.cli.conftest import REPOSITORY, Netsim
from tests.cli.repositories import NARROW, PODS, WIDE

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
ROWS, FOUND = 8, 4
RENDERED = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open-NUMBER, namespace: shop}
spec: {podSelector: {matchLabels: {app: NUMBER}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}
"""


@pytest.fixture
def many(tmp_path: Path) -> tuple[str, str]:
    """Two sides between which 60 workloads are opened to the internet."""
    closed, opened = "", ""
    for number in range(60):
        pod = (
            PODS.partition("---")[0]
            .replace("name: web,", f"name: web-{number:02},")
            .replace("app: web", f'app: "{number}"')
        )
        policy = RENDERED.replace("app: NUMBER", f'app: "{number}"').replace("NUMBER", str(number))
        opened += f"---\n{pod}---\n{policy}"
        closed += f"---\n{pod}---\n{policy.partition('ingress: ')[0]}policyTypes: [Ingress]}}\n"
    for name, text in (("closed", closed), ("opened", opened)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return str(tmp_path / "closed.yaml"), str(tmp_path / "opened.yaml")


def sarif(netsim: Netsim, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(netsim("diff", *arguments, "-o", "sarif", "--quiet").out)
    return found


def test_sarif_is_of_the_published_schema(netsim: Netsim, many: tuple[str, str]) -> None:
    from jsonschema import Draft7Validator

    schema = json.loads(tools.tool("sarif-2.1.0.json").read_text())
    validator = Draft7Validator(schema)
    for log in (sarif(netsim, SHOP, NEXT), sarif(netsim, SHOP, SHOP), sarif(netsim, *many)):
        assert not [error.message for error in validator.iter_errors(log)]
    # The schema is strict: it would have seen a slip.
    assert [*validator.iter_errors({**sarif(netsim, SHOP, NEXT), "extra": 1})]


def test_microsoft_s_validator_finds_nothing_that_code_scanning_needs_missing(
    netsim: Netsim, tmp_path: Path, many: tuple[str, str]
) -> None:
    validator = tools.tool("validator") / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    for name, sides in (("shop", (SHOP, NEXT)), ("many", many)):
        log, report = tmp_path / f"{name}.sarif", tmp_path / f"{name}-report.sarif"
        netsim("diff", *sides, "-o", "sarif", "-f", str(log), "--quiet")
        command = [str(validator), "validate", str(log), "--rule-kind", "Sarif;Ghas", "--output", str(report)]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        results = json.loads(report.read_text())["runs"][0]["results"]
        # netsim has no page of its own to point at.
        assert {each["ruleId"] for each in results if each.get("level") != "note"} <= {"SARIF2005"}, ran.stdout


def test_every_rule_of_a_sarif_log_tells_what_it_means_and_what_to_do(netsim: Netsim) -> None:
    run = sarif(netsim, SHOP, NEXT)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["NS157", "NS159", "NS162", "NS166", "NS902", "NS904", "NS906"]
    for rule in rules:
        assert rule["fullDescription"]["text"].endswith(".")
        assert rule["help"]["text"].endswith(".")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_result_points_at_the_rule_that_did_it_and_is_known_again(netsim: Netsim) -> None:
    results = sarif(netsim, SHOP, NEXT)["runs"][0]["results"]
    assert len(results) == ROWS + FOUND
    opened = next(result for result in results if result["ruleId"] == "NS902")
    place = opened["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "fixtures/online-shop-next/manifests/policies-data.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"]["startLine"] == 39
    prints = [result["partialFingerprints"]["netsimKey/v1"] for result in results]
    assert len(set(prints)) == ROWS + FOUND
    assert prints == [
        result["partialFingerprints"]["netsimKey/v1"] for result in sarif(netsim, SHOP, NEXT)["runs"][0]["results"]
    ]


def test_annotations_come_worst_first_ten_of_a_kind_and_say_how_many_are_hidden(
    netsim: Netsim, many: tuple[str, str]
) -> None:
    lines = netsim("diff", *many, "-o", "github", "--only", "connections", "--quiet").out.splitlines()
    assert [line.partition(" ")[0] for line in lines[:10]] == ["::error"] * 10
    assert lines[10:] == ["50 of 60 annotations of the kind error are hidden: GitHub shows 10"]
    lines = netsim("diff", SHOP, NEXT, "-o", "github", "--quiet").out.splitlines()
    assert lines[0].startswith(
        "::error file=fixtures/online-shop-next/manifests/policies-platform.yaml,line=59,title=NS162 "
    )
    assert next(line for line in lines if "NS902" in line).startswith(
        "::warning file=fixtures/online-shop-next/manifests/policies-data.yaml,line=39,"
        "title=NS902 New access across namespaces::ingress-nginx/controller[Deployment] may reach "
    )
    assert [line.split()[0] for line in lines] == ["::error"] + ["::warning"] * 9 + ["::notice"] * 2


def test_an_annotation_is_one_line_whatever_names_hold(netsim: Netsim, tmp_path: Path) -> None:
    folder = tmp_path / "a, 100%: b"
    folder.mkdir()
    (folder / "old.yaml").write_text(f"{PODS}---\n{NARROW}")
    (folder / "new.yaml").write_text(f"{PODS}---\n{WIDE}")
    (line,) = netsim("diff", str(folder / "old.yaml"), str(folder / "new.yaml"), "-o", "github", "-q").out.splitlines()
    assert line.count("::") == 2
    assert "a%2C 100%25%3A b/new.yaml,line=" in line
    assert "%0ANetworkPolicy shop/db ingress[0] allows some of it now" in line


def test_the_summary_of_a_job_is_added_to(netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    netsim("diff", SHOP, NEXT, "--quiet")
    assert summary.read_text() == "before\n"
    netsim("diff", SHOP, NEXT, "-o", "github", "--quiet")
    assert summary.read_text().startswith("before\n<!-- netsim:diff -->\n### netsim: +4 connections, -2, ~2; ")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    assert netsim("diff", SHOP, NEXT, "-o", "github", "--quiet").status == 2


@pytest.mark.parametrize(
    ("fail_on", "failures"), [("any", 12), ("added", 7), ("removed", 3), ("none", 0), ("high", 1), ("medium", 10)]
)
def test_junit_fails_for_what_the_build_fails_for(netsim: Netsim, tmp_path: Path, fail_on: str, failures: int) -> None:
    file = tmp_path / "junit.xml"
    netsim("diff", SHOP, NEXT, "-o", "junit", "--fail-on", fail_on, "-f", str(file), "--quiet")
    read = JUnitXml.fromfile(str(file))
    (suite,) = read
    assert (suite.name, read.tests, read.failures) == ("netsim diff", ROWS + FOUND, failures)
    failed = [case for case in suite if case.result]
    assert len(failed) == failures
    assert all("policies-" in case.result[0].text for case in failed)


def test_junit_of_no_difference_is_one_test_that_passes(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    netsim("diff", SHOP, SHOP, "-o", "junit", "-f", str(file), "--quiet")
    read = JUnitXml.fromfile(str(file))
    assert (read.tests, read.failures) == (1, 0)


def test_a_report_of_code_quality_has_what_gitlab_asks_for(netsim: Netsim) -> None:
    issues = json.loads(netsim("diff", SHOP, NEXT, "-o", "gitlab", "--quiet").out)
    assert len(issues) == ROWS + FOUND
    assert len({issue["fingerprint"] for issue in issues}) == ROWS + FOUND
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert (REPOSITORY / issue["location"]["path"]).is_file()
        assert issue["location"]["lines"]["begin"] >= 1


def test_a_comment_starts_with_its_marker_and_folds_away_what_matters_least(netsim: Netsim) -> None:
    lines = netsim("diff", SHOP, NEXT, "-o", "md", "--quiet").out.splitlines()
    assert lines[:2] == [
        "<!-- netsim:diff -->",
        "### netsim: +4 connections, -2, ~2; +4 findings (1 high); 1 lesser finding not shown",
    ]
    assert any(line.startswith("- `+ NS162 high") for line in lines[: lines.index("**New findings**") + 3])
    assert "<details><summary>Findings: 3 more</summary>" in lines
    assert "<details><summary>The rest: 2 rows</summary>" in lines
    assert lines.count("</details>") == sum(line.startswith("<details>") for line in lines)


@pytest.mark.parametrize("limit", [1_000, 2_500, 10_000])
def test_a_comment_is_cut_to_what_code_hosts_accept_and_says_so(
    netsim: Netsim, many: tuple[str, str], limit: int
) -> None:
    whole = netsim("diff", *many, "-o", "md", "--quiet").out
    assert len(whole) > 10_000
    assert "were cut" not in whole
    told = netsim("diff", *many, "-o", "md", "--limit", str(limit), "--quiet").out
    assert len(told) <= limit
    assert f"lines were cut to fit {limit:,} characters: `netsim diff -o json` has all._" in told
    assert told.count("<details>") == told.count("</details>")
    assert told.splitlines()[:2] == whole.splitlines()[:2]


@pytest.mark.parametrize("arguments", [("-o", "md", "--limit", "10"), ("-o", "text", "--limit", "2000")])
def test_a_limit_that_makes_no_sense_is_refused(netsim: Netsim, arguments: tuple[str, ...]) -> None:
    ran = netsim("diff", SHOP, NEXT, *arguments)
    assert (ran.status, ran.out) == (2, "")


def test_paths_are_told_from_the_root_of_the_repository_wherever_one_stands(
    netsim: Netsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY / "fixtures")
    results = sarif(netsim, "online-shop", "./online-shop-next")["runs"][0]["results"]
    uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "fixtures/online-shop-next/manifests/policies-platform.yaml"


def test_what_has_no_file_is_told_by_its_object(netsim: Netsim, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(f"{PODS}---\n{NARROW}")
    arguments = ("diff", str(tmp_path / "old.yaml"), "-", "--quiet")
    wide = f"{PODS}---\n{WIDE}"
    (issue,) = json.loads(netsim(*arguments, "-o", "gitlab", stdin=wide).out)
    assert issue["location"]["path"] == "NetworkPolicy shop/db"
    (result,) = json.loads(netsim(*arguments, "-o", "sarif", stdin=wide).out)["runs"][0]["results"]
    assert result["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "NetworkPolicy shop/db", "kind": "resource"}]}
    ]
    assert netsim(*arguments, "-o", "github", stdin=wide).out.startswith("::notice title=NS905")


def test_every_format_tells_nothing_where_nothing_differs(netsim: Netsim) -> None:
    for form in ("text", "json", "csv", "md", "dot", "sarif", "github", "junit", "gitlab"):
        ran = netsim("diff", SHOP, SHOP, "-o", form, "--quiet")
        assert (ran.status, ran.err) == (0, ""), form
