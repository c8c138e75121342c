"""What one file holds, as UTF-8."""

import codecs

from netsim.errors import Problem

#: Texts of up to so many bytes are read in full, with the position of every field. In larger ones, the dumps of whole
#: clusters, an object is looked at again when something about it is asked for.
EXACT_LIMIT = 5_000_000

#: Where an object lives that does not say it (S2.1), except where a program that renders it was told otherwise.
DEFAULT_NAMESPACE = "default"

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK = 1 << 20
_HINT = "write the file in UTF-8"


class Text:
    """What one file holds.

    Attributes:
        file: As a user would open it: a path, ``<stdin>``, ``git:REV:path``.
        is_ascii: Whether every character is one byte.
        data: UTF-8, without a byte order mark and without NUL.
        namespace: Where objects live that do not say it.
    """

    __slots__ = ("_decoded", "data", "file", "is_ascii", "namespace")

    def __init__(self, file: str, data: bytes, namespace: str = DEFAULT_NAMESPACE) -> None:
        self.file = file
        self.data = data
        self.namespace = namespace
        self.is_ascii = data.isascii()
        self._decoded: str | None = None

    def between(self, start: int, end: int) -> str:
        """Return the text from character ``start`` to before character ``end``."""
        if self.is_ascii:
            return self.data[start:end].decode()
        if self._decoded is None:
            self._decoded = self.data.decode()
        return self._decoded[start:end]


def decode(file: str, raw: bytes, problems: list[Problem]) -> Text | None:
    """Return the text of a file in UTF-8 or, with a byte order mark, UTF-16; None, and NS102, where it is no text."""
    encoding = "utf-8"
    for mark, named in _MARKS:
        if raw.startswith(mark):
            raw, encoding = raw[len(mark) :], named
            break
    try:
        data = _checked(raw) if encoding == "utf-8" else raw.decode(encoding).encode()
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is no {encoding.upper()}: {error.reason}"
        problems.append(problem_at(file, raw, error.start, "NS102", message, hint=_HINT))
        return None
    if (at := data.find(b"\0")) >= 0:
        problems.append(problem_at(file, data, at, "NS102", f"byte {at} is NUL: this is no text", hint=_HINT))
        return None
    return Text(file, data)


def problem_at(file: str, data: bytes, at: int, code: str, message: str, *, hint: str = "") -> Problem:
    """Return a problem with the byte number ``at`` of a file."""
    line_start = data.rfind(b"\n", 0, at) + 1
    return Problem(
        file=file,
        line=data.count(b"\n", 0, at) + 1,
        column=len(data[line_start:at].decode(errors="replace")) + 1,
        code=code,
        message=message,
        hint=hint,
    )


def _checked(raw: bytes) -> bytes:
    """Return the bytes if they are UTF-8; looked at in chunks, because decoded they may take four times the room."""
    if raw.isascii():
        return raw
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(raw), _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(raw[start : start + _CHUNK], final=start + _CHUNK >= len(raw))
        except UnicodeDecodeError as error:
            at = start - pending + error.start
            raise UnicodeDecodeError("utf-8", raw, at, at + 1, error.reason) from None
    return raw
