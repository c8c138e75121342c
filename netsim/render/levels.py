"""What would break if a level of Pod Security were enforced, and the patches."""

from collections.abc import Iterator

from netsim.ingest.document import written
from netsim.queries.levels import Broken, LevelTrial
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where
from netsim.render.yaml import dumped


def text(answer: LevelTrial, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield each workload that breaks, the controls that it fails with their fields, and its patch as YAML."""
    for each in answer:
        yield f"{paint(safe(each.object), palette.head)} ({where(each.place)}) {_level(each)}\n"
        for failure in each.failing:
            fields = ", ".join(written(offence.path) for offence in failure.offences)
            yield f"  {failure.control.id}: {safe(fields)}\n"
        if each.left:
            yield f"  no patch of fields mends {', '.join(each.left)}\n"
        if each.emptied:
            noun = "volume" if len(each.emptied) == 1 else "volumes"
            yield f"  the patch empties the {noun} {safe(', '.join(each.emptied))}: see that nothing needs the data\n"
        yield "  patch, after which it passes:\n" if not each.left else "  patch, after which these are left:\n"
        yield "".join(f"    {line}\n" for line in dumped(each.patch).splitlines())
        yield "\n"
    yield f"{summary(answer)}\n"


def yaml(answer: LevelTrial) -> Iterator[str]:
    """Yield the patches alone, a document each: for ``kubectl patch --patch-file``, or kustomize."""
    for each in answer:
        yield f"---\n# {safe(each.object)}: {', '.join(failure.control.id for failure in each.failing)}\n"
        yield dumped(each.patch)


def _level(each: Broken) -> str:
    return f"would be refused by {each.asked.level.label}:{each.asked.version}"


def summary(answer: LevelTrial) -> str:
    """Return how many workloads break, in one line."""
    told = [f"{counted(len(answer), 'workload')} would break under {safe(answer.asked)}"] if len(answer) else []
    told += [f"{sum(not each.left for each in answer):,} mended by a patch"] if len(answer) else ["nothing would break"]
    before = f", {answer.refused:,} refused already" if answer.refused else ""
    return f"{', '.join(told)}; {answer.passing:,} would pass{before}"
