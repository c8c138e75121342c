"""Blocks of addresses as people write them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest

from netsim.queries.risk import block_of as block
from netsim.render.blocks import gathered


@pytest.mark.parametrize("name", ["10.0.0.0/8", "203.0.113.7/32", "::/0", "2001:db8::/32"])
def test_a_cidr_is_a_block(name: str) -> None:
    assert block(name) == ip_network(name)


@pytest.mark.parametrize(
    "name", ["shop/cart[Deployment]", "shop/cart-0", "10/8", "node:10.0.0.1", "node:worker-1", "1/2[Pod]"]
)
def test_a_workload_a_pod_and_a_node_are_no_blocks_whatever_their_names(name: str) -> None:
    assert block(name) is None


def _gathered(*names: str) -> tuple[str, ...]:
    return gathered([ip_network(name) for name in names])


def test_what_surrounds_a_hole_is_told_by_the_hole() -> None:
    around = [str(piece) for piece in IPv4Network("0.0.0.0/0").address_exclude(IPv4Network("10.0.0.0/8"))]
    assert _gathered(*sorted(around, key=ip_network)) == ("0.0.0.0/0 except 10.0.0.0/8",)


def test_several_holes_are_told_together() -> None:
    first, second = IPv6Network("2001:db8:1::/48"), IPv6Network("2001:db8:8::/48")
    around = IPv6Network("2001:db8::/32").address_exclude(first)
    twice = [
        piece for whole in around for piece in (whole.address_exclude(second) if second.subnet_of(whole) else [whole])
    ]
    assert gathered(sorted(twice)) == ("2001:db8::/32 except 2001:db8:1::/48, 2001:db8:8::/48",)


def test_few_blocks_far_apart_stand_side_by_side() -> None:
    assert _gathered("10.0.0.0/8", "192.168.0.0/16") == ("10.0.0.0/8, 192.168.0.0/16",)


def test_a_block_alone_is_itself() -> None:
    assert _gathered("0.0.0.0/0") == ("0.0.0.0/0",)
    assert _gathered("203.0.113.7/32") == ("203.0.113.7/32",)


def test_many_blocks_far_apart_keep_a_row_each() -> None:
    names = tuple(f"10.{number}.0.0/16" for number in range(0, 40, 2))
    assert _gathered(*names) == names
