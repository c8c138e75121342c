"""A truth table that can be read."""

from io import StringIO

import netsim
from netsim.ir.truth import Truth
from netsim.queries import Matrix
from netsim.render import written

TABLE: dict[str, dict[str, Truth]] = {
    "shop/a": {"shop/a": True, "shop/b": False},
    "shop/b": {"shop/a": None, "shop/b": True},
}


def test_a_dot_is_allowed_a_cross_denied_and_a_question_mark_unknown() -> None:
    assert "".join(written(Matrix(port="80/TCP", table=TABLE), "text")) == (
        "TCP 80: . allowed, X denied, ? unknown; a row opens, a column accepts\n"
        "\n"
        "         1 2\n"
        "1 shop/a . X\n"
        "2 shop/b ? .\n"
    )


def test_numbers_of_two_digits_are_written_downwards() -> None:
    pods = [f"shop/{number:02}" for number in range(1, 12)]
    table: dict[str, dict[str, Truth]] = {one: {other: one == other for other in pods[8:]} for one in pods}
    lines = "".join(written(Matrix(port="80/TCP", table=table), "text")).splitlines()
    assert lines[2] == "             1 1"
    assert lines[3] == "           9 0 1"


def test_a_destination_that_is_no_row_is_named_all_the_same() -> None:
    matrix = Matrix(port="80/TCP", table={"shop/a": {"shop/b": False}})
    assert "".join(written(matrix, "text")).splitlines()[2:] == ["         2", "1 shop/a X", "2 shop/b"]


def test_csv_spells_unknown_out() -> None:
    assert "shop/b,shop/a,unknown\n" in "".join(written(Matrix(port="80/TCP", table=TABLE), "csv"))


POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop}
spec: {containers: [{name: one, image: one}]}
status: {podIP: 10.0.0.%d}
---
"""


def test_a_table_of_a_family_that_no_address_is_of_says_what_a_verdict_does() -> None:
    cluster = netsim.load(StringIO(POD % ("a", 1) + POD % ("b", 2)))
    assert cluster.query("shop/a", "shop/b", port=80, family="IPv6").allowed is True
    assert cluster.matrix(port=80, family="IPv6")["shop/a"]["shop/b"] is True
