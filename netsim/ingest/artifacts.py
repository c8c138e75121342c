"""Inputs that are no objects: scripts, command lines, units, Dockerfiles, certificates, guides. Nothing is run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from io import BytesIO
from os import PathLike
from pathlib import Path, PurePath

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.documents import Given, Input
from netsim.ingest.etcddump import is_dump
from netsim.ingest.folders import path_files
from netsim.ingest.limits import DEFAULT_LIMITS, Limits
from netsim.ingest.markdown import Block, blocks, heredocs
from netsim.ingest.text import Text, decode
from netsim.ingest.yaml_reader import read_yaml
from netsim.ir.place import Place
from netsim.ir.snapshot import Notice


class ArtifactKind(Enum):
    """What an input is, where it is no Kubernetes object."""

    COMMANDS = "commands"
    DOCKERFILE = "Dockerfile"
    ETCD = "etcd configuration"
    CERTIFICATES = "certificates"
    DUMP = "dump of etcd"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A text that is no Kubernetes object, or a part of a guide.

    Attributes:
        file: As a user would open it.
        data: UTF-8, except of a dump. Of a part of a guide, as many empty lines stand before it as the guide has, so
            that lines are those of the file.
        document: Of an etcd configuration: its values, with their places.
    """

    kind: ArtifactKind
    file: str
    data: bytes
    document: Document | None = None

    @property
    def text(self) -> str:
        """The text, with what is no text replaced."""
        return self.data.decode(errors="replace")

    @property
    def name(self) -> str:
        """The name of the file, without its folders."""
        return PurePath(self.file).name


_SUFFIXES = {
    **dict.fromkeys((".sh", ".bash", ".service", ".txt", ".conf", ".env", ".flags"), ArtifactKind.COMMANDS),
    **dict.fromkeys((".crt", ".pem", ".cer", ".cert"), ArtifactKind.CERTIFICATES),
    **dict.fromkeys((".md", ".markdown"), ArtifactKind.GUIDE),
    **dict.fromkeys((".dockerfile", ".containerfile"), ArtifactKind.DOCKERFILE),
}
_DOCKERFILES = ("Dockerfile", "Containerfile")
_LANGUAGES = {
    **dict.fromkeys(
        ("bash", "sh", "shell", "zsh", "console", "shell-session", "ini", "systemd"), ArtifactKind.COMMANDS
    ),
    **dict.fromkeys(("dockerfile", "docker", "containerfile"), ArtifactKind.DOCKERFILE),
}
_OF_OBJECTS = frozenset({"yaml", "yml", "json"})
_KIND = re.compile(rb"^(?:kind|apiVersion)[ \t]*:|\"(?:kind|apiVersion)\"[ \t]*:", re.MULTILINE)
_EXPANDED = re.compile(r"\$[\w{(]|`")
_OF_ETCD = re.compile(
    rb"^(?:listen-(?:client|peer|metrics)-urls|advertise-client-urls|initial-advertise-peer-urls|initial-cluster"
    rb"|(?:client|peer)-transport-security)[ \t]*:",
    re.MULTILINE,
)
_COMMAND = re.compile(
    rb"^\s*(?:\$ )?(?:sudo )?(?:\S*/)?(?:etcd|kube-apiserver|kubectl|vault|openssl|curl)[ \t]", re.MULTILINE
)
_ENVIRONMENT = re.compile(rb"^(?:export )?ETCD_[A-Z0-9_]+=", re.MULTILINE)
_START = 65_536


def unnamed(inputs: Sequence[Input], most: int = 5) -> list[str]:
    """Return files in folders among the inputs that are read only where they are named, the first few of them."""
    folders = [Path(each) for each in inputs if isinstance(each, str | PathLike) and Path(each).is_dir()]
    found = (file for folder in folders for file in sorted(folder.iterdir()) if file.is_file())
    return [str(file) for file in found if file.suffix in _SUFFIXES or file.name in _DOCKERFILES][:most]


def read_artifacts(
    inputs: Sequence[Input], problems: list[Problem], *, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Input], tuple[Artifact, ...], tuple[Notice, ...]]:
    """Return the inputs that hold objects, the artifacts among the others, and what of guides was not understood.

    Only files that are named are looked at, not those below a folder. The code blocks of a guide are taken apart:
    those that hold objects become inputs of their own, in the guide's order.
    """
    rest: list[Input] = []
    found: list[Artifact] = []
    notices: list[Notice] = []
    for each in inputs:
        path = _path(each)
        kind = None if path is None else _kind(path)
        if path is None or kind is None:
            rest.append(each)
            continue
        for file, raw in path_files(path, problems, limits):
            artifact = Artifact(kind=kind, file=file, data=raw)
            if kind is not ArtifactKind.DUMP:
                text = decode(file, raw, problems)
                if text is None:
                    continue
                artifact = replace(artifact, data=text.data)
            if kind is ArtifactKind.GUIDE:
                objects, parts = _of_guide(artifact, problems, notices)
                rest += objects
                found += parts
            else:
                found += _whole(artifact, problems)
    return rest, tuple(found), tuple(notices)


def _path(each: Input) -> Path | None:
    if isinstance(each, Given) or not isinstance(each, str | PathLike):
        return None
    path = Path(each)
    return path if path.is_file() else None


def _kind(path: Path) -> ArtifactKind | None:
    """Return what a file is by its name, and where that says nothing by its start; None where it holds objects."""
    if path.name in _DOCKERFILES or path.name.startswith(tuple(f"{name}." for name in _DOCKERFILES)):
        return ArtifactKind.DOCKERFILE
    if path.suffix.lower() in (".yaml", ".yml"):
        start = _start(path)
        is_etcd = not _KIND.search(start) and (_OF_ETCD.search(start) or path.name.startswith("etcd"))
        return ArtifactKind.ETCD if is_etcd else None
    start = _start(path).lstrip()
    if is_dump(start):
        return ArtifactKind.DUMP
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    if start.startswith(b"#!") or _ENVIRONMENT.search(start):
        return ArtifactKind.COMMANDS
    return ArtifactKind.CERTIFICATES if b"-----BEGIN CERTIFICATE-----" in start else None


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_START)
    except OSError:
        return b""  # whoever reads it says why it cannot be read


def _whole(artifact: Artifact, problems: list[Problem]) -> Iterator[Artifact]:
    """Yield an artifact; an etcd configuration with its values."""
    if artifact.kind is not ArtifactKind.ETCD:
        yield artifact
        return
    for document in read_yaml(Text(artifact.file, artifact.data), 0, problems):
        yield replace(artifact, document=document)


def _of_guide(guide: Artifact, problems: list[Problem], notices: list[Notice]) -> tuple[list[Input], list[Artifact]]:
    objects: list[Input] = []
    parts: list[Artifact] = []
    for block in blocks(guide.text):
        data = _data(block)
        kind = _LANGUAGES.get(block.language) or _guessed(block, data)
        if kind is None and block.language in _OF_OBJECTS | {""}:
            objects += _objects(block, guide.file, notices)
        elif kind is not None and block.is_fenced:
            parts += _whole(Artifact(kind=kind, file=guide.file, data=data), problems)
        if kind is ArtifactKind.COMMANDS:
            objects += (each for held in heredocs(block) for each in _objects(held, guide.file, notices))
    return objects, parts


def _data(block: Block) -> bytes:
    """Return the text of a block, on the lines of its file."""
    return ("\n" * (block.line - 1) + block.text).encode()


def _objects(block: Block, file: str, notices: list[Notice]) -> Iterator[Input]:
    """Yield the block as an input, if it holds objects."""
    data = _data(block)
    if not _KIND.search(data):
        return
    if block.expands and _EXPANDED.search(block.text):
        place = Place(file, block.line)
        notices.append(
            Notice("a shell would put values in the place of variables: what it reads is passed over", place)
        )
        return
    own: list[Problem] = []
    held = [each for each in read_yaml(Text(file, data), 0, own) if each.kind]
    if block.is_fenced:
        notices += [
            Notice(f"{each.code} {each.message}: this block is passed over", Place(each.file, each.line))
            for each in own
        ]
    if held and not own:
        yield _named(data, file)


def _guessed(block: Block, data: bytes) -> ArtifactKind | None:
    if block.language in ("yaml", "yml") and not _KIND.search(data):
        is_etcd = _OF_ETCD.search(data) or "encryption-provider-config" in block.text
        return ArtifactKind.ETCD if is_etcd else None
    if block.language:
        return None
    if re.match(r"\s*FROM\s+\S+", block.text):
        return ArtifactKind.DOCKERFILE
    return ArtifactKind.COMMANDS if not _KIND.search(data) and _COMMAND.search(data) else None


def _named(data: bytes, file: str) -> BytesIO:
    stream = BytesIO(data)
    stream.name = file
    return stream
