"""What the README tells a newcomer to run is what continuous integration runs."""

import re

from tests.quality.tree import REPOSITORY

FENCE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = [block for block in FENCE.findall(readme) if re.search(r"^(?:.*&& )?pytest\b", block, re.MULTILINE)]
    assert len(blocks) == 1, "README.md has one shell block that runs pytest"

    # A comment or a prompt is for the reader; `a && b` is two commands.
    told = [part.partition("  #")[0].strip() for line in blocks[0].splitlines() for part in line.split(" && ")]
    ran = [line.strip() for line in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()]
    missing = [command for command in told if command and not command.startswith("#") and command not in ran]
    assert not missing, f".ci/run does not run {missing}"
