"""Sentences about what was assumed when layers without our mark were written."""

from __future__ import annotations

from collections.abc import Iterator


class Assumptions:
    """What `from_layers` assumed, left out or changed, in sentences for a person; each once."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Note a sentence."""
        self._sentences[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences in the order in which they came up."""
        return tuple(self._sentences)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sentences)

    def __len__(self) -> int:
        return len(self._sentences)

    def __str__(self) -> str:
        return "\n".join(self._sentences)


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``"1 mask"``, ``"200 masks"``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
