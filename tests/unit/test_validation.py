"""The API server's rules for single values."""

from ipaddress import IPv4Address, IPv4Network, IPv6Network

import pytest

from netsim.ingest import validation

LONG = "a" * 63


@pytest.mark.parametrize("text", ["a", "1", "a-b", "a--b", LONG])
def test_a_namespace_name_may_be(text: str) -> None:
    assert validation.dns_label(text) is None


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a.b", "a_b", "é", "a\n", LONG + "a"])
def test_a_namespace_name_may_not_be(text: str) -> None:
    assert validation.dns_label(text)


@pytest.mark.parametrize("text", ["1a", "-a", "a.b", "", "A", LONG + "a"])
def test_a_service_name_may_not_be(text: str) -> None:
    assert validation.dns_1035_label(text)


@pytest.mark.parametrize("text", ["a.b", "1.2", "a-b.c", "a" * 253, "a" * 64 + ".b"])
def test_an_object_name_may_be(text: str) -> None:
    assert validation.dns_subdomain(text) is None


@pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "a.-b", "a_b", "a" * 254])
def test_an_object_name_may_not_be(text: str) -> None:
    assert validation.dns_subdomain(text)


@pytest.mark.parametrize("text", ["a", "A_b.c-D", "1", "example.com/a", "a/" + LONG, "a" * 253 + "/a"])
def test_a_label_key_may_be(text: str) -> None:
    assert validation.label_key(text) is None


@pytest.mark.parametrize(
    "text", ["", "a b", "-a", "a_", "/a", "a/", "a/b/c", "Example.com/a", "a/" + LONG + "a", "a" * 254 + "/a", "a\n"]
)
def test_a_label_key_may_not_be(text: str) -> None:
    assert validation.label_key(text)


@pytest.mark.parametrize("text", ["", "a", "1.10.1", "A_b-C", LONG])
def test_a_label_value_may_be(text: str) -> None:
    assert validation.label_value(text) is None


@pytest.mark.parametrize("text", ["a b", "a.", "_a", "a/b", "é", " ", LONG + "a"])
def test_a_label_value_may_not_be(text: str) -> None:
    assert validation.label_value(text)


@pytest.mark.parametrize("text", ["http", "a", "1a", "a-1", "abcdefghijklmno"])
def test_a_port_name_may_be(text: str) -> None:
    assert validation.port_name(text) is None


@pytest.mark.parametrize("text", ["", "80", "1-2", "-a", "a-", "a--b", "A", "a_b", "a.b", "80/tcp", "abcdefghijklmnop"])
def test_a_port_name_may_not_be(text: str) -> None:
    assert validation.port_name(text)


@pytest.mark.parametrize("number", [1, 65535])
def test_ports_go_from_1_to_65535(number: int) -> None:
    assert validation.port_number(number) is None


@pytest.mark.parametrize("number", [-1, 0, 65536])
def test_no_port_is_below_1_or_above_65535(number: int) -> None:
    assert validation.port_number(number)


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("10.0.0.0/8", IPv4Network("10.0.0.0/8")),
        ("10.1.2.3/8", IPv4Network("10.0.0.0/8")),
        ("10.0.0.0/08", IPv4Network("10.0.0.0/8")),
        ("0.0.0.0/0", IPv4Network("0.0.0.0/0")),
        ("::/0", IPv6Network("::/0")),
        ("2001:db8::1/32", IPv6Network("2001:db8::/32")),
        ("64:ff9b::10.0.0.0/104", IPv6Network("64:ff9b::a00:0/104")),
        ("::ffff:10.0.0.0/104", IPv4Network("10.0.0.0/8")),
        # This one reaches beyond the addresses that stand for IPv4 ones.
        ("::ffff:10.0.0.0/90", IPv6Network("::ffc0:0:0/90")),
    ],
)
def test_a_block_is_masked(text: str, block: IPv4Network | IPv6Network) -> None:
    assert validation.block(text) == block


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/255.0.0.0",
        "010.0.0.0/8",
        "10.0.0.256/8",
        "10.0.0/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "10.0.0.0/8,11.0.0.0/8",
        "fe80::1%eth0/64",
        "2001:db8::/129",
        "10.0.0.0/٨",
    ],
)
def test_a_block_may_not_be(text: str) -> None:
    assert validation.block(text) is None


@pytest.mark.parametrize(
    ("cidr", "excepted", "inside"),
    [
        ("10.0.0.0/8", "10.1.0.0/16", True),
        ("10.0.0.0/8", "10.1.2.3/16", True),
        ("0.0.0.0/0", "128.0.0.0/1", True),
        ("2001:db8::/32", "2001:db8:1::/48", True),
        ("::ffff:10.0.0.0/104", "::ffff:10.1.0.0/112", True),
        ("10.0.0.0/8", "::ffff:10.1.0.0/112", True),
        ("10.0.0.0/8", "10.0.0.0/8", False),
        ("10.0.0.0/8", "10.200.0.0/8", False),
        ("10.0.0.0/16", "10.0.0.0/8", False),
        ("10.0.0.0/8", "11.0.0.0/16", False),
        ("10.0.0.0/8", "fd00::/16", False),
        ("::/0", "10.0.0.0/8", False),
        ("::ffff:10.0.0.0/104", "10.1.0.0/16", False),
        ("10.0.0.0/8", "::ffff:10.1.0.0/90", False),
    ],
)
def test_an_except_is_a_strict_part_of_its_block(cidr: str, excepted: str, inside: bool) -> None:  # noqa: FBT001 - a column of a table of cases
    assert validation.excepts_inside(cidr, excepted) == inside


@pytest.mark.parametrize("text", ["", "10.0.0", "010.0.0.1", "fe80::1%eth0", "10.0.0.1/32", "host"])
def test_an_address_may_not_be(text: str) -> None:
    assert validation.address(text) is None


def test_an_ipv4_address_may_be_written_as_ipv6() -> None:
    assert validation.address("::ffff:10.0.0.1") == IPv4Address("10.0.0.1")
