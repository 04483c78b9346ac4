"""Rows of the table of results, and how they and the machine are written down."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypedDict

import numpy as np


class Row(TypedDict, total=False):
    """One line of the table.

    ``name``, ``ours``, ``peer``, ``ratio`` (the peer's figure over ours) and ``bar`` are texts, or numbers, or None
    for nothing; ``met`` is True, False, or None where there is no bar. ``detail`` is text that goes below the table.
    """

    name: str
    ours: Any
    peer: Any
    ratio: Any
    bar: Any
    met: bool | None
    detail: str


GESTURES: Final = ("add a box", "move", "vertex drag step", "relabel one", "delete", "undo")

PACKAGES: Final = (
    "napari-labeltool", "napari", "vispy", "PyQt6", "PySide6", "numpy", "zarr", "tifffile", "msgspec", "pycocotools",
    "hotcoco",
)  # fmt: skip


def row(
    name: str,
    ours: Any,
    *,
    peer: Any = None,
    ratio: Any = None,
    bar: Any = None,
    met: bool | None = None,
    detail: str = "",
) -> Row:
    """Return a line of the table."""
    return Row(name=name, ours=ours, peer=peer, ratio=ratio, bar=bar, met=met, detail=detail)


def milliseconds(seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile in words."""
    middle, high = (1e3 * value for value in np.percentile(seconds, [50, 95]))
    return f"{middle:.0f} / {high:.0f} ms"


def high(seconds: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return float(np.percentile(seconds, 95))


def table(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| work | ours | peer | ratio | bar | met |", "|---|---|---|---|---|---|"]
    for line in rows:
        met = {True: "yes", False: "**no**"}.get(line.get("met"), "")  # type: ignore[arg-type]
        cells = [
            line.get("name"),
            line.get("ours"),
            line.get("peer"),
            line.get("ratio"),
            line.get("bar"),
            met,
        ]
        lines.append("| " + " | ".join(_cell(value) for value in cells) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def details(rows: Sequence[Row]) -> str:
    """Return the texts that belong to rows, one paragraph each."""
    found = [
        f"**{line['name']}**\n\n```\n{line['detail'].rstrip()}\n```" for line in rows if line.get("detail")
    ]
    return "\n\n".join(found)


def machine(renderer: str) -> str:
    """Return in words what was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB memory, {platform.system()} {platform.machine()};"
        f" OpenGL: {renderer}"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions() -> str:
    """Return the versions of Python and of the packages that matter."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
