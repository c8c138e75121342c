"""Rego: by the user's own ``opa`` where it is on PATH, else by regopy, whose dialect is version 1."""

import atexit
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from netsim.ir.admission import NotEvaluatedError

#: What no offline engine can answer; to let it run would be to ask somebody else, or to take nothing for an answer.
_ELSEWHERE = ("http.send", "external_data", "data.inventory", "net.lookup_ip_addr", "opa.runtime", "review.userInfo")
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
    found = _by_opa(opa, modules, input_, query) if opa else _by_regopy(tuple(modules), input_, query)
    # A rule read in the wrong dialect becomes a mapping, and an empty one looks like no violation.
    if not isinstance(found, list):
        raise NotEvaluatedError("the engine gave no set of violations")
    return [each if isinstance(each, Mapping) else {"msg": str(each)} for each in found]


def _by_opa(opa: str, modules: Sequence[str], input_: Mapping[str, Any], query: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        for number, module in enumerate(modules):
            Path(folder, f"{number}.rego").write_text(module, encoding="utf-8")
        dialect = [] if any("import rego.v1" in module for module in modules) else ["--v0-compatible"]
        asked = ["--format", "json", "--data", folder, "--stdin-input", query]
        ran = _run([opa, "eval", *dialect, *asked], input_)
        if ran.returncode and dialect and "unknown flag" in ran.stderr:
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


def _by_regopy(modules: tuple[str, ...], input_: Mapping[str, Any], query: str) -> Any:
    interpreter = _interpreter(modules)
    try:
        interpreter.set_input(input_)
        answer = interpreter.query(query)
        found = json.loads(str(answer))
    except Exception as error:
        raise NotEvaluatedError(f"regopy: {str(error).strip()[:300]}") from error
    if not answer.ok() or not found.get("expressions"):
        raise NotEvaluatedError(f"regopy: {str(answer)[:300]}")
    return found["expressions"][0]


@cache
def _interpreter(modules: tuple[str, ...]) -> Any:
    try:
        from regopy import Interpreter, LogLevel
    except ImportError:
        raise NotEvaluatedError("no engine for Rego: install netsim[admission], or put opa on PATH") from None
    interpreter = Interpreter()
    interpreter.log_level = LogLevel.NONE
    for number, module in enumerate(modules):
        try:
            interpreter.add_module(f"module{number}", modern(module))
        except Exception as error:
            raise NotEvaluatedError(f"regopy: {str(error).strip()[:300]}") from error
    return interpreter


# The library frees its interpreters by functions of its own, which are gone once Python itself is closing.
atexit.register(_interpreter.cache_clear)


def modern(module: str) -> str:
    """Return a module of version 0 as one of version 1: the heads of its rules say ``if`` and ``contains``."""
    bare = _KEYWORDS.sub("", module)
    out, position = [], 0
    for start, brace in _bodies(bare):
        head = bare[start:brace].strip()
        out += [bare[position:start], _head(head), " "]
        position = brace
    text = _DEFAULT.sub(r"\1 :=", "".join([*out, bare[position:]]))
    return _PACKAGE.sub(lambda found: f"{found.group()}\n\nimport rego.v1", text, count=1)


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
            index = _after_text(module, index)
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


def _after_text(module: str, index: int) -> int:
    quote, index = module[index], index + 1
    while index < len(module) and module[index] != quote:
        index += 2 if module[index] == "\\" and quote == '"' else 1
    return index + 1
