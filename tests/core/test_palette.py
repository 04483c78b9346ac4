"""Colours of classes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from napari_labeltool.core.palette import (
    PALETTE,
    contrast,
    luminance,
    next_color,
    palette_color,
    parse_color,
    text_color_on,
    to_hex,
    to_rgb,
)

# how red-blind and green-blind eyes see linear light (Machado, Oliveira and Fernandes 2009, severity 1)
RED_BLIND = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
GREEN_BLIND = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]


def smallest_difference(colors: tuple[str, ...], eye: object = None) -> float:
    """Return the smallest CIEDE2000 difference of two of the colours, as an eye sees them."""
    rgb = np.array([to_rgb(color) for color in colors]) / 255
    if eye is not None:
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        seen = np.clip(linear @ np.array(eye).T, 0, 1)
        rgb = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = rgb2lab(rgb)
    return min(float(deltaE_ciede2000(a, b)) for a, b in combinations(lab, 2))


def test_all_colours_can_be_told_apart() -> None:
    assert len(PALETTE) >= 40
    assert smallest_difference(PALETTE) > 7
    assert smallest_difference(PALETTE[:12]) > 14


@pytest.mark.parametrize("eye", [RED_BLIND, GREEN_BLIND])
def test_the_first_colours_can_be_told_apart_by_colour_blind_eyes(eye: object) -> None:
    assert smallest_difference(PALETTE[:10], eye) > 8


def test_every_colour_stands_out_on_dark_and_on_light() -> None:
    for color in PALETTE:
        assert contrast(color, "#262930") > 2
        assert contrast(color, "#ffffff") > 1.95


def test_rows_beyond_the_palette_have_colours_of_their_own() -> None:
    colors = [palette_color(row) for row in range(300)]
    assert len(set(colors)) == 300
    assert colors == [palette_color(row) for row in range(300)]


def test_the_next_colour_is_one_that_is_not_used() -> None:
    used: list[str] = []
    for _ in range(60):
        color = next_color([text.upper() for text in used])
        assert color not in used
        used.append(color)


@pytest.mark.parametrize(
    ("value", "color"),
    [
        ([255, 0, 128], "#ff0080"),
        ([255, 0, 128, 10], "#ff0080"),
        ([1, 0, 0], "#010000"),
        ([1.0, 0.5, 0.0], "#ff8000"),
        ([200.4, 0.0, 1.0], "#c80001"),
        ("#F0a", "#ff00aa"),
        (" #FF00AA ", "#ff00aa"),
        ("#ff00aa80", "#ff00aa"),
        ("red", None),
        ("#ff00", None),
        ([1, 2], None),
        ([1, 2, 256], None),
        ([1, 2, True], None),
        ([1, 2, float("nan")], None),
        (None, None),
        ({}, None),
    ],
)
def test_colours_of_files_are_read(value: object, color: str | None) -> None:
    assert parse_color(value) == color


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_go_there_and_back(rgb: tuple[int, int, int]) -> None:
    assert to_rgb(to_hex(rgb)) == rgb
    assert parse_color(list(rgb)) == to_hex(rgb)
    assert contrast(text_color_on(to_hex(rgb)), to_hex(rgb)) >= 4.5


def test_luminance_is_that_of_the_standard() -> None:
    assert luminance("#000000") == 0
    assert luminance("#ffffff") == pytest.approx(1)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    with pytest.raises(ValueError, match="expected #rrggbb"):
        luminance("red")
