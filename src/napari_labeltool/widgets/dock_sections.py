"""The sections of the labeling dock in their order."""

from __future__ import annotations

import importlib
from typing import Any

from napari_labeltool.widgets.tool_bar import ToolBar


def make_sections() -> list[tuple[str, Any, int]]:
    """Return title, section and stretch of each section that opens and closes."""
    made: list[tuple[str, Any, int]] = []
    for title, module, name, stretch in (
        ("Classes", "class_palette", "ClassPalette", 2),
        ("Draw", "tool_bar", "ToolBar", 0),
        ("Image tags", "tag_panel", "TagPanel", 0),
        ("Selected", "selection_form", "SelectionForm", 0),
        ("Annotations", "annotation_table", "AnnotationTable", 3),
    ):
        try:
            made.append((title, getattr(importlib.import_module(f"napari_labeltool.widgets.{module}"), name)(), stretch))
        except ImportError as error:
            print(error)
    return made
