"""Quantities of Kubernetes and durations of Go as numbers."""

import re
from typing import Any

_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_UNITS = {
    **{unit: 10.0**power for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)},
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", start=1)},
}
_DURATION = re.compile(r"(?:(?P<h>[\d.]+)h)?(?:(?P<m>[\d.]+)m)?(?:(?P<s>[\d.]+)s)?")


def number_of(value: Any) -> float | None:
    """Return a number, a quantity (``500m``, ``1Gi``) or a duration (``1h30m``, in seconds); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return float(value)
    text = value.strip()
    if found := _QUANTITY.fullmatch(text):
        unit = found["unit"] or ""
        scale = float(f"1{unit}") if unit[:1] in ("e", "E") and len(unit) > 1 else _UNITS.get(unit, 1.0)
        return float(found["number"]) * scale
    found = _DURATION.fullmatch(text) if text else None
    if found is None:
        return None
    return sum(float(found[unit] or 0) * seconds for unit, seconds in (("h", 3600), ("m", 60), ("s", 1)))
