"""The scalars of YAML, as kubectl reads them.

kubectl turns YAML 1.1 into JSON before it looks at it, and its dialect is nobody else's: ``y`` and ``on`` are true,
``0644`` and ``0o644`` are 420, ``08`` is 8, dates and ``1:20`` stay texts, ``1e3`` is 1000 and ``1e999`` a text.

Source: ``tests/conformance/test_yaml_scalars.py`` compares this with kubectl itself.
"""

import base64
import binascii
import math
import re
import struct
from collections.abc import Iterable

Scalar = str | bool | int | float | None

#: The first characters of the plain scalars that may be something else than text; the empty scalar is null.
HINTS = frozenset(["", *"+-.0123456789yYnNtTfFoO~"])

_TAG = "tag:yaml.org,2002:"
_TAG_TYPES = {"bool": (bool,), "int": (int,), "float": (int, float), "null": (type(None),)}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_BASES = (16, 2, 8, 10)
_LONGEST_INTEGER = 100
_INTEGERS = range(-(2**63), 2**64)
_KEY_INTEGERS = range(-(2**63), 2**63)
#: From here on kubectl writes a float with an exponent, and it stays one.
_FIRST_EXPONENT = 1e21


def _casings(words: str) -> Iterable[str]:
    for word in words.split():
        yield from (word, word.capitalize(), word.upper())


_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(_casings("y yes true on"), True),
    **dict.fromkeys(_casings("n no false off"), False),
    **dict.fromkeys(["", "~", *_casings("null")], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **dict.fromkeys([sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
}


def plain(text: str) -> Scalar:
    """Return what an unquoted scalar without a tag means; floats are not yet JSON's."""
    if text[:1] not in HINTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _number(text)
    return text if number is None else number


def tagged(tag: str, text: str) -> Scalar:
    """Return what a scalar with an explicit tag means; a tag that YAML does not define leaves the text alone.

    Raises:
        ValueError: The text is nothing of the tag's type.
    """
    name = tag.removeprefix(_TAG)
    if name == "binary":
        return _binary(text)
    if name == tag or name not in _TAG_TYPES:
        return text
    value = plain(text)
    if type(value) not in _TAG_TYPES[name]:
        raise ValueError(f"`{text}` is no !!{name}")
    return value


def json_value(value: Scalar) -> Scalar:
    """Return the value as it arrives in JSON, where 8e1 is 80.

    Raises:
        ValueError: JSON has no infinity and no NaN.
    """
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise ValueError("JSON has no infinity and no NaN")
    return integral(value)


def integral(value: float) -> int | float:
    """Return a finite number as kubectl writes it into JSON: 80.0 and 8e1 as 80."""
    return int(value) if value.is_integer() and abs(value) < _FIRST_EXPONENT else value


def key_text(value: object) -> str:
    """Return a mapping's key as the text that JSON needs: ``true`` for ``yes``, ``16`` for ``0x10``.

    Raises:
        ValueError: kubectl refuses null and integers beyond 64 bits as a key; and what is no scalar at all.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_key(value)
    if not isinstance(value, int) or value not in _KEY_INTEGERS:
        raise ValueError(f"{'null' if value is None else value} is no key")
    return str(value)


def _number(text: str) -> int | float | None:
    if text.startswith("."):
        return _finite(text) if _LEADING_POINT.fullmatch(text) else None
    digits = text.replace("_", "")
    # Python refuses to read integers of thousands of digits, with the error that means something else here.
    match = _INTEGER.fullmatch(digits) if len(digits) <= _LONGEST_INTEGER else None
    if match:
        sign, *groups = match.groups()
        value = next(int(sign + group, base) for group, base in zip(groups, _BASES, strict=True) if group is not None)
        if value in _INTEGERS:
            return value
    return _finite(digits) if _FLOAT.fullmatch(digits) else None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode(errors="replace")
    except binascii.Error as error:
        raise ValueError("!!binary holds no base64 data") from error


def _float_key(value: float) -> str:
    """Return the shortest text that is the same number in 32 bits, which is how kubectl writes such keys."""
    single = _single(value)
    if not math.isfinite(single):
        return ".nan" if math.isnan(single) else ".inf" if single > 0 else "-.inf"
    digits = next(n for n in range(1, 10) if _single(float(f"{single:.{n}g}")) == single)
    mantissa, exponent = f"{single:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) < 6:
        return f"{single:.{max(digits - 1 - int(exponent), 0)}f}"
    return f"{mantissa}e{exponent}"


def _single(value: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)
