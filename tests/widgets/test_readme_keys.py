"""The README's table of keys says what the keys are."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_labeltool.widgets.coverage_texts import MARK_KEY, NEXT_PLACE_KEY, PLACE_BEFORE_KEY, SHADE_KEY
from napari_labeltool.widgets.key_help import DONE_KEY, KEYS_KEY, SAVE_KEY, UNLABELLED_KEY
from napari_labeltool.widgets.texts import TOOL_KEYS, TOOL_WORDS

pytestmark = pytest.mark.viewer
README = Path(__file__).parents[2] / "README.md"


def test_the_readme_names_the_tools_in_the_order_of_their_keys() -> None:
    words = ", ".join(TOOL_WORDS.values())
    keys = list(TOOL_KEYS.values())
    assert f"| {keys[0]} to {keys[-1]} | {words} |" in README.read_text()


def test_the_readme_names_the_keys_of_the_dock() -> None:
    text = README.read_text()
    places = f"{NEXT_PLACE_KEY}, {PLACE_BEFORE_KEY}"
    for key in (
        places,
        SHADE_KEY,
        MARK_KEY,
        DONE_KEY,
        KEYS_KEY,
        SAVE_KEY.replace("Return", "Enter"),
        UNLABELLED_KEY,
    ):
        assert f"| {key} |" in text
