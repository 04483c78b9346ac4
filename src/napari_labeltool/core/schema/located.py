"""YAML and JSON text as plain values whose places in the text are known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import yaml

from napari_labeltool.core.errors import SchemaError
from napari_labeltool.core.values import JsonValue

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

MAX_DEPTH: Final = 20
MAX_VALUES: Final = 500_000
"""Values that a file may have, references counted; a small YAML file can name an endless number."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML in which only ``true`` and ``false`` are booleans, and dates and ``1:30`` are text."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


@dataclass(frozen=True, slots=True)
class Located:
    """A document as plain values.

    Parameters
    ----------
    value
        dict, list, str, int, float, bool or None.
    text
        The text it came from.
    """

    value: JsonValue
    text: str

    def line(self, place: Place) -> int | None:
        """Return the line of the value at a place, or of the nearest one around it; None when unknown."""
        try:
            node = _Loader(self.text).get_single_node()
        except (yaml.YAMLError, RecursionError):
            return None
        for step in place:
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return None if node is None else int(node.start_mark.line) + 1


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def parse_yaml(text: str, file: str) -> Located:
    """Return the values of a YAML text.

    Raises
    ------
    SchemaError
        The text is not YAML, a key occurs twice, or it is nested without end.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return Located(None if node is None else _Values(loader, file).of(node), text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise SchemaError(
            f"{file}{line}: this is not YAML ({error.problem}). Correct the line; nothing was imported."
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise SchemaError(f"{file}: this is not YAML ({error}). Nothing was imported.") from None
    except RecursionError:
        raise _too_much(file) from None


class _Values:
    """Nodes of a YAML text as plain values, so many and no more."""

    def __init__(self, loader: _Loader, file: str) -> None:
        self._loader = loader
        self._file = file
        self._count = 0

    def of(self, node: Any, depth: int = 0) -> JsonValue:
        """Return the value of a node."""
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            raise _too_much(self._file)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(item, depth + 1) for item in node.value]
        if not isinstance(node, yaml.MappingNode):
            return self._loader.construct_object(node)
        result: dict[str, JsonValue] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in result:
                line = key.start_mark.line + 1
                raise SchemaError(
                    f"{self._file}, line {line}: the key {name} occurs twice, expected once."
                    " Nothing was imported."
                )
            result[name] = self.of(value, depth + 1)
        return result


def parse_json(text: str, file: str) -> Located:
    """Return the values of a JSON text.

    Raises
    ------
    SchemaError
        The text is not JSON, a key occurs twice, or it is nested without end.
    """

    def unique(pairs: list[tuple[str, JsonValue]]) -> Mapping[str, JsonValue]:
        result = dict(pairs)
        if len(result) < len(pairs):
            names = [name for name, _ in pairs]
            double = next(name for name in names if names.count(name) > 1)
            raise SchemaError(f"{file}: the key {double} occurs twice, expected once. Nothing was imported.")
        return result

    try:
        return Located(json.loads(text, object_pairs_hook=unique), text)
    except json.JSONDecodeError as error:
        raise SchemaError(
            f"{file}, line {error.lineno}: this is not JSON ({error.msg}). Correct the line;"
            " nothing was imported."
        ) from None
    except RecursionError:
        raise _too_much(file) from None
    except ValueError as error:
        raise SchemaError(f"{file}: this is not JSON ({error}). Nothing was imported.") from None


def _too_much(file: str) -> SchemaError:
    return SchemaError(
        f"{file}: more than {MAX_VALUES:,} values or {MAX_DEPTH} lists within lists found,"
        " expected a label schema. Nothing was imported."
    )
