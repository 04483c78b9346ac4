"""What is wrong with a file that is not JSON or not COCO, in words."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.values import decode_json

_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_TRIES: Final = 200
_BEGINNING: Final = 4096


class _Shell(msgspec.Struct):
    annotations: list[msgspec.Raw] | None = None
    images: list[msgspec.Raw] | None = None
    categories: list[msgspec.Raw] | None = None


def not_text(data: bytes, name: str) -> ReadError | None:
    """Return an error for content that cannot be JSON text at all, or None."""
    # a file that ends with a line break would be copied by a look at all of it
    if not data[:_BEGINNING].strip() and not data.strip():
        return ReadError(
            f"{name}: the file is empty ({len(data)} bytes found), a COCO JSON object was expected. "
            "Restore it from "
            "a backup (beside it, if this program saved it before)."
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ReadError(
            f"{name}: UTF-16 text found, UTF-8 expected. Save the file as UTF-8 and open it again."
        )
    kinds = {
        b"\x1f\x8b": "a gzip archive",
        b"PK": "a zip archive",
        b"\x89PNG": "a PNG picture",
        b"\xff\xd8": "a JPEG picture",
        b"II*\x00": "a TIFF picture",
        b"MM\x00*": "a TIFF picture",
        b"<": "XML or HTML",
    }
    for magic, kind in kinds.items():
        if data.startswith(magic):
            return ReadError(
                f"{name}: {kind} found, COCO JSON expected. Choose the JSON file of the dataset"
                + (" (unpack it first)." if "archive" in kind else ".")
            )
    return None


def not_utf8(data: bytes, offset: int, name: str) -> ReadError:
    """Return the error for bytes that are not UTF-8."""
    return ReadError(
        f"{name}: byte {offset} (line {_line(data, offset)}) is 0x{data[offset]:02x}, which is not UTF-8 "
        "text; "
        "the file was probably saved in another encoding, such as Latin-1. Save it as UTF-8 and open it "
        "again. "
        "Nothing was opened."
    )


def too_deep(name: str) -> ReadError:
    """Return the error for lists or objects nested beyond reason."""
    return ReadError(
        f"{name}: lists or objects nested about a thousand deep or deeper were found; COCO needs six levels. "
        "The file was not opened. If it comes from a source that you trust, flatten it with the tool "
        "that made it."
    )


def damaged(data: bytes, error: Exception, name: str) -> ReadError:
    """Return the error for text that is not JSON: where it breaks and what is left of it."""
    match = _BYTE.search(str(error))
    begin = len(data) - len(data.removeprefix(b"\xef\xbb\xbf").lstrip())
    offset = begin + int(match.group(1)) if match else begin
    # a number that the end of the text cuts is called invalid, at the end
    cut = offset >= len(data.rstrip()) and "trailing" not in str(error)
    if "truncated" in str(error) or cut:
        return _truncated(data, name)
    offset = min(offset, len(data) - 1)
    reason = _BYTE.sub("", str(error)).removeprefix("JSON is malformed:").strip()
    excerpt = data[max(offset - 20, 0) : offset + 20].decode("utf-8", "replace")
    return ReadError(
        f"{name}: not valid JSON at byte {offset:,}, line {_line(data, offset)}: {reason}; it stands in "
        f"{excerpt!r}. The file was not opened. Correct that place in a text editor, or restore a backup."
    )


def not_coco(found: str, name: str) -> ReadError:
    """Return the error for JSON that is something else."""
    return ReadError(
        f"{name}: this is JSON, but not COCO: {found} found; an object with `images`, `annotations` or "
        "`categories`, or a list of results with `image_id`, was expected. The file was not opened."
    )


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _truncated(data: bytes, name: str) -> ReadError:
    size = len(data)
    place = f"{name}: the file is truncated: it ends at byte {size:,}, line {_line(data, size)}, inside "
    advice = (
        " The file was not opened and not changed. Restore it from a backup or copy it again; what was "
        "labelled "
        "here since the last save is in the journal beside it."
    )
    array, count, last = _last_complete(data)
    if array is None:
        return ReadError(place + "an unfinished value; no complete record was found." + advice)
    return ReadError(
        place + f"{array}[{count}]. The last complete record is {array}[{count - 1}]{last}." + advice
    )


def _last_complete(data: bytes) -> tuple[str | None, int, str]:
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    end = len(data)
    for _ in range(_TRIES):
        end = data.rfind(b"}", 0, end)
        if end < 0:
            return None, 0, ""
        for closing, kind in ((b"]}", _Shell), (b"]", list[msgspec.Raw])):
            try:
                value = msgspec.json.decode(data[start : end + 1] + closing, type=kind)
            except (msgspec.DecodeError, RecursionError):
                continue
            if isinstance(value, list):
                return "annotations", len(value), _id_text(value)
            for name in ("annotations", "images", "categories"):
                records = getattr(value, name)
                if (
                    records
                    and data.rfind(bytes(records[-1]), 0, end + 1) + len(bytes(records[-1])) == end + 1
                ):
                    return name, len(records), _id_text(records)
    return None, 0, ""


def _id_text(records: list[msgspec.Raw]) -> str:
    try:
        record = decode_json(bytes(records[-1]))
    except (ValueError, RecursionError):
        return ""
    found = record.get("id") if isinstance(record, dict) else None
    return "" if found is None else f" (id {found})"
