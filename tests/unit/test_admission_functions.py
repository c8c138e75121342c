"""CEL's functions of Kubernetes on policies of ours, and Rego by a program that stands in for opa."""

import json
import stat
import sys
from pathlib import Path

import pytest

from netsim.ir.admission import NotEvaluatedError, Outcome
from netsim.posture import cel
from netsim.posture.rego import violations
from tests.unit.test_admission import BAD, GOOD, _says, _vap

#: An expression that holds, and one that nearly says the same and does not.
PAIRS = {
    "addresses": ("ip('192.0.2.1').family() == 4", "ip('2001:db8::1').family() == 4"),
    "no address": ("!isIP('::ffff:192.0.2.1')", "isIP('192.0.2.256')"),
    "loopback": ("ip('127.0.0.1').isLoopback()", "ip('192.0.2.1').isLoopback()"),
    "private is global": ("ip('10.0.0.1').isGlobalUnicast()", "ip('169.254.1.1').isGlobalUnicast()"),
    "in a block": ("cidr('10.0.0.0/8').containsIP('10.1.1.1')", "cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))"),
    "of another family": ("!cidr('::/0').containsIP('10.1.1.1')", "cidr('0.0.0.0/0').containsIP('::1')"),
    "block in block": (
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
        "cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))",
    ),
    "masked": ("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "cidr('10.1.2.3/8') == cidr('10.0.0.0/8')"),
    "prefix": ("cidr('10.0.0.0/8').prefixLength() == 8", "isCIDR('10.0.0.0')"),
    "host": ("url('https://a.example:8443/x').getHost() == 'a.example:8443'", "isURL('not a url')"),
    "port": ("url('https://a.example:8443/x').getPort() == '8443'", "url('https://a.example/x').getPort() == '443'"),
    "query": ("url('https://a.example/x?y=1').getQuery()['y'] == ['1']", "url('/x').getScheme() == 'https'"),
    "find": ("'abc123'.find('[0-9]+') == '123'", "'abc'.find('[0-9]+') == '123'"),
    "find all": ("'a1b22'.findAll('[0-9]+') == ['1', '22']", "'a1b22'.findAll('[0-9]+', 1) == ['1', '22']"),
    "sorted": ("[1, 2, 2].isSorted()", "['b', 'a'].isSorted()"),
    "sum": ("[1, 2].sum() == 3", "[1, 2].max() == 3"),
    "quantities": ("quantity('1Gi').isGreaterThan(quantity('1G'))", "quantity('1Ki').isLessThan(quantity('1k'))"),
    "sums of quantities": ("quantity('1').add(quantity('1')).compareTo(quantity('2')) == 0", "isQuantity('1h')"),
    "versions": ("semver('1.2.3').isLessThan(semver('1.10.0'))", "semver('1.0.0').isLessThan(semver('1.0.0-rc.1'))"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_policy_by_a_function_of_kubernetes_admits_and_refuses(name: str) -> None:
    holds, fails = PAIRS[name]
    assert _says(_vap(holds), GOOD) is Outcome.PASS
    assert _says(_vap(fails), GOOD) is Outcome.FAIL


@pytest.mark.parametrize("name", ["addresses", "quantities"])
def test_a_value_that_is_none_is_what_the_failure_policy_says(name: str) -> None:
    expression = {"addresses": "ip('x').family() == 4", "quantities": "quantity('1h').sign() == 1"}[name]
    assert _says(_vap(expression), GOOD) is Outcome.FAIL
    assert _says(_vap(expression, "failurePolicy: Ignore"), GOOD) is Outcome.PASS


@pytest.mark.parametrize(
    "expression",
    ["request.userInfo.username == 'admin'", "authorizer.path('/').check('get').allowed()", "[1].indexOf(1) == 0"],
)
def test_what_the_engine_does_not_know_is_no_pass_and_no_fail(expression: str) -> None:
    with pytest.raises(NotEvaluatedError):
        cel.value(expression, {})
    assert _says(_vap(expression), BAD) is Outcome.UNKNOWN


#: A program in place of opa: it says what it was asked, and answers as its first line says.
STAND_IN = """#!{python}
import json, pathlib, sys
asked = sys.argv[1:]
pathlib.Path({log!r}).open("a").write(json.dumps(asked) + chr(10))
answer = {answer!r}
if answer == "old" and "--v0-compatible" in asked:
    sys.exit("Error: unknown flag: --v0-compatible")
if answer == "fails":
    sys.exit("1 error occurred: x.rego:1: rego_parse_error")
folder = pathlib.Path(asked[asked.index("--data") + 1])
assert "violation" in "".join(each.read_text() for each in folder.iterdir())
host = json.load(sys.stdin)["review"]["object"]["spec"].get("hostNetwork")
values = {{"undefined": {{}}, "nonsense": [1], "mapping": {{"result": [{{"expressions": [{{"value": {{}}}}]}}]}}}}
found = {{"result": [{{"expressions": [{{"value": [{{"msg": "host"}}] if host else []}}]}}]}}
print(json.dumps(values.get(answer, found)))
"""
MODULE = 'package k8sx\nviolation[{"msg": "host"}] { input.review.object.spec.hostNetwork }\n'
HOST = {"review": {"object": {"spec": {"hostNetwork": True}}}}


@pytest.fixture
def opa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Opa":
    """Put a program on PATH in place of opa."""
    return Opa(tmp_path, monkeypatch)


class Opa:
    """The program in place of opa."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.log = folder, folder / "log"
        monkeypatch.setenv("PATH", str(folder))

    def answers(self, answer: str) -> None:
        """Let it answer so."""
        program = self.folder / "opa"
        text = STAND_IN.format(python=sys.executable, log=str(self.log), answer=answer)
        program.write_text(text, encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    @property
    def asked(self) -> list[list[str]]:
        """What it was asked, call by call."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


def test_the_users_own_opa_is_asked_to_read_version_0_unless_a_module_says_otherwise(opa: Opa) -> None:
    opa.answers("as it is")
    assert violations([MODULE], HOST) == [{"msg": "host"}]
    assert violations([MODULE], {"review": {"object": {"spec": {}}}}) == []
    first, _ = opa.asked
    assert first[:2] == ["eval", "--v0-compatible"]
    assert first[-1] == "data.k8sx.violation"


def test_an_opa_that_reads_version_0_anyway_is_asked_again_without_the_flag(opa: Opa) -> None:
    opa.answers("old")
    assert violations([MODULE], HOST) == [{"msg": "host"}]
    assert ["--v0-compatible" in asked for asked in opa.asked] == [True, False]


@pytest.mark.parametrize("answer", ["fails", "undefined", "nonsense", "mapping"])
def test_an_opa_that_gives_no_set_of_violations_is_no_pass(opa: Opa, answer: str) -> None:
    opa.answers(answer)
    with pytest.raises(NotEvaluatedError):
        violations([MODULE], HOST)
