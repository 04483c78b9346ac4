"""What is known of the masks that are shown, beside a dictionary."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.layers.masks_places import MaskPlaces


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["put", "drop", "value"]), st.integers(0, 6)), max_size=40))
def test_places_tell_what_was_put_and_not_taken_out(steps: list[tuple[str, int]]) -> None:
    places = MaskPlaces()
    known: dict[int, tuple[int, int, int]] = {}
    for number, (step, row) in enumerate(steps, 1):
        key = row if row < 5 else -2  # rows 5 and 6 share a key, as areas do
        if step == "put":
            places.put(row, (number, 0, number + 2, 5), key, number)
            known[row] = (number, key, number)
        elif step == "drop":
            places.drop(row)
            known.pop(row, None)
        else:
            places.set_value(key, number)
            known = {r: (top, k, number if k == key else v) for r, (top, k, v) in known.items()}
    expected = [(row, key, value) for row, (_, key, value) in sorted(known.items())]
    assert list(zip(*(column.tolist() for column in places.columns()))) == expected
    seen = [row for row, (top, _, _) in sorted(known.items()) if top < 10 and top + 2 > 5]
    assert places.meeting((5, 0, 10, 5))[0].tolist() == seen
    for row in range(7):
        assert places.get(row) == ((known[row][0], 0, known[row][0] + 2, 5) if row in known else None)
