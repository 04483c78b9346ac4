"""Names, colours, keys and kinds of the classes, kept until the schema changes. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from napari_labeltool.core.ops import Touched
from napari_labeltool.core.schema import KINDS, LabelKind, effective_hotkeys
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.style import UNLABELLED_COLOR
from napari_labeltool.session import Session

UNLABELLED_ROW: Final = -1


@dataclass(frozen=True, slots=True)
class ClassLook:
    """How a class looks in lists.

    Parameters
    ----------
    row
        Row in ``dataset.categories``, -1 for unlabelled.
    name
        Each name occurs once; a class whose name another one has carries its id too.
    color
        ``"#rrggbb"``.
    hotkey
        Key that picks it, or None.
    kinds
        What may be drawn, in the order in which kinds are shown.
    guideline
        How to label it; ``""`` for none.
    is_tag
        Whether it is a tag of images and nothing else.
    """

    row: int
    name: str
    color: str
    hotkey: str | None = None
    kinds: tuple[LabelKind, ...] = ()
    guideline: str = ""
    is_tag: bool = False


UNLABELLED_LOOK: Final = ClassLook(UNLABELLED_ROW, "unlabelled", UNLABELLED_COLOR)


class ClassLooks:
    """The looks of all classes of a session.

    Reading the schema of a document with a thousand classes costs some milliseconds, so it is read again only
    after it changed, not after each edit of an annotation.

    Parameters
    ----------
    session
        The session whose classes are shown.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._looks: dict[int, ClassLook] = {}
        self.read()

    def read(self) -> None:
        """Read the schema anew."""
        schema = self._session.schema
        names = class_names(self._session.dataset)
        self._looks = {}
        for category, hotkey in zip(schema.categories, effective_hotkeys(schema)):
            if category.key is not None:
                self._looks[category.key] = ClassLook(
                    category.key,
                    names[category.key],
                    category.color,
                    hotkey,
                    tuple(kind for kind in KINDS if kind in category.kinds),
                    category.guideline,
                    category.is_tag,
                )

    def update(self, touched: Touched) -> bool:
        """Read the schema anew if a change touched it; tell whether it did."""
        if len(touched.categories) or touched.document:
            self.read()
            return True
        return False

    def of(self, row: int) -> ClassLook:
        """Return the look of a class by its row; of one that is not there, that of unlabelled."""
        return self._looks.get(row, UNLABELLED_LOOK)

    def all(self) -> Iterable[ClassLook]:
        """Return the looks of all classes in the order of the document."""
        return self._looks.values()
