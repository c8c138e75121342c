"""What mends the findings on roles and bindings."""

from collections.abc import Iterator

from netsim.queries.repairs import RightsRepairs, patch
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where
from netsim.render.yaml import dumped


def text(answer: RightsRepairs, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield each repair with the findings that it mends and its patch, and what is left to be decided."""
    for each in answer:
        yield f"{paint(safe(str(each.before)), palette.head)} ({where(each.before.place)})\n"
        for found in each.mends:
            yield f"  mends {found.code}: {safe(found.message)}\n"
        for found in each.left:
            yield f"  does not mend {found.code}: {safe(found.message)}\n"
        yield "".join(f"    {line}\n" for line in dumped(patch(each)).splitlines())
        yield "\n"
    if answer.undecided:
        yield f"{paint('To be decided', palette.head)}: what is needed, no file tells\n"
    for found in answer.undecided:
        yield f"  {found.code} {safe(found.object)} {safe(found.message)}: {safe(found.hint)}\n"
    yield f"{summary(answer)}\n"


def yaml(answer: RightsRepairs) -> Iterator[str]:
    """Yield the patches alone, a document each: for kustomize, or for ``kubectl patch --patch-file``."""
    for each in answer:
        codes = ", ".join(dict.fromkeys(found.code for found in each.mends))
        yield f"---\n# {safe(str(each.before))}: {codes}\n"
        yield dumped(patch(each))


def summary(answer: RightsRepairs) -> str:
    """Return how much is mended, in one line."""
    mended = sum(len(each.mends) for each in answer)
    told = f"{counted(len(answer), 'repair')} would mend {counted(mended, 'finding')}"
    return f"{told}; {counted(len(answer.undecided), 'finding')} would be left"
