"""Whether an input is there, before it is read."""

from pathlib import Path

from netsim.ingest.folders import holds_manifests
from netsim.ingest.git_source import is_there as is_at_revision
from netsim.ingest.rendered import at_revision as rendered_at_revision
from netsim.ingest.rendered import is_rendered, path_of


def at_revision(source: str, revision: str) -> str:
    """Return a path, or what is rendered from one, as it stood at a revision."""
    return rendered_at_revision(source, revision) if is_rendered(source) else f"git:{revision}:{source}"


def is_there(source: str) -> bool:
    """Return whether an input holds something to read: a file, or a folder with manifests.

    True also where only the reading can tell: standard input, a revision that is not known.
    """
    if source == "-":
        return True
    path = path_of(source) if is_rendered(source) else source
    if path.startswith("git:"):
        return is_at_revision(path, manifests=not is_rendered(source))
    return Path(path).exists() if is_rendered(source) else holds_manifests(Path(path))
