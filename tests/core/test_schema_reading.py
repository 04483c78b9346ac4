"""The label schema that a document says, or is given by default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from schema_documents import document

from napari_labeltool.core.palette import PALETTE
from napari_labeltool.core.schema import (
    DRAWN_KINDS,
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    effective_hotkeys,
    implied_tags,
    observed_attributes,
    schema_of,
    schema_problems,
    validate,
)


def test_a_foreign_file_gets_defaults_and_nothing_is_written() -> None:
    dataset = document([{"id": 0, "name": "a"}, {"id": 9, "name": "b", "keypoints": ["x"]}])
    first, second = schema_of(dataset).categories
    assert (first.id, first.kinds, first.color, first.hotkey) == (0, DRAWN_KINDS, PALETTE[0], None)
    assert second.kinds == DRAWN_KINDS | {"keypoints"}
    assert second.keypoints == (Keypoint("x"),)
    assert not dataset.is_changed()


def test_everything_that_a_file_says_is_read() -> None:
    facts = {
        "hotkey": "1",
        "kinds": ["keypoints", "box", "hologram"],
        "guideline": "Look.",
        "attributes": [
            {"name": "stage", "type": "choice", "values": ["a", "b"], "required": True, "default": "a"},
            {"name": "size", "type": "number", "min": 0, "max": 2.5},
        ],
        "keypoint_colors": ["#ff0000", None],
        "edge_colors": ["#00ff00"],
        "keypoint_positions": [[0.5, 0], None],
    }
    record = {"id": 1, "name": "fly", "supercategory": "insect", "color": [1, 2, 255]}
    record |= {"keypoints": ["head", "tail"], "skeleton": [[1, 2]], "labeltool": facts}
    tag = {"id": 2, "name": "HE", "labeltool": {"tag_group": "stain"}}
    groups = {"tag_groups": [{"name": "stain", "type": "multiclass"}], "guideline": "All."}
    schema = schema_of(document([record, tag], labeltool=groups))
    assert schema.categories[0] == Category(
        name="fly",
        key=0,
        id=1,
        supercategory="insect",
        color="#0102ff",
        hotkey="1",
        kinds=frozenset({"keypoints", "box"}),
        guideline="Look.",
        attributes=(
            Attribute("stage", "choice", ("a", "b"), required=True, default="a"),
            Attribute("size", "number", minimum=0, maximum=2.5),
        ),
        keypoints=(Keypoint("head", "#ff0000", (0.5, 0.0)), Keypoint("tail")),
        skeleton=((0, 1),),
        edge_colors=("#00ff00",),
    )
    assert schema.categories[1].is_tag
    assert schema.in_group("stain") == (schema.categories[1],)
    assert schema.tag_groups == (TagGroup("stain", "multiclass"),)
    assert schema.guideline == "All."


def test_duplicate_names_stay_distinct_with_a_warning() -> None:
    schema = schema_of(document([{"id": 1, "name": "a"}, {"id": 2, "name": "a"}]))
    assert [category.key for category in schema.categories] == [0, 1]
    assert {(issue.code, issue.severity) for issue in validate(schema)} == {("duplicate-name", "warning")}


@pytest.mark.parametrize(
    ("skeleton", "drawn", "codes"),
    [
        ([[1, 2], [2, 3]], [(0, 1), (1, 2)], set()),
        ([[0, 1], [1, 2]], [(0, 1), (1, 2)], {"skeleton-from-zero"}),
        ([[0, 1], [2, 3]], [(1, 2)], {"edge-out-of-range"}),
        ([[1, 2], [2, 9]], [(0, 1)], {"edge-out-of-range"}),
        ([[1, 2], [1], "x", [1.5, 2]], [(0, 1)], {"skeleton-unreadable"}),
        ([[2, 2]], [], {"edge-to-itself"}),
        ([[1, 2], [2, 1]], [(0, 1), (1, 0)], {"duplicate-edge"}),
        ({"a": 1}, [], {"skeleton-unreadable"}),
    ],
)
def test_odd_skeletons_are_reported_and_the_rest_is_drawn(
    skeleton: object, drawn: list[tuple[int, int]], codes: set[str]
) -> None:
    dataset = document([{"id": 1, "name": "a", "keypoints": ["x", "y", "z"], "skeleton": skeleton}])
    category = schema_of(dataset).categories[0]
    assert [category.skeleton[index] for index in category.drawable_edges] == drawn
    assert {problem.code for problem in schema_problems(dataset)} == codes


def test_unreadable_facts_become_problems_with_the_row() -> None:
    dataset = document([{"id": 1, "name": "a"}, {"id": 2, "name": "b", "color": "reddish"}])
    (problem,) = schema_problems(dataset)
    assert (problem.code, problem.where, problem.row) == ("color-unreadable", "categories[1].color", 1)
    assert schema_of(dataset).categories[1].color == PALETTE[1]


@pytest.mark.parametrize(
    "record",
    [
        {"id": 1},
        {
            "id": 1,
            "name": 5,
            "supercategory": [],
            "color": {},
            "keypoints": 3,
            "skeleton": "x",
            "labeltool": [],
        },
        {"id": [1], "name": "a", "labeltool": {"kinds": [[]], "attributes": [3, {}], "hotkey": 4}},
        {"id": 1, "name": "a", "keypoints": [1, None], "skeleton": [[1e400, 1], [None, 2]]},
        "no record",
    ],
)
def test_records_of_any_shape_are_read_without_an_error(record: object) -> None:
    dataset = document([record])
    assert len(schema_of(dataset).categories) == 1
    schema_problems(dataset)


def test_suggested_keys_fill_up_around_chosen_ones() -> None:
    classes = [
        Category("a"),
        Category("b", hotkey="1"),
        Category("c"),
        Category("t", kinds=frozenset({"tag"})),
    ]
    assert effective_hotkeys(LabelSchema(tuple(classes))) == ("2", "1", "3", None)


def test_letters_that_napari_uses_are_never_suggested() -> None:
    keys = effective_hotkeys(LabelSchema(tuple(Category(str(i)) for i in range(40))))
    given = [key for key in keys if key is not None]
    assert given[:10] == list("1234567890")
    assert len(set(given)) == len(given) == 18
    assert set(given).isdisjoint("ABCDEFILMOPRSTVXYZ")


def test_a_key_taken_twice_belongs_to_the_first_class() -> None:
    classes = (Category("a", hotkey="q"), Category("b", hotkey="Q"))
    assert effective_hotkeys(LabelSchema(classes)) == ("Q", None)


def test_observed_attributes_are_typed_by_their_values() -> None:
    values = [
        {"occluded": True, "rotation": 1.5, "note": "x", "mixed": 1, "box": [1], "track_id": None},
        {"occluded": False, "rotation": 2, "note": None, "mixed": "a"},
        None,
    ]
    annotations = [
        {"id": i, "image_id": 1, "category_id": 1, "attributes": value} for i, value in enumerate(values)
    ]
    dataset = document([{"id": 1, "name": "a"}], annotations)
    found = observed_attributes(dataset, dataset.annotations.rows())
    assert found == {
        "occluded": "yes_no",
        "rotation": "number",
        "note": "text",
        "mixed": "text",
        "track_id": "text",
    }


def test_only_a_sample_of_many_annotations_is_read() -> None:
    annotations = [{"id": i, "image_id": 1, "category_id": 1, "attributes": {str(i): 1}} for i in range(100)]
    dataset = document([{"id": 1, "name": "a"}], annotations)
    found = observed_attributes(dataset, dataset.annotations.rows(), limit=5)
    assert list(found) == ["0", "24", "49", "74", "99"]


def test_classes_of_bare_annotations_are_tags_when_the_file_says_nothing_else() -> None:
    classes = [{"id": 1, "name": "empty"}, {"id": 2, "name": "box"}, {"id": 3, "name": "known"}]
    classes[2]["labeltool"] = {"kinds": ["tag"]}
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 1},
        {"id": 2, "image_id": 1, "category_id": 2, "bbox": [1, 1, 2, 2]},
        {"id": 3, "image_id": 1, "category_id": 3},
        {"id": 4, "image_id": 1, "category_id": 2, "keypoints": [1, 1, 2]},
    ]
    assert implied_tags(document(classes, annotations)) == (0,)


def test_every_category_of_the_corpus_is_read(corpus_dir: Path) -> None:
    seen = 0
    for path in sorted(corpus_dir.rglob("*.json")):
        try:
            value = json.loads(path.read_bytes().decode("utf-8-sig"))
        except ValueError:
            continue
        records = value.get("categories") if isinstance(value, dict) else None
        if isinstance(records, list) and records:
            dataset = document(records)
            schema = schema_of(dataset)
            names = [record["name"] for record in records]
            assert [category.name for category in schema.categories] == names
            for category, record in zip(schema.categories, records, strict=True):
                assert len(category.skeleton) == len(record.get("skeleton") or [])
            schema_problems(dataset)
            seen += len(names)
    assert seen > 1000
