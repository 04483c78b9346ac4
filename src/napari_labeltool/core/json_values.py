"""Comparing JSON values."""

from __future__ import annotations

from napari_labeltool.core.values import JsonValue


def same_json(a: JsonValue, b: JsonValue) -> bool:
    """Tell whether two JSON values are equal, true and 1 being different things."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_json, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    return bool(a == b)
