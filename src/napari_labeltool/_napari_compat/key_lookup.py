"""Finding what a key does."""

from __future__ import annotations

from functools import cache
from typing import Any

from app_model.types import KeyBinding


@cache
def hash_keys_once() -> None:
    """Let a key binding remember its hash.

    app-model puts its name together for each hash, and napari puts all 150 bindings into new dictionaries at each
    press of a key, modifiers included: 2 to 3 ms each time. What is a key of a dictionary does not change.
    """
    original = KeyBinding.__hash__

    def remembered(self: Any) -> int:
        known: int | None = self.__dict__.get("_labeltool_hash")
        if known is None:
            known = self.__dict__["_labeltool_hash"] = original(self)
        return known

    KeyBinding.__hash__ = remembered  # type: ignore[method-assign]
