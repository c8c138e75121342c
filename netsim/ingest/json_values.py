"""The JSON values of a text, and where it stops being JSON."""

import json
import re

import msgspec

from netsim.errors import Problem
from netsim.ingest.refusals import TEMPLATE_HINT, TOO_DEEP
from netsim.ingest.text import Text, problem_at

_BLANK = re.compile(rb"[ \t\r\n]*")
_MALFORMED = re.compile(r"malformed: (.*) \(byte (\d+)\)")
#: Reads without keeping anything.
_DECODER = json.JSONDecoder(object_pairs_hook=lambda _: None, parse_int=len, parse_float=len)


def json_values(text: Text) -> tuple[list[tuple[int, msgspec.Raw]], Problem | None]:
    """Return the values that stand one after another, each with its offset in bytes; and what is wrong after them.

    The problem is NS102 where the text is no JSON, NS104 where it nests without end.
    """
    try:
        whole = msgspec.json.decode(text.data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        # One value is the rule. The standard library takes several, and says where each ends and where it fails.
        return _several(text)
    return [(_after_blanks(text.data, 0), whole)], None


def _several(text: Text) -> tuple[list[tuple[int, msgspec.Raw]], Problem | None]:
    decoded = text.data.decode()
    found: list[tuple[int, msgspec.Raw]] = []
    # The same place, in bytes and in characters.
    offset = character = _after_blanks(text.data, 0)
    while offset < len(text.data):
        try:
            _, end = _DECODER.raw_decode(decoded, character)
            value = decoded[character:end].encode()
            found.append((offset, msgspec.json.decode(value, type=msgspec.Raw)))
        except json.JSONDecodeError as error:
            at = offset + len(decoded[character : error.pos].encode())
            return found, _problem(text, at, "NS102", f"no JSON: {error.msg}")
        except msgspec.DecodeError as error:
            malformed = _MALFORMED.search(str(error))
            why, byte = malformed.groups() if malformed else ("half of a surrogate pair", 0)
            return found, _problem(text, offset + int(byte), "NS102", f"no JSON: {why}")
        except RecursionError:
            return found, _problem(text, offset, "NS104", TOO_DEEP)
        following = _after_blanks(text.data, offset + len(value))
        character = end + following - (offset + len(value))
        offset = following
    return found, None


def _after_blanks(data: bytes, at: int) -> int:
    match = _BLANK.match(data, at)
    return match.end() if match else at


def _problem(text: Text, at: int, code: str, message: str) -> Problem:
    line = text.data[text.data.rfind(b"\n", 0, at) + 1 :].split(b"\n", 1)[0]
    hint = TEMPLATE_HINT if b"{{" in line else "what follows in this file was not read"
    return problem_at(text.file, text.data, at, code, message, hint=hint)
