"""Rego: by the user's own ``opa`` where it is on PATH, else by regopy, whose dialect is version 1."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.regorefs import Alone, after_text, closing, uncommented
from netsim.posture.regoworker import asked

#: What no offline engine can answer; to let it run would be to ask somebody else, or to take nothing for an answer.
_ELSEWHERE = (
    "http.send",
    "external_data",
    "data.inventory",
    "net.lookup_ip_addr",
    "opa.runtime",
    "userInfo",
    "_unstable",
)
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)", re.MULTILINE)
_IDENTIFIER = r"[A-Za-z_]\w*"
#: Heads of rules in version 0, from the start of a line to the brace that opens their body.
_HEADS = (
    (
        re.compile(rf"^(?P<name>{_IDENTIFIER})\[(?P<key>.+)\]\s*:?=\s*(?P<value>.+)$", re.DOTALL),
        "{name}[{key}] := {value} if",
    ),
    (re.compile(rf"^(?P<name>{_IDENTIFIER})\[(?P<key>.+)\]$", re.DOTALL), "{name} contains {key} if"),
    (re.compile(rf"^(?P<name>{_IDENTIFIER}(?:\(.*\))?)\s*:?=\s*(?P<value>.+)$", re.DOTALL), "{name} := {value} if"),
    (re.compile(rf"^(?P<name>{_IDENTIFIER}(?:\(.*\))?)$", re.DOTALL), "{name} if"),
    (re.compile(r"^else\s*:?=\s*(?P<value>.+)$", re.DOTALL), "else := {value} if"),
    (re.compile(r"^else$"), "else if"),
)
_NEW = re.compile(r"\b(?:if|contains)\s*$|\bcontains\b.+\bif\s*$", re.DOTALL)
_KEYWORDS = re.compile(r"^\s*import\s+(?:future\.keywords[\w.]*|rego\.v1)\s*$", re.MULTILINE)
_DEFAULT = re.compile(rf"^(\s*default\s+{_IDENTIFIER}(?:\([^)]*\))?)\s*=(?!=)", re.MULTILINE)
#: A body of one literal, without braces.
_ONE_LINE = re.compile(r"^(?P<head>[^\s].*?\bif[ \t]+)(?P<body>[^{\s].*)$", re.MULTILINE)
#: Built-in functions that version 1 lacks.
_RENAMED = tuple(
    (re.compile(rf"(?<![\w.]){old}(?=\()"), new)
    for old, new in (("re_match", "regex.match"), ("any", "netsim_any"), ("all", "netsim_all"))
)
_HELPERS = {
    "netsim_any": "netsim_any(values) := true if { values[_] == true } else := false",
    "netsim_all": "netsim_all(values) := false if { value := values[_]; value != true } else := true",
}
_SECONDS = 20


def violations(modules: Sequence[str], input_: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a template's rule ``violation`` says of an input; the first module is the template's own.

    Raises:
        NotEvaluatedError: There is no engine, or the modules need what is not here.
    """
    for module in modules:
        if wanted := next((each for each in _ELSEWHERE if each in module), None):
            raise NotEvaluatedError(f"it asks for {wanted}")
    package = _PACKAGE.search(modules[0])
    if package is None:
        raise NotEvaluatedError("the Rego has no package")
    query = f"data.{package[1]}.violation"
    opa = shutil.which("opa")
    found = (
        _by_opa(opa, modules, input_, query) if opa else asked([alone(modern(each)) for each in modules], input_, query)
    )
    # A rule read in the wrong dialect becomes a mapping, and an empty one looks like no violation.
    if not isinstance(found, list):
        raise NotEvaluatedError("the engine gave no set of violations")
    return [each if isinstance(each, Mapping) else {"msg": str(each)} for each in found]


def _by_opa(opa: str, modules: Sequence[str], input_: Mapping[str, Any], query: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        for number, module in enumerate(modules):
            Path(folder, f"{number}.rego").write_text(module, encoding="utf-8")
        dialect = ["--v0-compatible"]  # a module that imports rego.v1 is of version 1 all the same
        asked = ["--format", "json", "--data", folder, "--stdin-input", query]
        ran = _run([opa, "eval", *dialect, *asked], input_)
        if ran.returncode and "unknown flag" in ran.stderr:
            ran = _run([opa, "eval", *asked], input_)  # before 1.0 version 0 is what opa reads
    if ran.returncode != 0:
        raise NotEvaluatedError(f"opa: {(ran.stderr or ran.stdout).strip()[:300]}")
    try:
        results = json.loads(ran.stdout).get("result", [])
        # Where a rule is undefined there is no result; a set of violations is empty then, and never undefined.
        return results[0]["expressions"][0]["value"] if results else None
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise NotEvaluatedError(f"opa said what was not understood: {ran.stdout.strip()[:200]}") from error


def _run(command: Sequence[str], input_: Mapping[str, Any]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 - the user's own program, by its full path, on a file of ours
            command, input=json.dumps(input_), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotEvaluatedError(f"opa: {error}") from error


def modern(module: str) -> str:
    """Return a module of version 0 as one of version 1: the heads of its rules say ``if`` and ``contains``."""
    bare = _KEYWORDS.sub("", module)
    out, position = [], 0
    for start, brace in _bodies(bare):
        head = bare[start:brace].strip()
        out += [bare[position:start], _head(head), " "]
        position = brace
    text = _DEFAULT.sub(r"\1 :=", "".join([*out, bare[position:]]))
    for form, name in _RENAMED:
        text = form.sub(name, text)
    helpers = [helper for name, helper in _HELPERS.items() if f"{name}(" in text]
    text = "\n".join([text, *helpers])
    return _PACKAGE.sub(lambda found: f"{found.group()}\n\nimport rego.v1", text, count=1)


def alone(module: str) -> str:
    """Return a module of version 1 in which each reference that enumerates stands alone."""
    text = _ONE_LINE.sub(r"\g<head>{ \g<body> }", uncommented(module))
    bodies, out, position = Alone(), list[str](), 0
    for _, brace in _bodies(text):
        end = closing(text, brace)
        out += [text[position : brace + 1], bodies.body(text[brace + 1 : end])]
        position = end
    return "".join([*out, text[position:]])


def _head(head: str) -> str:
    if not head or _NEW.search(head):
        return head
    for pattern, form in _HEADS:
        if found := pattern.fullmatch(head):
            return form.format(**{key: value.strip() for key, value in found.groupdict().items()})
    raise NotEvaluatedError(f"the head of a rule was not understood: {head[:80]}")


def _bodies(module: str) -> list[tuple[int, int]]:
    """Return, for each rule with a body, where its head starts and where the brace stands that opens the body."""
    found: list[tuple[int, int]] = []
    depth, start, index = 0, 0, 0
    while index < len(module):
        character = module[index]
        if character in '"`':
            index = after_text(module, index)
            continue
        if character == "#":
            index = module.find("\n", index)
            if index < 0:
                break
            continue
        if character in "([{":
            if depth == 0 and character == "{" and _opens_body(module[start:index]):
                found.append((_skip(module, start), index))
            depth += 1
        elif character in ")]}":
            depth -= 1
            start = index + 1 if depth == 0 and character == "}" else start
        elif character == "\n" and depth == 0:
            start = index + 1
        index += 1
    return found


def _skip(module: str, start: int) -> int:
    while start < len(module) and module[start].isspace():
        start += 1
    return start


def _opens_body(head: str) -> bool:
    """Is a brace after this text the start of a body, and no object or set: ``x = {``?"""
    text = head.strip()
    return bool(text) and not text.startswith(("import", "package", "default", "#")) and not text.endswith(("=", ":="))
