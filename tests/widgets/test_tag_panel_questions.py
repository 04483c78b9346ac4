"""The questions about whole images, without a window."""

from __future__ import annotations

from pathlib import Path

from section_scenarios import BLURRED, HE, IHC, MITOSIS, open_document

from napari_labeltool.core.edits import Rows, SetTag
from napari_labeltool.core.schema_edits import RenameCategory
from napari_labeltool.widgets.tag_questions import TagQuestions


def names(questions: TagQuestions) -> dict[str, list[str]]:
    return {question.group.name: [tag.name for tag in question.tags] for question in questions.questions}


def labels_alone() -> dict:
    """Return a file of labels alone, which knows nothing of groups."""
    return {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "box"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1},
            {"id": 2, "image_id": 2, "category_id": 3, "bbox": [0, 0, 1, 1]},
        ],
    }


def test_declared_groups_have_their_tags(tmp_path: Path) -> None:
    questions = TagQuestions(open_document(tmp_path))
    assert names(questions) == {"quality": ["blurred"], "stain": ["H&E", "IHC"]}


def test_an_exclusive_question_without_an_answer_is_unanswered(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    questions = TagQuestions(session)
    quality, stain = questions.questions
    assert questions.present(0) == {BLURRED}
    assert stain.is_unanswered(questions.present(0))
    assert not quality.is_unanswered(frozenset())
    session.apply(SetTag(Rows([0]), Rows([HE])))
    assert not stain.is_unanswered(questions.present(0))
    session.apply(SetTag(Rows([0]), Rows([IHC])))
    assert questions.present(0) == {BLURRED, IHC}


def test_a_file_of_labels_alone_has_the_implied_group(tmp_path: Path) -> None:
    questions = TagQuestions(open_document(tmp_path, labels_alone()))
    assert names(questions) == {"tags": ["cat"]}
    assert questions.questions[0].group.type == "multilabel"


def test_a_class_that_becomes_a_tag_joins_and_stays(tmp_path: Path) -> None:
    session = open_document(tmp_path, labels_alone())
    questions = TagQuestions(session)
    change = session.apply(SetTag(Rows([0]), "dog"))
    assert questions.update(change.touched)
    assert names(questions) == {"tags": ["cat", "dog"]}
    change = session.apply(SetTag(Rows([0]), "dog", False))
    assert not questions.update(change.touched)
    assert names(questions) == {"tags": ["cat", "dog"]}


def test_a_rename_is_a_change_of_the_questions_and_an_object_is_none(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    questions = TagQuestions(session)
    renamed = session.apply(RenameCategory("blurred", "out of focus"))
    assert questions.update(renamed.touched)
    assert names(questions)["quality"] == ["out of focus"]
    tagged = session.apply(SetTag(Rows([1]), Rows([BLURRED])))
    assert not questions.update(tagged.touched)
    assert MITOSIS not in questions.present(0)
