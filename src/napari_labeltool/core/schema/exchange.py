"""Label schemas as files of their own, to be shared between data sets and edited by hand.

The layout, in YAML (``.yaml``, ``.yml``) or the same in JSON (``.json``); all keys but ``format``,
``version`` and the names may be left out:

.. code-block:: yaml

    format: napari-labeltool label schema
    version: 1
    guideline: Label every nucleus that is in focus.
    classes:
    - name: nucleus
      id: 1                       # category id; used for a new class when it is free
      supercategory: cell
      color: '#0072b2'
      hotkey: '1'
      kinds: [box, polygon, mask] # of box, rotated_box, polygon, mask, keypoints, tag
      guideline: Include the membrane.
      attributes:
      - name: stage
        type: choice              # of choice, number, text, yes_no
        values: [interphase, mitosis]
        required: true
        default: interphase
      - {name: confidence, type: number, min: 0, max: 1}
    - name: fly
      kinds: [keypoints]
      keypoints:                  # a name, or name, color and position (x, y in the unit square)
      - head
      - {name: tail, color: '#d55e00', position: [0.5, 1.0]}
      skeleton:                   # names, or numbers counted from 1
      - [head, tail]
      - {from: head, to: tail, color: '#d55e00'}
    - name: blurred
      kinds: [tag]
      tag_group: quality
    tag_groups:
    - {name: quality, type: multilabel}   # of binary, multiclass, multilabel
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from napari_labeltool.core.errors import ReadError, SchemaError, WriteError
from napari_labeltool.core.schema.located import parse_json, parse_yaml
from napari_labeltool.core.schema.model import KINDS, Category, Keypoint, LabelSchema
from napari_labeltool.core.schema.parsing import FORMAT, VERSION, SchemaParser
from napari_labeltool.core.schema.records import attribute_value
from napari_labeltool.core.values import JsonValue

MAX_BYTES: Final = 16 * 2**20
"""A schema file may be so long; more is no schema."""

YAML_SUFFIXES: Final = (".yaml", ".yml")


def read_schema(path: str | os.PathLike[str]) -> LabelSchema:
    """Return the schema of a file; its classes have no key yet.

    Parameters
    ----------
    path
        A ``.yaml``, ``.yml`` or ``.json`` file as the module describes it.

    Raises
    ------
    ReadError
        The file cannot be read.
    SchemaError
        It is no schema; the message names file, line, what was found and what was expected.
    """
    file = Path(path)
    suffix = _suffix(file)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ReadError(
            f"{file}: it cannot be read ({error.strerror or error}). Nothing was imported."
        ) from None
    if len(data) > MAX_BYTES:
        raise SchemaError(
            f"{file.name}: more than 16 MB found, expected a label schema. Nothing was imported."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SchemaError(
            f"{file.name}: byte {error.start} is not UTF-8 text. Save the file as UTF-8;"
            " nothing was imported."
        ) from None
    parse = parse_json if suffix == ".json" else parse_yaml
    return SchemaParser(file.name, parse(text, file.name)).schema()


def write_schema(schema: LabelSchema, path: str | os.PathLike[str]) -> None:
    """Write a schema as a file of its own; a file that is there is replaced at once or stays as it is.

    Parameters
    ----------
    schema
        The schema; keys (rows) of its classes are not written.
    path
        Ends in ``.yaml``, ``.yml`` or ``.json``.

    Raises
    ------
    SchemaError
        The name ends otherwise.
    WriteError
        The file cannot be written.
    """
    file = Path(path)
    value = schema_value(schema)
    if _suffix(file) == ".json":
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    try:
        _replace(file, text.encode("utf-8"))
    except UnicodeEncodeError:
        raise WriteError(
            f"{file}: half a character (a lone surrogate) found in a text. Correct the name;"
            " nothing was written."
        ) from None
    except OSError as error:
        raise WriteError(
            f"{file}: it cannot be written ({error.strerror or error}). Choose another place."
        ) from None


def _suffix(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix != ".json" and suffix not in YAML_SUFFIXES:
        raise SchemaError(f"{file.name}: {suffix or 'no ending'} found, expected .yaml, .yml or .json.")
    return suffix


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# -- values

_ODD_BREAKS: Final = frozenset("\r\x85\u2028\u2029\ufeff")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Block style, with short lists on one line and long texts over several."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values twice rather than by reference."""
        return True


def _represent_list(dumper: _Dumper, value: list[Any]) -> yaml.Node:
    short = all(not isinstance(item, (dict, list)) for item in value) and sum(len(str(v)) for v in value) < 80
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)


def _represent_text(dumper: _Dumper, value: str) -> yaml.Node:
    odd_breaks = not _ODD_BREAKS.isdisjoint(value)  # only double quotes keep these as they are
    style = '"' if odd_breaks else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(str, _represent_text)


def schema_value(schema: LabelSchema) -> dict[str, JsonValue]:
    """Return a schema as the JSON value that a file holds."""
    value: dict[str, JsonValue] = {"format": FORMAT, "version": VERSION}
    if schema.guideline:
        value["guideline"] = schema.guideline
    value["classes"] = [_class_value(category) for category in schema.categories]
    if schema.tag_groups:
        value["tag_groups"] = [
            _said({"name": group.name, "type": group.type, "guideline": group.guideline})
            for group in schema.tag_groups
        ]
    return value


def _said(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return an object without what says nothing; a name stays."""
    return {key: item for key, item in value.items() if key == "name" or item not in ("", None, [], ())}


def _class_value(category: Category) -> dict[str, JsonValue]:
    names = [point.name for point in category.keypoints]
    return _said(
        {
            "name": category.name,
            "id": category.id if isinstance(category.id, (int, str)) else None,
            "supercategory": category.supercategory,
            "color": category.color,
            "hotkey": category.hotkey,
        }
    ) | {
        "kinds": [kind for kind in KINDS if kind in category.kinds],
        **_said(
            {
                "guideline": category.guideline,
                "attributes": [attribute_value(attribute) for attribute in category.attributes],
                "keypoints": [_keypoint_value(point) for point in category.keypoints],
                "skeleton": [_edge_value(category, names, index) for index in range(len(category.skeleton))],
                "tag_group": category.tag_group,
                "isthing": 0 if category.is_area else None,
            }
        ),
    }


def _keypoint_value(point: Keypoint) -> JsonValue:
    if point.color is None and point.position is None:
        return point.name
    position = None if point.position is None else list(point.position)
    return _said({"name": point.name, "color": point.color, "position": position})


def _edge_value(category: Category, names: list[str], index: int) -> JsonValue:
    """Return an edge by names where they are there and unique, else by numbers from 1."""
    ends: list[JsonValue] = [
        names[end] if 0 <= end < len(names) and names.count(names[end]) == 1 else end + 1
        for end in category.skeleton[index]
    ]
    color = category.edge_colors[index] if index < len(category.edge_colors) else None
    return ends if color is None else {"from": ends[0], "to": ends[1], "color": color}
