"""The filter language of the annotation list. No Qt.

Words are separated by spaces and all of them must hold; quotes hold words with spaces together::

    nucleus                     the class contains "nucleus", or the id is that word
    class:nucleus,mitosis       one of several classes (contains); class=nucleus is exactly that name
    kind:mask                   box, rotated, polygon, mask, keypoints, tag
    status:needs_review         none, draft, needs_review, approved, rejected
    area>200  score<=0.5        also width, height, left, top, id; with > >= < <= = !=
    attr.stage=late             an attribute; also with : (contains) and > >= < <= !=; yes and no for true and false
    is:crowd  has:score         also has:keypoints, has:attributes
    -kind:mask                  a minus before a word: all others
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from napari_labeltool.core.columns import Flag, is_number
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import STATUSES
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.nested_values import nested_values
from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.widgets.annotation_facts import KIND_WORDS, RecordFacts, kind_codes
from napari_labeltool.widgets.class_looks import UNLABELLED_ROW, ClassLooks

HELP: Final = (
    "Show only some annotations. Examples:\n"
    "nucleus  or  class:nucleus,mitosis  or  class=nucleus\n"
    "kind:mask  (box, rotated, polygon, mask, keypoints, tag)\n"
    "status:needs_review  (none, draft, needs_review, approved, rejected)\n"
    "area>200  score<=0.5  (also width, height, left, top, id)\n"
    "attr.stage=late  attr.occluded=yes  attr.count>3  (attributes; : is contains)\n"
    "is:crowd  has:score  has:keypoints  has:attributes\n"
    'A minus before a word: all others. Quotes: class="red cell"'
)

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ":": operator.eq,
    "!=": operator.ne,
}
_NUMBERS: Final = ("area", "score", "width", "height", "left", "top", "id")
_WORDS: Final = ("class", "kind", "status", "is", "has")
_TOKEN: Final = re.compile(r'-?(?:"[^"]*"|[^\s"])+')
_TERM: Final = re.compile(r"([a-z]+|attr\.[^:=<>!]+)(>=|<=|!=|[:=<>])(.*)", re.DOTALL)
_ATTRIBUTE: Final = "attr."
_TRUTH: Final = {"yes": True, "true": True, "no": False, "false": False}


class FilterError(LabeltoolError):
    """A filter text that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition.

    Parameters
    ----------
    key
        What it is about; ``"word"`` for a bare word.
    sign
        How it compares.
    values
        With what; one of them is enough.
    negated
        Whether it must not hold.
    """

    key: str
    sign: str
    values: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A filter; `parse_query` makes it.

    Parameters
    ----------
    terms
        All must hold.
    """

    terms: tuple[Term, ...] = ()

    def matches(self, dataset: Dataset, rows: IntArray, looks: ClassLooks, facts: RecordFacts) -> BoolArray:
        """Return which of some annotations the filter lets through.

        Parameters
        ----------
        dataset
            The dataset.
        rows
            Rows of annotations.
        looks
            Names of the classes.
        facts
            Scores and statuses.
        """
        result = np.ones(len(rows), bool)
        for term in self.terms:
            facts.check()
            found = _found(term, dataset, rows, looks, facts)
            result &= ~found if term.negated else found
        return result


def parse_query(text: str) -> Query:
    """Return the filter that a text means; the empty one lets everything through.

    Raises
    ------
    FilterError
        A word is not understood; the message says which and what is.
    """
    return Query(tuple(_term(token) for token in _TOKEN.findall(text)))


def _term(token: str) -> Term:
    negated = token.startswith("-") and len(token) > 1
    word = token[1:] if negated else token
    match = _TERM.fullmatch(word)
    if match is None:
        return Term("word", ":", (word.replace('"', "").casefold(),), negated)
    key, sign, rest = match.groups()
    values = tuple(value.strip() for value in rest.replace('"', "").split(","))
    if key in _NUMBERS:
        _number(word, values[0])
    elif key.startswith(_ATTRIBUTE):
        if sign in (">", ">=", "<", "<="):
            _number(word, values[0])
    elif key not in _WORDS:
        known = ", ".join((*_WORDS, *_NUMBERS, "attr.NAME"))
        raise FilterError(f"{word}: {key} found, expected one of {known}, or a word without {sign}")
    elif sign not in (":", "=", "!="):
        raise FilterError(f"{word}: {sign} found after {key}, expected : or =")
    else:
        _check_words(word, key, values)
    return Term(key, sign, values, negated)


def _number(word: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise FilterError(f"{word}: {value or 'nothing'} found, expected a number") from None


def _check_words(word: str, key: str, values: tuple[str, ...]) -> None:
    known: dict[str, tuple[str, ...]] = {
        "kind": tuple(name.split(" ")[0] for name in KIND_WORDS),
        "status": ("none", *STATUSES[1:]),
        "is": ("crowd",),
        "has": ("score", "keypoints", "attributes"),
    }
    for value in values:
        if key in known and _plain(value) not in known[key]:
            raise FilterError(f"{word}: {value or 'nothing'} found, expected {' or '.join(known[key])}")


def _plain(value: str) -> str:
    """Return a value in the one spelling that is compared: ``Needs review`` is ``needs_review``."""
    plain = value.casefold().replace(" ", "_").replace("-", "_")
    return "rotated" if plain == "rotated_box" else plain


def _found(term: Term, dataset: Dataset, rows: IntArray, looks: ClassLooks, facts: RecordFacts) -> BoolArray:
    table = dataset.annotations
    if term.key in _NUMBERS:
        with np.errstate(invalid="ignore"):
            numbers = _numbers(term.key, dataset, rows, facts)
            found = _COMPARE[term.sign](numbers, float(term.values[0])) & np.isfinite(numbers)
        return np.asarray(found, bool)
    if term.key.startswith(_ATTRIBUTE):
        values, places = nested_values(table, rows, "attributes", facts.check)
        found = np.array([_has_value(term, value) for value in values], bool)[places]
    elif term.key in ("word", "class"):
        found = _of_class(term, dataset, rows, looks)
    elif term.key == "kind":
        codes = [
            code for code, name in enumerate(KIND_WORDS) if name.split(" ")[0] in map(_plain, term.values)
        ]
        found = np.isin(kind_codes(table, rows), codes)
    elif term.key == "status":
        wanted = ["" if value == "none" else value for value in map(_plain, term.values)]
        codes = [code for code, status in enumerate(STATUSES) if status in wanted]
        found = np.isin(facts.statuses(rows), codes)
    elif term.values == ("attributes",):
        values, places = nested_values(table, rows, "attributes", facts.check)
        found = np.array([isinstance(value, dict) and bool(value) for value in values], bool)[places]
    else:
        bits = {
            "crowd": Flag.CROWD,
            "score": Flag.SCORE,
            "keypoints": Flag.KEYPOINTS,
            "attributes": Flag.ATTRIBUTES,
        }
        found = (table.flags[rows] & sum(bits[_plain(value)] for value in term.values)) != 0
    return np.asarray(~found if term.sign == "!=" else found, bool)


def _has_value(term: Term, attributes: Any) -> bool:
    """Tell whether attributes have a value that a condition asks for; the caller turns ``!=`` around."""
    name = term.key.removeprefix(_ATTRIBUTE).replace('"', "")
    value = attributes.get(name) if isinstance(attributes, dict) else None
    if term.sign in (">", ">=", "<", "<="):
        return is_number(value) and bool(_COMPARE[term.sign](value, float(term.values[0])))
    return any(_is_value(value, wanted.casefold(), term.sign == ":") for wanted in term.values)


def _is_value(value: Any, wanted: str, contains: bool) -> bool:
    if value is None:
        return wanted in ("", "none")
    if isinstance(value, bool):
        return _TRUTH.get(wanted) is value
    if is_number(value):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    if isinstance(value, list):
        return any(_is_value(part, wanted, contains) for part in value)
    text = str(value).casefold()
    return wanted in text if contains else wanted == text


def _numbers(key: str, dataset: Dataset, rows: IntArray, facts: RecordFacts) -> Any:
    table = dataset.annotations
    if key == "score":
        return facts.scores(rows)
    if key in ("area", "id"):
        return (table.area if key == "area" else table.id)[rows].astype(np.float64)
    return table.bbox[rows, ("left", "top", "width", "height").index(key)]


def _of_class(term: Term, dataset: Dataset, rows: IntArray, looks: ClassLooks) -> BoolArray:
    """Find by the names of classes; of a bare word also the annotation with that id."""
    table = dataset.annotations
    wanted = [value.casefold() for value in term.values]
    exact = term.key == "class" and term.sign in ("=", "!=")
    chosen = np.zeros(dataset.categories.row_count + 1, bool)
    for row in (*(look.row for look in looks.all()), UNLABELLED_ROW):
        name = looks.of(row).name.casefold()
        chosen[row] = any(name == value if exact else value in name for value in wanted)
    found = chosen[table.category[rows]]
    if term.key == "word":
        word = term.values[0]
        if word.isdigit() and len(word) < 19:
            found = found | (table.id[rows] == int(word))
        elif table.odd_ids:
            found = found | np.isin(rows, [row for row, id in table.odd_ids.items() if str(id) == word])
    return np.asarray(found, bool)
