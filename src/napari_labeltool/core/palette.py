"""Colours of classes: a palette that stays apart for colour-blind eyes, and colours as files write them."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Collection
from typing import Final

from napari_labeltool.core.values import JsonValue

Rgb = tuple[int, int, int]

# fmt: off
PALETTE: Final[tuple[str, ...]] = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#b12137", "#90437a",
    "#7a7aff", "#a6bc7a", "#0b6f59", "#6f00ff", "#907a4e", "#e9a6b1", "#c82100", "#d300b1",
    "#de6f7a", "#a69b4e", "#a64e64", "#6fb19b", "#9b85c8", "#378585", "#904ee9", "#de4390",
    "#7ac84e", "#43a6b1", "#6f9bff", "#e92c43", "#85bcc8", "#ff90c8", "#d38521", "#6f6400",
    "#d31664", "#21c8de", "#ff859b", "#647ac8", "#a61690", "#a66485", "#904e4e", "#9b6437",
    "#59909b", "#b17a64", "#37bc90", "#7a850b", "#16647a", "#a64e9b", "#bc9b6f", "#b10b6f",
)
# fmt: on
"""48 colours, the most different ones first.

The first six are those of Okabe and Ito that have contrast on white; each further one is as far as possible
(CIEDE2000) from all before it, as seen by normal, red-blind, green-blind and blue-blind eyes, among colours
with a relative luminance from 0.105 to 0.48, so that each stands out on dark and on light.
"""

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_GOLDEN: Final = 0.618033988749895


def palette_color(row: int) -> str:
    """Return the colour of the class in a row, as ``"#rrggbb"``; the same row always has the same colour."""
    if row < len(PALETTE):
        return PALETTE[max(row, 0)]
    hue = row * _GOLDEN % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, (0.42, 0.5, 0.58)[row % 3], (0.9, 0.6)[row // 3 % 2])
    return to_hex((round(red * 255), round(green * 255), round(blue * 255)))


def next_color(used: Collection[str]) -> str:
    """Return the first colour of the palette that is not among `used`."""
    taken = {color.lower() for color in used}
    row = 0
    while palette_color(row) in taken and row < len(taken) + len(PALETTE):
        row += 1
    return palette_color(row)


def parse_color(value: JsonValue) -> str | None:
    """Return a colour of a file as ``"#rrggbb"``, or None when it is not one.

    Parameters
    ----------
    value
        ``[r, g, b]`` or ``[r, g, b, a]`` from 0 to 255 (or, not all whole, from 0 to 1), or ``"#rgb"``,
        ``"#rrggbb"``, ``"#rrggbbaa"``. Opacity is left out.
    """
    if isinstance(value, str):
        text = value.strip().lower()
        if not _HEX.fullmatch(text):
            return None
        return "#" + "".join(2 * digit for digit in text[1:]) if len(text) == 4 else text[:7]
    if not isinstance(value, (list, tuple)) or len(value) not in (3, 4):
        return None
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in value):
        return None
    if not all(0 <= number <= 255 for number in value):
        return None
    fraction = any(isinstance(number, float) for number in value[:3]) and max(value[:3]) <= 1
    red, green, blue = (round(number * 255 if fraction else number) for number in value[:3])
    return to_hex((red, green, blue))


def to_rgb(color: str) -> Rgb:
    """Return red, green and blue from 0 to 255 of ``"#rrggbb"``.

    Raises
    ------
    ValueError
        The text is no colour.
    """
    parsed = parse_color(color)
    if parsed is None:
        raise ValueError(f"color: {color!r} found, expected #rrggbb, for example {PALETTE[0]}")
    return int(parsed[1:3], 16), int(parsed[3:5], 16), int(parsed[5:7], 16)


def to_hex(rgb: Rgb) -> str:
    """Return ``"#rrggbb"`` of red, green and blue from 0 to 255."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def luminance(color: str) -> float:
    """Return the relative luminance of ``"#rrggbb"`` as WCAG defines it, from 0 (black) to 1 (white)."""

    def linear(level: int) -> float:
        part = level / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, to_rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG defines it, from 1 (none) to 21 (black and white)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def text_color_on(color: str) -> str:
    """Return black or white, whichever reads better on `color`."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, color))
