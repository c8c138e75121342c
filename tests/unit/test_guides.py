"""Guides: the code blocks of a Markdown text, however they are written, each at its lines."""

from pathlib import Path

import pytest

import netsim
from netsim.ingest.markdown import Block, blocks, heredocs

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {hostPID: true, containers: [{name: web, image: web}]}"""


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize(
    ("guide", "line"),
    [
        (f"# A\n\n```yaml\n{POD}\n```\n", 4),
        (f"~~~ yaml title=`pod`\n{POD}\n```\n~~~~\n".replace("```\n", ""), 2),
        (f"````yaml\n{POD}\n# ```\n````\n", 2),
        (f"1. One:\n\n   ```YAML\n{_indented(POD, '   ')}\n   ```\n", 4),
        (f"\t```yml {{linenos=true}}\n{_indented(POD, chr(9))}\n\t```\n", 2),
        (f"> Quoted:\n>\n> ```yaml\n{_indented(POD, '> ')}\nrest\n", 4),
        (f"```{{.yaml .numbered}}\n{POD}\n```\n", 2),
        (f"```{{code-block}} yaml\n{POD}\n```\n", 2),
        (f"```\n{POD}\n```\n", 2),
        (f"```yaml\n{POD}\n", 2),
        (f"Indented:\n\n{_indented(POD, '    ')}\n\nrest\n", 3),
        (f"```bash\n$ cat <<'END' | kubectl apply -f -\n{POD}\nEND\n```\n", 3),
        (f"```console\n$ kubectl apply -f - <<EOF\n{_indented(POD, '> ')}\n> EOF\n```\n", 3),
        (f"```sh\ncat > web.yaml <<-END\n{_indented(POD, chr(9))}\n\tEND\n```\n", 3),
    ],
)
def test_a_block_is_found_at_its_lines(guide: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "guide.md"
    file.write_text(guide, encoding="utf-8")
    (found,) = [each for each in netsim.load(file).posture("podsec") if each.code == "NS311"]
    assert (found.object, found.line) == ("Pod shop/web", line + 3)


def test_an_object_in_json_is_found(tmp_path: Path) -> None:
    file = tmp_path / "guide.md"
    spec = '{"hostPID": true, "containers": [{"name": "c", "image": "c"}]}'
    pod = f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "web"}}, "spec": {spec}}}'
    file.write_text(f"```json\n{pod}\n```\n", encoding="utf-8")
    assert "NS311" in {each.code for each in netsim.load(file).posture("podsec")}


def test_prose_that_is_indented_is_no_command() -> None:
    (block,) = blocks("A list:\n\n    etcd is what holds it\n\n    and so on\n\nrest\n")
    assert (block.is_fenced, block.line) == (False, 3)


def test_what_is_indented_below_a_paragraph_belongs_to_it() -> None:
    assert [*blocks("A paragraph\n    goes on\n")] == []


def test_a_text_in_which_a_shell_puts_values_is_passed_over_and_told(tmp_path: Path) -> None:
    file = tmp_path / "guide.md"
    pod = POD.replace("web", "$NAME")
    file.write_text(f"```bash\ncat <<EOF\n{pod}\nEOF\ncat <<'EOF'\n{POD}\nEOF\n```\n", encoding="utf-8")
    found = netsim.load(file).posture("podsec")
    assert [str(each).partition(": ")[0] for each in found.warnings] == [f"{file}:3"]
    assert {each.object for each in found if each.code == "NS311"} == {"Pod shop/web"}


def test_what_is_a_comment_or_a_here_string_is_no_heredoc() -> None:
    assert [*heredocs(Block(language="sh", line=1, text="# cat <<EOF\ncat <<<word\necho $((1<<2))\n"))] == []


def test_two_objects_of_one_name_are_told_also_where_only_posture_tells_them_apart(tmp_path: Path) -> None:
    file = tmp_path / "guide.md"
    file.write_text(f"```yaml\n{POD}\n```\n```yaml\n{POD.replace('true', 'false')}\n```\n", encoding="utf-8")
    (told,) = netsim.load(file).posture("podsec").warnings
    assert str(told) == f"{file}:8:1: Pod shop/web replaces the one at {file}:2:1, of which nothing more is told"
