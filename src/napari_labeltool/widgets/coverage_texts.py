"""Keys and sentences about what was viewed of a large picture."""

from __future__ import annotations

from typing import Final

from napari_labeltool.core.coverage_regions import Region

NEXT_PLACE_KEY: Final = "Ctrl+Right"
PLACE_BEFORE_KEY: Final = "Ctrl+Left"
SHADE_KEY: Final = "Ctrl+U"
MARK_KEY: Final = "Ctrl+Shift+L"

ALL_VIEWED: Final = "All of this picture was viewed at working zoom."
SMALL: Final = "This picture can be seen at once; there is nothing to go through."


def percent(part: float) -> str:
    """Return a part as ``"62 %"``; 100 only for all, and 0 only for nothing."""
    if 0 < part < 1:
        part = min(max(part, 0.01), 0.99)
    return f"{100 * part:.0f} %"


def zoom_words(zoom: float, micrometres: float | None) -> str:
    """Return a zoom as ``"50 %"``, with what a microscope would call it where the size of a pixel is known."""
    words = f"{100 * zoom:.0f} %"
    if micrometres is None:
        return words
    power = zoom * 10 / micrometres
    return f"{words} (about\u00a0{power:.0f}x)" if power >= 1 else words


def viewed_words(fraction: float, is_working: bool, working_zoom: str, *, skips: bool) -> str:
    """Return how much was viewed, and whether what is in view now counts."""
    what = "viewed, empty background left out" if skips else "viewed"
    if fraction >= 1:
        return f"100 % {what}."
    return (
        f"{percent(fraction)} {what}. Working zoom: {working_zoom}."
        if is_working
        else f"{percent(fraction)} {what}. Zoom in to {working_zoom} for a view to count."
    )


def region_words(region: Region, classes: str) -> str:
    """Return a region in the list: ``"3,200 x 2,100 px · all classes · anna, 2026-11-24"``."""
    _, _, width, height = region.bbox_xywh
    who = ", ".join(part for part in (region.author, region.date[:10]) if part)
    parts = [f"{width:,.0f} × {height:,.0f} px", classes, who]
    return " · ".join(part for part in parts if part)
