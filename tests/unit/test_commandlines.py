"""The flags that a program is started with, as people write them."""

import pytest

from netsim.posture.commandlines import commands, flags_of, of_environment

ETCD = frozenset({"etcd"})


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (["--cert-file=/a"], {"cert-file": "/a"}),
        (["--cert-file", "/a"], {"cert-file": "/a"}),
        (["-cert-file", "/a"], {"cert-file": "/a"}),
        (["--auto-tls", "--name", "n"], {"auto-tls": "", "name": "n"}),
        (["--name=a", "--name=b"], {"name": "b"}),
        (["--name", "n", "--", "--auto-tls"], {"name": "n"}),
    ],
)
def test_a_flag_is_written_in_any_of_its_forms(arguments: list[str], values: dict[str, str]) -> None:
    assert flags_of("etcd", arguments).values == values


def test_a_switch_takes_no_following_value() -> None:
    flags = flags_of("etcd", ["--auto-tls", "false"], frozenset({"auto-tls"}))
    assert flags.is_on("auto-tls")


def test_a_command_goes_on_behind_a_backslash() -> None:
    text = "# how we start it\netcd --name=a \\\n  --auto-tls \\\n  --cert-file=/c\netcd --name=b\n"
    assert list(commands(text, ETCD)) == [
        (2, "etcd", ["--name=a", "--auto-tls", "--cert-file=/c"]),
        (5, "etcd", ["--name=b"]),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "ExecStart=/usr/local/bin/etcd --name=a",
        "ExecStart=-/usr/local/bin/etcd --name=a",
        "$ etcd --name=a",
        "exec etcd --name=a",
        "mkdir -p /d && sudo etcd --name=a | tee log",
        "sudo -u etcd etcd --name=a",
        "GOMAXPROCS=2 ETCD_DEBUG=1 etcd --name=a",
        'ExecStart=/bin/bash -c "GOMAXPROCS=2 /usr/bin/etcd --name=a"',
        "docker run -d quay.io/coreos/etcd:v3.5 /usr/local/bin/etcd --name=a",
        "if true; then etcd --name=a; fi",
        "etcd --name=a > log 2>&1 &",
    ],
)
def test_a_command_is_found_where_units_and_scripts_have_it(line: str) -> None:
    assert list(commands(line, ETCD)) == [(1, "etcd", ["--name=a"])]


def test_comments_amid_a_command_of_a_unit_are_passed_over() -> None:
    unit = "[Service]\nExecStart=/usr/bin/etcd \\\n# why\n; and why\n  --name=a\n"
    assert list(commands(unit, ETCD)) == [(2, "etcd", ["--name=a"])]


def test_the_flags_of_kubernetes_take_underscores_for_dashes() -> None:
    assert flags_of("kube-apiserver", ["--etcd_servers=a"]).values == {"etcd-servers": "a"}
    assert flags_of("etcd", ["--cert_file=a"]).values == {"cert_file": "a"}


@pytest.mark.parametrize(
    "line", ["# etcd --name=a", "cp etcd /usr/bin", "cp x --target /usr/bin/etcd", "ETCDCTL_API=3 etcdctl get /"]
)
def test_what_only_names_a_program_does_not_start_it(line: str) -> None:
    assert list(commands(line, ETCD)) == []


def test_an_environment_variable_stands_for_its_flag() -> None:
    flags = of_environment("etcd", "ETCD_", {"ETCD_CERT_FILE": "/c", "PATH": "/bin"})
    assert flags.values == {"cert-file": "/c"}
