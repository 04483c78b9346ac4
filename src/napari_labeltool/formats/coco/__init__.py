"""COCO JSON: a reader and a writer that lose nothing."""
