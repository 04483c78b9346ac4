"""What is asked about a whole image, and what the shown image answers. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from napari_labeltool.core.ops import Touched
from napari_labeltool.core.schema import implied_tags
from napari_labeltool.core.tags import IMPLIED_GROUP, TagGroup, tag_annotations
from napari_labeltool.core.values import IntArray
from napari_labeltool.session import Session
from napari_labeltool.widgets.class_counts import is_placed
from napari_labeltool.widgets.class_looks import ClassLook, ClassLooks


@dataclass(frozen=True, slots=True)
class TagQuestion:
    """One group of tags.

    Parameters
    ----------
    group
        What is asked.
    tags
        The possible answers.
    """

    group: TagGroup
    tags: tuple[ClassLook, ...]

    def is_unanswered(self, present: frozenset[int]) -> bool:
        """Tell whether exactly one of the tags is expected and an image with these has none."""
        return self.group.type == "multiclass" and not any(tag.row in present for tag in self.tags)


@dataclass(slots=True)
class TagQuestions:
    """The questions of a document.

    Parameters
    ----------
    session
        The session.
    """

    session: Session
    questions: tuple[TagQuestion, ...] = ()
    _implied: dict[int, None] = field(default_factory=dict)
    _looks: ClassLooks = field(init=False)
    _answers: IntArray = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        self._looks = ClassLooks(self.session)
        self._implied = dict.fromkeys(implied_tags(self.session.dataset))
        self._read()

    def _read(self) -> None:
        """Gather the tags of each declared group, and all others in the implied one."""
        schema = self.session.schema
        groups = {group.name: group for group in schema.tag_groups}
        members: dict[str, list[ClassLook]] = {name: [] for name in groups}
        for category in schema.categories:
            if category.key is None:
                continue
            if category.tag_group in groups:
                members[str(category.tag_group)].append(self._looks.of(category.key))
            elif category.is_tag or category.key in self._implied:
                members.setdefault(IMPLIED_GROUP.name, []).append(self._looks.of(category.key))
        self.questions = tuple(
            TagQuestion(groups.get(name, IMPLIED_GROUP), tuple(tags))
            for name, tags in members.items()
            if tags
        )

    def update(self, touched: Touched) -> bool:
        """Take note of a change; tell whether the questions themselves are different."""
        schema = self._looks.update(touched)
        found = self._used_as_tags(touched)
        if found or schema:
            self._implied.update(dict.fromkeys(found))
            self._read()
        return bool(found) or schema

    def _used_as_tags(self, touched: Touched) -> list[int]:
        """Return the classes that the touched annotations use as tags for the first time."""
        dataset = self.session.dataset
        table, rows = dataset.annotations, touched.annotations
        bare = rows[~is_placed(table, rows) & (table.category[rows] >= 0) & table.alive[rows]]
        asked = {tag.row for question in self.questions for tag in question.tags}
        if asked.issuperset(np.unique(table.category[bare]).tolist()):
            return []
        return [row for row in implied_tags(dataset) if row not in asked]

    def present(self, image: int) -> frozenset[int]:
        """Return the tags (rows of the classes) that an image (by row) has."""
        if image < 0:
            return frozenset()
        dataset = self.session.dataset
        self._answers = tag_annotations(dataset, image)
        return frozenset(dataset.annotations.category[self._answers].tolist())

    def concerns_answers(self, touched: Touched) -> bool:
        """Tell whether a change may have to do with what was present when it was last asked."""
        rows, table = touched.annotations, self.session.dataset.annotations
        return bool((~is_placed(table, rows)).any() or np.isin(rows, self._answers).any())
