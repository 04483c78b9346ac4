"""A small project to try the program with: pictures of scikit-image, about half of them labelled."""

from napari_labeltool.demo.project import DEMO_FILE_NAME, make_demo_project

__all__ = ["DEMO_FILE_NAME", "make_demo_project"]
