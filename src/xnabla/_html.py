"""Pieces of HTML for notebooks: escaped, self-contained, in the page's colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

# Colours are those of the page, so that light and dark ones are readable alike.
_CELL = (
    "text-align:left;padding:1px 10px 1px 0;vertical-align:top;background:transparent"
)
_FAINT = "opacity:0.65;font-weight:normal"
_LONGEST = 200  # characters of a cell


def block(title: str, *parts: str) -> str:
    """Return parts that are HTML under a title that is text.

    Examples
    --------
    >>> block("a < b").startswith('<div class="xnabla"')
    True
    >>> "a &lt; b" in block("a < b")
    True
    """
    return (
        '<div class="xnabla" style="color:inherit;line-height:1.4">'
        f"<div><b>{text(title)}</b></div>{''.join(parts)}</div>"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows of text as a table; without a line of heads if these are empty."""
    cells = "".join(f'<th style="{_CELL};{_FAINT}">{text(one)}</th>' for one in head)
    top = f"<tr>{cells}</tr>" if any(head) else ""
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL}">{text(one)}</td>' for one in row)
        + "</tr>"
        for row in rows
    )
    return f'<table style="border:none;margin:2px 0">{top}{body}</table>'


def fold(title: str, inside: str) -> str:
    """Return HTML that opens at a click on its title."""
    return f"<details><summary>{text(title)}</summary>{inside}</details>"


def lines_html(lines: Sequence[str]) -> str:
    """Return lines of "what: how" as a table, the first without a colon too."""
    rows = [line.strip().partition(": ") for line in lines]
    return table((), [(name, rest) for name, _, rest in rows])


def text(words: object) -> str:
    """Return any text so that a page shows it and nothing in it acts, and not too long.

    Examples
    --------
    >>> text("<script>1</script>")
    '&lt;script&gt;1&lt;/script&gt;'
    """
    shown = "".join(c if c.isprintable() else " " for c in str(words))
    if len(shown) > _LONGEST:
        shown = shown[: _LONGEST - 1] + "…"
    return escape(shown)
