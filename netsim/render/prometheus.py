"""The text format of Prometheus, for node_exporter's textfile collector: no time stamps, which it refuses."""

from collections.abc import Iterable, Iterator

from netsim.queries.metrics import Metric


def textfile(metrics: Iterable[Metric]) -> Iterator[str]:
    """Yield the file; a family without samples is left out."""
    for metric in metrics:
        if not metric.samples:
            continue
        name = f"netsim_{metric.name}"
        yield f"# HELP {name} {metric.help}\n# TYPE {name} gauge\n"
        for labels, value in metric.samples.items():
            told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
            yield f"{name}{{{told}}} {value:.15g}\n" if told else f"{name} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
