"""The rules of a label schema."""

from __future__ import annotations

import pytest

from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.schema import (
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    new_errors,
    validate,
)

TAG = frozenset({"tag"})
POINTS = (Keypoint("a"), Keypoint("b"))


def broken(schema: LabelSchema) -> set[tuple[str, str]]:
    """Return code and place of each issue."""
    return {(issue.code, issue.where) for issue in validate(schema)}


@pytest.mark.parametrize(
    ("category", "code", "where"),
    [
        (Category(" "), "empty-name", "name"),
        (Category("x", hotkey="p"), "hotkey-of-napari", "hotkey"),
        (Category("x", hotkey="Ctrl+S"), "hotkey-unreadable", "hotkey"),
        (Category("x", hotkey="ab"), "hotkey-unreadable", "hotkey"),
        (Category("x", color="red"), "color-unreadable", "color"),
        (Category("x", kinds=frozenset()), "no-kinds", "kinds"),
        (Category("x", kinds=frozenset({"keypoints"})), "no-keypoints", "keypoints"),
        (Category("x", tag_group="none"), "tag-group-unknown", "tag_group"),
        (Category("x", keypoints=(Keypoint("a"), Keypoint("a"))), "duplicate-keypoint", "keypoints"),
        (Category("x", keypoints=(Keypoint(""),)), "empty-keypoint", "keypoints[0]"),
        (Category("x", keypoints=(Keypoint("a", "red"),)), "color-unreadable", "keypoints[0].color"),
        (Category("x", keypoints=POINTS, skeleton=((0, 2),)), "edge-out-of-range", "skeleton[0]"),
        (Category("x", keypoints=POINTS, skeleton=((1, 1),)), "edge-to-itself", "skeleton[0]"),
        (Category("x", keypoints=POINTS, skeleton=((0, 1), (1, 0))), "duplicate-edge", "skeleton[1]"),
    ],
)
def test_a_broken_rule_names_its_place(category: Category, code: str, where: str) -> None:
    assert broken(LabelSchema((Category("fine"), category))) == {(code, f"categories[1].{where}")}


@pytest.mark.parametrize(
    ("attribute", "code", "where"),
    [
        (Attribute("", "text"), "empty-attribute-name", "name"),
        (Attribute("a", "choice"), "choice-without-values", "values"),
        (Attribute("a", "choice", ("x", "x")), "duplicate-value", "values"),
        (Attribute("a", "choice", ("x",), default="y"), "default-not-allowed", "default"),
        (Attribute("a", "number", minimum=2, maximum=1, default=1), "bounds-crossed", "min"),
        (Attribute("a", "number", maximum=1, default=2), "default-not-allowed", "default"),
        (Attribute("a", "yes_no", default="yes"), "default-not-allowed", "default"),
        (Attribute("a", "colour"), "attribute-type", "type"),  # type: ignore[arg-type]
    ],
)
def test_a_broken_attribute_names_its_place(attribute: Attribute, code: str, where: str) -> None:
    schema = LabelSchema((Category("x", attributes=(attribute,)),))
    assert broken(schema) == {(code, f"categories[0].attributes[0].{where}")}


def test_two_classes_cannot_have_one_key_in_any_spelling() -> None:
    schema = LabelSchema((Category("a", hotkey="shift + g"), Category("b", hotkey="Shift+G")))
    (issue,) = validate(schema)
    assert issue.code == "duplicate-hotkey"
    assert issue.category == 1
    assert "a" in issue.message


@pytest.mark.parametrize(
    ("kind", "tags", "codes"),
    [
        ("binary", 0, {"tag-group-empty"}),
        ("binary", 1, set()),
        ("binary", 2, {"binary-group-size"}),
        ("multiclass", 2, set()),
        ("multilabel", 0, {"tag-group-empty"}),
    ],
)
def test_tag_groups_need_tags(kind: str, tags: int, codes: set[str]) -> None:
    classes = tuple(Category(str(i), kinds=TAG, tag_group="g") for i in range(tags))
    schema = LabelSchema(classes, (TagGroup("g", kind),))  # type: ignore[arg-type]
    assert {issue.code for issue in validate(schema)} == codes


def test_groups_of_one_name_are_an_error() -> None:
    group = TagGroup("g", "multilabel")
    schema = LabelSchema((Category("t", kinds=TAG, tag_group="g"),), (group, group))
    assert {issue.code for issue in validate(schema)} == {"duplicate-group"}


def test_errors_that_a_file_came_with_are_not_new() -> None:
    edges = ((0, 5),)
    before = LabelSchema((Category("x", key=0, keypoints=POINTS, skeleton=edges),))
    renamed = LabelSchema((Category("y", key=0, keypoints=POINTS, skeleton=edges),))
    added = LabelSchema((*before.categories, Category("z", keypoints=POINTS, skeleton=edges)))
    assert new_errors(before, renamed) == []
    assert [issue.where for issue in new_errors(before, added)] == ["categories[1].skeleton[0]"]


def test_a_rename_to_a_taken_name_is_a_new_error_and_old_doubles_are_not() -> None:
    before = LabelSchema((Category("x", key=0), Category("x", key=1), Category("y", key=2)))
    renamed = LabelSchema((*before.categories[:2], Category("x", key=2)))
    assert new_errors(before, before) == []
    assert [(issue.code, issue.category) for issue in new_errors(before, renamed)] == [("duplicate-name", 2)]


CHOICE = Attribute("stage", "choice", ("early", "late"), required=True)
NUMBER = Attribute("size", "number", minimum=0, maximum=10)
YES_NO = Attribute("blurred", "yes_no")
TEXT = Attribute("note", "text")


@pytest.mark.parametrize(
    ("attribute", "text", "value"),
    [
        (CHOICE, " late ", "late"),
        (NUMBER, "3", 3),
        (NUMBER, " 2.5 ", 2.5),
        (NUMBER, "", None),
        (YES_NO, "Yes", True),
        (YES_NO, "0", False),
        (YES_NO, " ", None),
        (TEXT, " as it is ", " as it is "),
        (TEXT, "", None),
    ],
)
def test_typed_text_becomes_a_value_that_fits(attribute: Attribute, text: str, value: object) -> None:
    parsed = attribute.parse(text)
    assert parsed == value
    assert type(parsed) is type(value)
    assert attribute.check(parsed) is None


@pytest.mark.parametrize(
    ("attribute", "text", "words"),
    [
        (CHOICE, "never", "expected one of early, late"),
        (CHOICE, "", "needs a value"),
        (NUMBER, "-1", "at least 0"),
        (NUMBER, "11", "at most 10"),
        (NUMBER, "big", "expected a number"),
        (NUMBER, "nan", "expected a number"),
        (YES_NO, "maybe", "expected yes or no"),
    ],
)
def test_text_that_does_not_fit_is_refused_in_words(attribute: Attribute, text: str, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        attribute.parse(text)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [(NUMBER, True), (NUMBER, "3"), (YES_NO, 1), (TEXT, 5), (CHOICE, 1), (CHOICE, None)],
)
def test_values_of_another_type_do_not_fit(attribute: Attribute, value: object) -> None:
    assert attribute.check(value) is not None
