"""Problems that are filtered, ordered, counted and written."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.problems import Problem
from napari_labeltool.widgets.problem_table import COLUMNS, SEVERITIES, ProblemFilter, ProblemTable, as_text

problems = st.lists(
    st.builds(
        Problem,
        st.sampled_from(["bbox-empty", "rle-short", "no-kinds"]),
        st.sampled_from(SEVERITIES),
        st.sampled_from(["annotations[1].bbox", "images[2]", "annotations[10]"]),
        st.sampled_from(["Width is 0.", "Runs are short", "ÄPFEL"]),
        st.sampled_from(["annotations", "images", None]),
        st.none() | st.integers(0, 20),
    ),
    max_size=20,
)
filters = st.builds(
    ProblemFilter,
    st.frozensets(st.sampled_from(SEVERITIES)),
    st.sampled_from([None, "bbox-empty", "rle-short", "unheard-of"]),
    st.sampled_from(["", "WIDTH", "äpfel", "annotations[1", "nothing of that"]),
)


@given(problems, filters)
def test_the_filter_lets_through_exactly_what_it_says(found: list[Problem], wanted: ProblemFilter) -> None:
    expected = [
        place
        for place, problem in enumerate(found)
        if problem.severity in wanted.severities
        and wanted.code in (None, problem.code)
        and any(
            wanted.text.casefold() in text.casefold()
            for text in (problem.code, problem.where, problem.message)
        )
    ]
    assert ProblemTable(found).chosen(wanted).tolist() == expected


@given(problems, st.sampled_from(COLUMNS), st.booleans())
def test_ordering_loses_nothing_and_is_an_order(found: list[Problem], column: str, descending: bool) -> None:
    table = ProblemTable(found)
    places = table.chosen(ProblemFilter())
    ordered = table.ordered(places, column, descending=descending)  # type: ignore[arg-type]
    assert sorted(ordered.tolist()) == places.tolist()
    if column != "where":
        keys = [getattr(found[place], column) for place in ordered.tolist()]
        ranks = [SEVERITIES.index(key) for key in keys] if column == "severity" else keys
        assert ranks == sorted(ranks, reverse=descending)


def test_places_are_ordered_by_number_and_not_by_digit() -> None:
    found = [Problem("c", "info", f"annotations[{row}]", "m", "annotations", row) for row in (10, 9, 100)]
    table = ProblemTable(found)
    assert table.ordered(table.chosen(ProblemFilter()), "where").tolist() == [1, 0, 2]


def test_numbers_are_told_in_words() -> None:
    found = [Problem("c", severity, "w", "m") for severity in ("warning", "error", "warning", "info")]
    assert ProblemTable(found).words(4) == "4 problems: 1 error, 2 warnings, 1 note."
    assert ProblemTable(found).words(1) == "4 problems: 1 error, 2 warnings, 1 note. 1 of them is shown."
    assert ProblemTable(found[:1]).words() == "1 problem: 1 warning."
    assert ProblemTable().words() == "No problems were found."


def test_a_problem_is_one_line_of_text() -> None:
    text = as_text([Problem("c", "error", "a[1]", "two\nlines")])
    assert text == "severity\tcode\tplace\twhat was found\nerror\tc\ta[1]\ttwo lines\n"


def test_a_hundred_thousand_problems_are_filtered_while_one_types() -> None:
    found = [
        Problem(
            f"code-{row % 7}", SEVERITIES[row % 3], f"annotations[{row}]", f"number {row}", "annotations", row
        )
        for row in range(100_000)
    ]
    table = ProblemTable(found)
    assert table.chosen(ProblemFilter(text="number 99999")).tolist() == [99_999]
    begin = time.perf_counter()
    assert len(table.chosen(ProblemFilter(frozenset({"error"}), "code-0", "number"))) == 4762
    assert time.perf_counter() - begin < 0.5
