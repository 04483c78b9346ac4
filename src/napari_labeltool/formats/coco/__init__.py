"""COCO JSON: a reader and a writer that lose nothing."""

from napari_labeltool.formats.coco.read import parse_coco, read_coco
from napari_labeltool.formats.coco.sniff import looks_like_coco
from napari_labeltool.formats.coco.write import render_coco, write_coco

__all__ = ["looks_like_coco", "parse_coco", "read_coco", "render_coco", "write_coco"]
