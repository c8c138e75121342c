"""The page on access lists the clauses that the definition cites, and each has wrong readings that are caught."""

import re
from pathlib import Path

from tests.agree.wrong_grants import WRONG as OF_GRANTS
from tests.agree.wrong_rights import WRONG as OF_RIGHTS

REPOSITORY = Path(__file__).resolve().parents[2]
CLAUSES = set(
    re.findall(r"^\| (A\d+) \|", (REPOSITORY / "docs" / "access.md").read_text(encoding="utf-8"), re.MULTILINE)
)


def test_every_clause_that_the_definition_cites_is_listed_and_the_other_way_round() -> None:
    texts = [(REPOSITORY / "netsim" / "spec" / name).read_text(encoding="utf-8") for name in ("access.py", "grants.py")]
    assert set(re.findall(r"\bA\d+\b", "".join(texts))) == CLAUSES


def test_every_clause_has_a_wrong_reading_that_must_be_caught() -> None:
    assert {wrong.clause for wrong in OF_RIGHTS + OF_GRANTS} == CLAUSES
