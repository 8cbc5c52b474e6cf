"""Cells tagged ``python`` and ``shell`` that follow one another become two tabs.

Both are executed. A shell cell begins with ``%%bash``, which is not shown.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import create_component

_TABS = {"tag_python": "Python", "tag_shell": "Command line"}


class SideBySide(SphinxPostTransform):
    """Put neighbouring tagged cells into a set of tabs."""

    # before sphinx-design turns its own nodes into HTML
    default_priority = 150

    def run(self, **_: Any) -> None:
        """Look for a tagged cell and gather those that follow."""
        for cell in list(self.document.findall(_tagged)):
            if isinstance(cell.parent, nodes.container) and cell.parent.get("gathered"):
                continue
            _gather(cell)


def _tagged(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and _label(node) is not None


def _label(cell: nodes.Element) -> str | None:
    classes = cell.get("classes", ())
    if "cell" not in classes:
        return None
    return next((label for tag, label in _TABS.items() if tag in classes), None)


def _gather(first: nodes.Element) -> None:
    place = first.parent
    start = place.index(first)
    cells = []
    for node in place.children[start:]:
        if not _tagged(node):
            break
        cells.append(node)
    tabs = create_component("tab-set", classes=["sd-tab-set"])
    for cell in cells:
        label = _label(cell)
        place.remove(cell)
        _without_magic(cell)
        item = create_component("tab-item", classes=["sd-tab-item"])
        item += nodes.rubric(label, label, classes=["sd-tab-label"], sync_id=label)
        item[-1]["sync_group"] = "language"
        content = create_component("tab-content", classes=["sd-tab-content"])
        content["gathered"] = True
        content += cell
        item += content
        tabs += item
    place.insert(start, tabs)


def _without_magic(cell: nodes.Element) -> None:
    """Show what is typed at a shell, not what a notebook needs to run it."""
    for block in list(cell.findall(nodes.literal_block)):
        text = block.astext()
        if text.startswith("%%bash\n"):
            shown = text.removeprefix("%%bash\n")
            block.replace_self(nodes.literal_block(shown, shown, language="bash"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(SideBySide)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
