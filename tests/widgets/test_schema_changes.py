"""Changes of a label schema as values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.schema import Category, Keypoint, LabelSchema, TagGroup, validate
from napari_labeltool.widgets import schema_changes as changes

NAMES = "abcde"
PAIRS = [(a, b) for a in range(5) for b in range(a + 1, 5)]


def pose(edges: list[tuple[int, int]], colors: bool = False) -> Category:
    names = tuple(Keypoint(name) for name in NAMES)
    own = tuple(f"#00000{index}" for index in range(len(edges))) if colors else ()
    return Category("fly", keypoints=names, skeleton=tuple(edges), edge_colors=own)


def joined(category: Category) -> dict[frozenset[str], str | None]:
    """Return the edges by the names that they join, with their colours."""
    names = [point.name for point in category.keypoints]
    colors = [*category.edge_colors, *[None] * len(category.skeleton)]
    return {frozenset((names[a], names[b])): colors[i] for i, (a, b) in enumerate(category.skeleton)}


edges = st.lists(st.sampled_from(PAIRS), unique=True)


@given(edges, st.integers(0, 4), st.integers(0, 4))
def test_moving_a_keypoint_keeps_what_is_joined(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    before = pose(pairs)
    after = changes.with_keypoint_moved(before, start, end)
    assert joined(after) == joined(before)
    assert after.keypoints[end] == before.keypoints[start]
    assert changes.with_keypoint_moved(after, end, start) == before


@given(edges, st.booleans(), st.integers(0, 4))
def test_deleting_a_keypoint_takes_its_edges_and_no_others(
    pairs: list[tuple[int, int]], colors: bool, index: int
) -> None:
    before = pose(pairs, colors)
    after = changes.without_keypoint(before, index)
    expected = {ends: color for ends, color in joined(before).items() if NAMES[index] not in ends}
    assert joined(after) == expected
    assert "".join(point.name for point in after.keypoints) == NAMES.replace(NAMES[index], "")


@given(edges, st.booleans(), st.sampled_from(PAIRS))
def test_switching_an_edge_twice_changes_nothing_but_its_place(
    pairs: list[tuple[int, int]], colors: bool, pair: tuple[int, int]
) -> None:
    before = pose(pairs, colors)
    once = changes.with_edge_switched(before, *pair)
    assert (pair in once.skeleton) != (pair in before.skeleton)
    twice = changes.with_edge_switched(once, pair[1], pair[0])
    assert set(joined(twice)) == set(joined(before))
    others = frozenset(NAMES[end] for end in pair)
    assert {k: c for k, c in joined(twice).items() if k != others} == {
        k: c for k, c in joined(before).items() if k != others
    }


def test_a_point_is_not_joined_with_itself() -> None:
    assert changes.with_edge_switched(pose([]), 1, 1) == pose([])


def test_the_first_keypoint_lets_the_class_be_drawn_by_them_and_the_last_takes_that_away() -> None:
    one = changes.with_new_keypoint(Category("fly"))
    assert "keypoints" in one.kinds
    assert "keypoints" not in changes.without_keypoint(one, 0).kinds


@given(st.lists(st.sampled_from("abc"), max_size=4))
def test_new_classes_are_sound_and_have_names_and_colours_of_their_own(names: list[str]) -> None:
    schema = LabelSchema(tuple(Category(name, key=i, color="#0072b2") for i, name in enumerate(set(names))))
    for _ in range(3):
        schema = changes.with_new_category(schema)
    new = schema.categories[-3:]
    assert len({c.name for c in new}) == len({c.color for c in new}) == 3
    assert not [issue for issue in validate(schema) if issue.severity == "error"]


def test_a_copy_shares_everything_but_name_colour_and_key() -> None:
    original = replace(pose([(0, 1)]), key=3, id=9, hotkey="1", guideline="g", color="#0072b2")
    copy = changes.with_copy(LabelSchema((original,)), 0).categories[1]
    assert (copy.name, copy.key, copy.id, copy.hotkey) == ("fly copy", None, None, None)
    assert copy.color != original.color
    assert (copy.skeleton, copy.keypoints, copy.guideline) == (original.skeleton, original.keypoints, "g")
    assert all(point.key is None for point in copy.keypoints)


def test_a_renamed_group_takes_its_tags_along() -> None:
    tag = Category("H&E", key=0, kinds=frozenset({"tag"}), tag_group="stain")
    schema = LabelSchema((tag, Category("cell", key=1)), (TagGroup("stain", "multiclass"),))
    after = changes.with_group(schema, 0, TagGroup("dye", "multiclass"))
    assert [c.tag_group for c in after.categories] == ["dye", None]
    assert changes.with_group(after, 0, schema.tag_groups[0]) == schema


@pytest.mark.parametrize(("keep", "left"), [(True, ["H&E", "cell"]), (False, ["cell"])])
def test_a_deleted_group_leaves_its_tags_or_takes_them(keep: bool, left: list[str]) -> None:
    tag = Category("H&E", key=0, kinds=frozenset({"tag"}), tag_group="stain")
    schema = LabelSchema((tag, Category("cell", key=1)), (TagGroup("stain", "multiclass"),))
    after = changes.without_group(schema, 0, keep_tags=keep)
    assert [c.name for c in after.categories] == left
    assert all(c.tag_group is None for c in after.categories)
    assert not after.tag_groups


def test_a_change_is_complained_about_only_for_what_it_brings_in() -> None:
    schema = LabelSchema((Category("a", key=0, hotkey="P"), Category("b", key=1), Category("b", key=2)))
    assert changes.complaint(schema, replace(schema, guideline="x")) is None
    renamed = schema.with_category(0, replace(schema.categories[0], name="b"))
    assert "named b" in (changes.complaint(schema, renamed) or "")
    taken = schema.with_category(1, replace(schema.categories[1], hotkey="Z"))
    assert "napari needs the key Z" in (changes.complaint(schema, taken) or "")
