"""Shell scripts: what they tell whom they should not, keys that they make, certificates that they make. Never run."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netsim.posture.faults import Fault

_CONTINUED = re.compile(r"\\\r?\n")
_CREDENTIAL = r"(?:password|passwd|token|secret|api[-_]?key|access[-_]?key|private[-_]?key|key)"
_ARGUMENT = re.compile(rf"^(?:-{{0,2}}{_CREDENTIAL})=(?P<value>.+)$", re.IGNORECASE)
_HEADER = re.compile(
    r"(?:x-vault-token|authorization|x-api-key|private-token)\s*:\s*(?:bearer\s+|basic\s+)?(?P<value>\S+)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(rf"^(?:export\s+)?\w*{_CREDENTIAL}=(?P<value>\S+)$", re.IGNORECASE)
_TOKEN = re.compile(
    r"^(?:hvs?\.|s\.)[\w.-]{8,}$|^gh[pousr]_\w{20,}$|^eyJ[\w-]{10,}\.[\w-]+\.|^AKIA[0-9A-Z]{16}$|^xox[bap]-"
)
_VAULT_PATH = re.compile(r"/v1/secret/(?!data/|metadata/|config\b|delete/|undelete/|destroy/)(?P<path>[\w/-]+)")
_MAKES_KEY = re.compile(r"openssl\s+rand|/dev/u?random|vault\s+kv\s+put|vault\s+write")
_ABOUT_ENCRYPTION = re.compile(r"encrypt|EncryptionConfig", re.IGNORECASE)
_REWRITES = re.compile(r"kubectl\s+get\s+.*secrets?.*\|\s*kubectl\s+replace", re.DOTALL)
_PIPED = re.compile(r"\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b")
_INSECURE = re.compile(
    r"\bcurl\b[^|;&]*\s(?:-k|--insecure|-[a-zA-Z]*k[a-zA-Z]*)(?:\s|$)|--insecure-skip-tls-verify(?!=false)|--no-check-certificate"
    r"|VAULT_SKIP_VERIFY=(?:1|true)"
)
_RUNS_PIPE = frozenset({"|", "||", "&&", ";", "&"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command line of a script, with its continuations."""

    number: int
    text: str

    @property
    def words(self) -> list[str]:
        """Its words as a shell would split them, expansions left alone."""
        try:
            return shlex.split(self.text, comments=True)
        except ValueError:
            return self.text.split()


def lines(text: str) -> Iterator[Line]:
    """Yield every line that holds a command, with its continuations joined."""
    number = 1
    for each in _CONTINUED.sub(lambda match: "\0" * match.group().count("\n"), text).split("\n"):
        shown = each.replace("\0", " ").strip()
        if shown and not shown.startswith("#"):
            yield Line(number=number, text=shown)
        number += 1 + each.count("\0")


def script_faults(text: str) -> Iterator[Fault]:
    """Yield what each line of a script gives away."""
    for line in lines(text):
        if argument := _secret_argument(line):
            message = f"is started with {argument}=..., a secret"
            yield Fault(check="secret-on-command-line", line=line.number, message=message, path=(line.words[0],))
        if name := _token(line):
            yield Fault(check="secret-token-in-script", line=line.number, message=f"holds a value of {name}")
        if found := _VAULT_PATH.search(line.text):
            message = f"asks for {found.group()}; with version 2 of the engine it is /v1/secret/data/{found['path']}"
            yield Fault(check="vault-kv2-path", line=line.number, message=message)
        if _PIPED.search(line.text):
            yield Fault(check="script-pipe-to-shell", line=line.number)
        if _INSECURE.search(line.text):
            yield Fault(check="script-insecure-tls", line=line.number)


def _secret_argument(line: Line) -> str:
    """Return the name of an argument whose value is a secret; not of what a variable or a file holds."""
    words = line.words
    program = next((word for word in words if "=" not in word and word not in ("sudo", "env", "export")), "")
    if not program or words[0] == "export" or program not in words:
        return ""
    following = words[words.index(program) + 1 :]
    for word in following:
        match = _ARGUMENT.match(word)
        # A value from a file or standard input stands in no list of processes; one that a shell expands does.
        if match and not match["value"].startswith(("@", "/", "file:", "./")) and match["value"] != "-":
            return word.partition("=")[0]
    return ""


def _token(line: Line) -> str:
    for pattern, name in ((_HEADER, "a header"), (_ASSIGNED, "a variable")):
        for word in (line.text, *line.words):
            match = pattern.search(word)
            value = match["value"].strip("\"'") if match else ""
            if value and not value.startswith(("$", "<", "@", "{", "/")):
                return name
    return "a token" if any(_TOKEN.match(word) for word in line.words) else ""


def key_faults(text: str, *, has_kms: bool) -> Iterator[Fault]:
    """Yield what a script leaves out that makes or stores a key of encryption at rest.

    Args:
        has_kms: Whether the input holds a configuration with a KMS plugin.
    """
    making = next((line for line in lines(text) if _MAKES_KEY.search(line.text)), None)
    if making is None or not _ABOUT_ENCRYPTION.search(text):
        return
    if not _REWRITES.search(text):
        message = "makes or stores a key of encryption, and rewrites no object"
        yield Fault(check="no-rotation-steps", line=making.number, message=message)
    if re.search(r"\bvault\b", text) and not has_kms:
        yield Fault(check="vault-not-connected", line=making.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a script makes with openssl: files, by the line that makes them."""

    files: tuple[tuple[str, int], ...]


def openssl_faults(text: str) -> Iterator[Fault]:
    """Yield what is wrong with the certificates that a script would make with openssl."""
    for line in _openssl(text):
        words, options = line.words, set(line.words)
        days = _days(words)
        is_authority = words[1:2] == ["req"] and "-x509" in options
        signs = words[1:2] == ["x509"] and "-req" in options
        if is_authority and days > 5 * 366:
            message = f"makes an authority for {days} days"
            key = ", with its key unencrypted" if options & {"-nodes", "-noenc"} or "genrsa" in text else ""
            yield Fault(check="cert-long-lived-ca", line=line.number, message=message + key)
        if signs and not options & {"-extfile", "-extensions", "-copy_extensions"}:
            yield Fault(check="cert-no-san", line=line.number, message="signs a certificate without extensions")
        if signs and days:
            yield Fault(check="cert-no-renewal", line=line.number, message=f"makes a certificate for {days} days, once")


def _openssl(text: str) -> Iterator[Line]:
    return (line for line in lines(text) if line.words[:1] == ["openssl"])


def _days(words: Sequence[str]) -> int:
    following = [words[number + 1] for number, word in enumerate(words[:-1]) if word == "-days"]
    return int(following[0]) if following and following[0].isdigit() else 0


def made(text: str) -> Made:
    """Return the files that a script makes with openssl."""
    found = [
        (line.words[number + 1].rpartition("/")[2], line.number)
        for line in _openssl(text)
        for number, word in enumerate(line.words[:-1])
        if word == "-out"
    ]
    return Made(files=tuple(found))
