"""Dockerfiles: who runs, on what, with what in it. Never built."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from netsim.ir.finding import Severity
from netsim.knowledge import outdated_bases
from netsim.posture.faults import Fault

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_TOOLS = re.compile(r"\b(?:apk\s+add|apt(?:-get)?\s+install|yum\s+install|dnf\s+install)\b(?P<rest>[^&;|]*)")
_OF_INTRUDERS = frozenset({"curl", "wget", "netcat", "nc", "ncat", "nmap", "socat", "gcc", "make", "git", "telnet"})
_CREDENTIAL = re.compile(
    r"\b\w*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_?KEY|ACCESS_KEY)\w*[= ](?P<value>\S+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction: ``FROM``, ``RUN``, ..., in capitals."""

    line: int
    name: str
    rest: str


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile, continuations joined, comments left out."""
    number = 1
    kept = "\n".join("" if line.lstrip().startswith("#") else line for line in text.split("\n"))
    for each in _CONTINUED.sub("\0", kept).split("\n"):
        name, _, rest = each.replace("\0", " ").strip().partition(" ")
        if name:
            yield Instruction(line=number, name=name.upper(), rest=rest.strip())
        number += 1 + each.count("\0")


def dockerfile_faults(text: str, now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with a Dockerfile; of its stages, the last one is the image."""
    every = list(instructions(text))
    starts = [index for index, each in enumerate(every) if each.name == "FROM"]
    if not starts:
        return
    names = {stage for index in starts if (stage := _stage(every[index].rest))}
    for index in starts:
        yield from _of_base(every[index], names, f"{now:%Y-%m}")
    last = every[starts[-1] :]
    yield from _of_user(last)
    yield from _of_contents(last)
    for each in every:
        if (
            each.name in ("ENV", "ARG")
            and (found := _CREDENTIAL.search(each.rest))
            and not found["value"].startswith("$")
        ):
            yield Fault(check="image-secret-in-build", line=each.line, message=f"{each.name} holds a credential")


def _stage(rest: str) -> str:
    words = rest.split()
    return words[-1] if len(words) > 2 and words[-2].upper() == "AS" else ""


def _of_base(start: Instruction, stages: set[str], month: str) -> Iterator[Fault]:
    image = next((word for word in start.rest.split() if not word.startswith("--")), "")
    if not image or image in stages or image == "scratch" or "$" in image:
        return
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    ended = next((each for each in outdated_bases() if each.covers(name, tag) and each.since <= month), None)
    if ended:
        message = f"is built on {image}, out of support since {ended.since}"
        yield Fault(check="image-base-outdated", line=start.line, message=message)
    elif "@" not in image:
        moves = tag in ("", "latest")
        message = f"is built on {image}, which is {'whatever is newest' if moves else 'a tag, and no digest'}"
        severity = Severity.MEDIUM if moves else None
        yield Fault(check="image-base-mutable", line=start.line, message=message, severity=severity)


def _of_user(last: Sequence[Instruction]) -> Iterator[Fault]:
    users = [each for each in last if each.name == "USER"]
    if not users:
        yield Fault(check="image-runs-as-root", line=last[0].line, message="has no USER: that of the base, often root")
        return
    name = users[-1].rest.split()[0].partition(":")[0] if users[-1].rest else ""
    if name in ("root", "0"):
        yield Fault(check="image-runs-as-root", line=users[-1].line, message=f"has the USER {name}")
    elif not name.isdigit() and not name.startswith("$"):
        yield Fault(check="image-user-not-numeric", line=users[-1].line, message=f"has the USER {name}")


def _of_contents(last: Sequence[Instruction]) -> Iterator[Fault]:
    user = next((each.rest.partition(":")[0] for each in reversed(last) if each.name == "USER"), "")
    for each in last:
        words = [word for word in each.rest.split() if not word.startswith("--")]
        if each.name in ("COPY", "ADD") and "--from" not in each.rest and words[:1] and words[0] in (".", "./", "*"):
            yield Fault(check="image-copy-everything", line=each.line, message=f"has {each.name} {' '.join(words)}")
        if (
            each.name == "ADD"
            and words[:1]
            and words[0].startswith(("http://", "https://"))
            and "--checksum" not in each.rest
        ):
            yield Fault(check="image-remote-add", line=each.line)
        if user and user not in ("root", "0") and _gives(each, user):
            yield Fault(check="image-user-owns-code", line=each.line, message=f"gives {user} its own program")
        if each.name == "RUN" and (tools := _tools(each.rest)):
            yield Fault(check="image-curl-in-production", line=each.line, message=f"installs {', '.join(tools)}")


def _gives(each: Instruction, user: str) -> bool:
    owner = re.escape(user)
    if each.name == "RUN":
        return re.search(rf"\bchown\s+(?:-\S+\s+)*{owner}\b", each.rest) is not None
    return each.name in ("COPY", "ADD") and re.search(rf"--chown={owner}\b", each.rest) is not None


def _tools(command: str) -> list[str]:
    installed = [word for found in _TOOLS.finditer(command) for word in found["rest"].split()]
    return [word for word in dict.fromkeys(installed) if word.partition("=")[0] in _OF_INTRUDERS]
