"""Findings: how they are ordered, and what they are known by."""

from dataclasses import replace

from netsim.ir.finding import Finding, Severity, by_severity, worst_first

FOUND = Finding(
    code="NS901", severity=Severity.LOW, object="NetworkPolicy shop/cart", file="a.yaml", line=3, message=""
)


def test_severities_are_ordered_from_the_worst() -> None:
    assert [severity.rank for severity in Severity] == [0, 1, 2, 3, 4]
    high = replace(FOUND, severity=Severity.HIGH)
    assert worst_first([FOUND, high]) == (high, FOUND)


def test_findings_that_are_as_bad_stay_in_their_order_where_it_is_the_review_s() -> None:
    first, high = replace(FOUND, code="NS902"), replace(FOUND, severity=Severity.HIGH)
    assert by_severity([first, FOUND, high]) == (high, first, FOUND)
    assert worst_first([first, FOUND, high]) == (high, FOUND, first)


def test_a_finding_keeps_its_key_when_its_line_its_file_or_its_words_change() -> None:
    moved = replace(FOUND, file="b.yaml", line=9, message="said otherwise", severity=Severity.HIGH)
    assert moved.key == FOUND.key == "NS901 NetworkPolicy shop/cart"


def test_two_findings_of_one_code_on_one_object_are_told_apart_by_their_identity() -> None:
    assert replace(FOUND, identity="ingress[0]").key != replace(FOUND, identity="ingress[1]").key


def test_a_finding_without_a_place_says_so_in_json() -> None:
    found = replace(FOUND, file="", line=0, evidence=(("from", "shop/web"),)).to_dict()
    assert (found["file"], found["line"], found["evidence"]) == (None, None, {"from": "shop/web"})
