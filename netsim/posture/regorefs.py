"""Rego rewritten so that each reference that enumerates stands alone: ``f(a[i])`` as ``x = a[i]; f(x)``.

Both say the same. regopy takes an enumeration inside of an expression for no answer, or for an error: what it is given
holds none. Expressions below ``not`` are left, where no variable may be new.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_]\w*")
_STEP = re.compile(r"\.[A-Za-z_]\w*")
_CONSTANT = re.compile(r'\s*(?:-?\d+|"(?:[^"\\]|\\.)*"|`[^`]*`)\s*')
_ASSIGNED = re.compile(r"\s*[A-Za-z_]\w*\s*:?=(?!=)\s*")
_SOME = re.compile(r"\s*(?:some|every)\b.*?\bin\b", re.DOTALL)
_DECLARED = re.compile(r"\s*some\b")
_NOT = re.compile(r"\s*not\b")
_WITH = re.compile(r"\bwith\b")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def after_text(module: str, index: int) -> int:
    """Return where a quoted text ends that starts here."""
    quote, index = module[index], index + 1
    while index < len(module) and module[index] != quote:
        index += 2 if module[index] == "\\" and quote == '"' else 1
    return index + 1


def uncommented(module: str) -> str:
    """Return a module without its comments."""
    out, index = [], 0
    while index < len(module):
        end = after_text(module, index) if module[index] in '"`' else index + 1
        if module[index] == "#":
            end = index = module.find("\n", index) if "\n" in module[index:] else len(module)
        out.append(module[index:end])
        index = end
    return "".join(out)


def closing(module: str, opening: int) -> int:
    """Return where the bracket stands that closes the one here; the end of the text where none does."""
    depth, index = 0, opening
    while index < len(module):
        if module[index] in '"`':
            index = after_text(module, index)
            continue
        depth += (module[index] in "([{") - (module[index] in ")]}")
        if depth == 0:
            return index
        index += 1
    return len(module)


@dataclass(slots=True)
class Alone:
    """Bodies of rules with their references alone; names of new variables are told apart by a number."""

    _number: int = 0

    def body(self, text: str) -> str:
        """Return the literals of a body, rewritten."""
        return "".join(f"{self._literal(literal)}{end}" for literal, end in _split(text))

    def _literal(self, text: str) -> str:
        if _NOT.match(text) or _WITH.search(_outer(text)) or (_DECLARED.match(text) and not _SOME.match(text)):
            return _Expression(self, hoists=False).of(text)
        start = text[: len(text) - len(text.lstrip())]
        if found := _SOME.match(text):
            before, rest = found.group(), text[found.end() :]
            brace = rest.rstrip()[-1:] == "}" and found.group().strip().startswith("every")
            opening = _last_brace(rest) if brace else len(rest)
            expression = _Expression(self)
            domain, inner = expression.of(rest[:opening]), rest[opening:]
            if inner:
                end = closing(inner, 0)
                inner = f"{{{self.body(inner[1:end])}}}{inner[end + 1 :]}"
            return f"{start}{expression.before}{before.lstrip()}{domain}{inner}"
        found = _ASSIGNED.match(text)
        head, value = (found.group(), text[found.end() :]) if found else ("", text)
        expression = _Expression(self)
        # A reference that is the whole of a literal, or of what is assigned, stands alone already.
        made = expression.of(value, whole=True)
        if ":=" in head and expression.enumerates:
            head = _unified(head.partition(":=")[0].strip())
        elif head and ":=" not in head and "(" in made:
            # What is called is assigned: regopy unifies it with nothing of an outer body.
            name = self.fresh()
            return f"{start}{expression.before}{name} := {made.strip()}; {head.lstrip()}{name}"
        return f"{start}{expression.before}{head.lstrip()}{made if head else made.lstrip()}"

    def fresh(self) -> str:
        """Return the name of a new variable."""
        self._number += 1
        return f"netsim_{self._number}"


def _unified(name: str) -> str:
    """Return the start of a literal that gives a variable its values; an index that is assigned kills regopy."""
    return f"some {name}; {name} = "


def _last_brace(text: str) -> int:
    """Return where the last bracket of a text opens that is closed at its end."""
    index = 0
    while index < len(text):
        if text[index] in '"`':
            index = after_text(text, index)
        elif text[index] in _CLOSING:
            end = closing(text, index)
            if end >= len(text.rstrip()) - 1:
                return index
            index = end + 1
        else:
            index += 1
    return len(text)


def _outer(text: str) -> str:
    """Return a text without what it quotes."""
    return re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', '""', text)


def _plain(text: str) -> Iterator[int]:
    """Yield where each character of a text stands that is neither quoted nor in brackets."""
    index = 0
    while index < len(text):
        if text[index] in '"`':
            index = after_text(text, index)
        elif text[index] in _CLOSING:
            index = closing(text, index) + 1
        else:
            yield index
            index += 1


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Yield each literal of a body, and what ends it: a line's end, a semicolon, or nothing."""
    start = 0
    for index in _plain(text):
        if text[index] in ";\n":
            yield text[start:index], text[index]
            start = index + 1
    if text[start:]:
        yield text[start:], ""


@dataclass(slots=True)
class _Expression:
    """One expression: what has to stand before it is gathered on the way."""

    bodies: Alone
    hoists: bool = True
    enumerates: bool = False
    _before: list[str] = field(default_factory=list)

    @property
    def before(self) -> str:
        """The literals before it."""
        return "".join(f"{each}; " for each in self._before)

    def of(self, text: str, *, whole: bool = False) -> str:
        """Return a text in which no reference enumerates; if ``whole``, but for one that is all of the text."""
        out: list[str] = []
        index = 0
        while index < len(text):
            if text[index] in '"`':
                end = after_text(text, index)
                out.append(text[index:end])
            elif found := _NAME.match(text, index):
                reference, enumerates, end = self._reference(text, found.end(), found.group())
                is_whole = whole and not "".join(out).strip() and not text[end:].strip()
                self.enumerates |= enumerates and is_whole
                out.append(self._alone(reference) if enumerates and not is_whole else reference)
            elif text[index] in _CLOSING:
                end = closing(text, index) + 1
                out.append(self._bracketed(text[index:end]))
            else:
                end = index + 1
                out.append(text[index])
            index = end
        return "".join(out)

    def _reference(self, text: str, index: int, made: str) -> tuple[str, bool, int]:
        """Return the reference that starts with a name, whether it enumerates, and where it ends."""
        enumerates = False
        while index < len(text):
            if found := _STEP.match(text, index):
                made, index = made + found.group(), found.end()
            elif text[index] == "(":
                end = closing(text, index)
                made, index = f"{made}({self.of(text[index + 1 : end])})", end + 1
                if text[index : index + 1] == "[":
                    made = self._alone(made)
            elif text[index] == "[":
                end = closing(text, index)
                key = text[index + 1 : end]
                enumerates |= not _CONSTANT.fullmatch(key)
                made, index = f"{made}[{self.of(key)}]", end + 1
            else:
                break
        return made, enumerates, index

    def _alone(self, reference: str) -> str:
        if not self.hoists:
            return reference
        name = self.bodies.fresh()
        self._before.append(f"{_unified(name)}{reference}")
        return name

    def _bracketed(self, text: str) -> str:
        """Return a list, a set, an object, or a comprehension, whose body has literals of its own."""
        inner = text[1:-1]
        bar = _bar(inner)
        if bar < 0:
            return f"{text[0]}{self.of(inner)}{text[-1]}"
        return f"{text[0]}{inner[:bar]}|{self.bodies.body(inner[bar + 1 :])}{text[-1]}"


def _bar(text: str) -> int:
    """Return where the bar of a comprehension stands; -1 where there is none."""
    return next((index for index in _plain(text) if text[index] == "|"), -1)
