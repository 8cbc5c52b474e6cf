"""Formulas become MathML while the pages are built: no script, no font, no network."""

from __future__ import annotations

import html
import re
from typing import Any
from xml.etree import ElementTree as ET

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

_log = logging.getLogger(__name__)


def _markup(node: nodes.Element, *, block: bool) -> str:
    """Return a formula as MathML; one that cannot be read is a warning, so an error."""
    tex = node.astext().replace(r"\dots", r"\ldots").replace("°", r"^{\circ}").strip()
    tex = _DIGITS.sub(r"\\\1{\2}{\3}", tex)
    if block and "\\\\" in tex and "\\begin" not in tex:
        tex = rf"\begin{{aligned}} {tex} \end{{aligned}}"
    try:
        return _spaced(str(tex2mathml(tex, as_block=block)))
    except MathError as fault:
        _log.warning("cannot read the formula %r: %s", tex, fault, location=node)
        return f"<code>{node.astext()}</code>"


# TeX reads \frac12 as one half; docutils reads the number twelve.
_DIGITS = re.compile(r"\\([td]?frac)(\d)(\d)")
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# XML knows five names of characters, HTML hundreds.
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[A-Za-z]+;")
_FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "exp", "min", "max", "arcsin"}
_SCRIPTS = {f"{{{_NAMESPACE}}}{name}" for name in ("msup", "msub", "msubsup", "munder")}


def _spaced(markup: str) -> str:
    """Return a formula with the thin spaces that TeX sets around names of functions."""
    ET.register_namespace("", _NAMESPACE)
    root = ET.fromstring(_NAMED.sub(lambda one: html.unescape(one[0]), markup))
    _space_out(root)
    return ET.tostring(root, encoding="unicode")


def _space_out(row: ET.Element) -> None:
    children = list(row)
    for child in children:
        _space_out(child)
    if row.tag in _SCRIPTS:
        return
    for child in children:
        name = child[0] if child.tag in _SCRIPTS else child
        if (name.text or "").strip() not in _FUNCTIONS:
            continue
        place = list(row).index(child)
        if place + 1 < len(row):
            row.insert(place + 1, _thin())
        if place:
            row.insert(place, _thin())


def _thin() -> ET.Element:
    return ET.Element(f"{{{_NAMESPACE}}}mspace", {"width": "0.17em"})


def _inline(writer: Any, node: nodes.Element) -> None:
    writer.body.append(_markup(node, block=False))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.Element) -> None:
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(_markup(node, block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
