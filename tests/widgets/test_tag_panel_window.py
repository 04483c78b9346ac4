"""The panel of image tags with Qt."""

from __future__ import annotations

from pathlib import Path

import pytest
from napari.components import ViewerModel
from section_scenarios import BLURRED, HE, IHC, document, open_document

from napari_labeltool.core.edits import Rows, SetTag
from napari_labeltool.core.schema_edits import RenameCategory
from napari_labeltool.core.tags import tags_of_image
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets.tag_panel import MOST_BUTTONS, TagPanel

pytestmark = pytest.mark.window


def panel_of(qtbot, workspace) -> TagPanel:
    panel = TagPanel()
    qtbot.addWidget(panel)
    panel.set_workspace(workspace)
    panel.show()
    return panel


def button(panel: TagPanel, row: int):
    return next(part.buttons[row] for part in panel.rows if row in part.buttons)


def test_an_exclusive_answer_replaces_the_other_and_clears_at_a_second_click(qtbot, workspace) -> None:
    panel = panel_of(qtbot, workspace)
    button(panel, HE).click()
    assert tags_of_image(workspace.dataset, 0)["stain"] == (HE,)
    button(panel, IHC).click()
    assert tags_of_image(workspace.dataset, 0)["stain"] == (IHC,)
    assert not button(panel, HE).isChecked()
    button(panel, IHC).click()
    assert tags_of_image(workspace.dataset, 0)["stain"] == ()
    assert not button(panel, IHC).isChecked()


def test_the_panel_follows_edits_undo_and_the_image(qtbot, workspace) -> None:
    panel = panel_of(qtbot, workspace)
    assert button(panel, BLURRED).isChecked()
    workspace.apply(SetTag(Rows([0]), Rows([BLURRED]), False))
    assert not button(panel, BLURRED).isChecked()
    workspace.undo()
    assert button(panel, BLURRED).isChecked()
    workspace.show_image(1)
    assert not button(panel, BLURRED).isChecked()


def test_an_unanswered_question_is_marked_in_words(qtbot, workspace) -> None:
    panel = panel_of(qtbot, workspace)
    quality, stain = panel._marks
    assert stain.accessibleName() == "Not answered yet: choose one."
    button(panel, HE).click()
    assert stain.accessibleName() == ""
    assert quality.accessibleName() == ""


def test_buttons_show_keys_and_names_with_an_ampersand(qtbot, workspace) -> None:
    assert button(panel_of(qtbot, workspace), HE).text() == "H&&E  (8)"


def test_a_renamed_tag_shows_at_once(qtbot, workspace) -> None:
    panel = panel_of(qtbot, workspace)
    workspace.apply(RenameCategory("blurred", "out of focus"))
    assert button(panel, BLURRED).text() == "out of focus"


def test_without_tags_a_link_says_where_to_make_them(qtbot, tmp_path: Path) -> None:
    content = document()
    content["categories"] = content["categories"][:3]
    content["annotations"] = content["annotations"][:5]
    del content["labeltool"]
    folder = tmp_path / "plain"
    folder.mkdir()
    workspace = Workspace(open_document(folder, content), ViewerModel())
    panel = panel_of(qtbot, workspace)
    said = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    assert panel.add.isVisible()
    panel.add.click()
    assert "Label schema" in said[0]
    panel.set_workspace(None)
    workspace.close()


def test_a_group_of_many_tags_adds_by_name(qtbot, tmp_path: Path) -> None:
    count = MOST_BUTTONS + 5
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}],
        "categories": [
            {"id": n, "name": f"tag {n}", "labeltool": {"kinds": ["tag"], "tag_group": "g"}}
            for n in range(count)
        ],
        "annotations": [],
        "labeltool": {"tag_groups": [{"name": "g", "type": "multilabel"}]},
    }
    workspace = Workspace(open_document(tmp_path, content), ViewerModel())
    workspace.show_image(0)
    panel = panel_of(qtbot, workspace)
    row = panel.rows[0]
    assert row.buttons == {}
    row._add_named("tag 3")
    assert list(row.buttons) == [3]
    row.buttons[3].click()
    assert row.buttons == {}
    panel.set_workspace(None)
    workspace.close()
