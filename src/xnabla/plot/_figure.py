"""Figures into files, without pyplot and so without its global state."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from xnabla.errors import OptionError, explain

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.figure import Figure

__all__ = ["save_figure"]

_ONE_AT_A_TIME = Lock()  # the filters of warnings belong to all threads
_ENDINGS = (".png", ".pdf", ".svg")


def picture_format(path: str | PathLike[str]) -> str:
    """Return the format a file name asks for: ``png``, ``pdf`` or ``svg``.

    Raises
    ------
    OptionError
        If the ending is another one.

    Examples
    --------
    >>> picture_format("gradient.PNG")
    'png'
    """
    ending = Path(path).suffix
    if ending.lower() not in _ENDINGS:
        raise OptionError(
            explain(
                f"'{path}' does not say which kind of picture to write",
                expected="an ending of .png, .pdf or .svg",
                got=f"'{ending}'" if ending else "no ending",
                hint=_usable(Path(path)),
            )
        )
    return ending[1:].lower()


def save_figure(
    figure: Figure, path: str | PathLike[str], *, kind: str | None = None
) -> None:
    """Write a figure in the format its ending names.

    Parameters
    ----------
    figure : Figure
        What :func:`draw` or :func:`draw_gradient` returned.
    path : str or path
        Ends in ``.png``, ``.pdf`` or ``.svg``. An existing file is replaced.
    kind : str, optional
        The format, for a file whose ending does not tell.

    Raises
    ------
    OptionError
        If the ending is another one.
    """
    from matplotlib import rc_context

    form = picture_format(path) if kind is None else kind
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # A name in a script the font lacks shows boxes: the reader sees that.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        # the same figure gives the same bytes: no date, and names of no chance
        dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
        # "tight" lets a label that is longer than foreseen widen the page, not be cut.
        with rc_context({"svg.hashsalt": "xnabla"}):
            figure.savefig(
                path,
                dpi=150,
                format=form,
                bbox_inches="tight",
                pad_inches=0.15,
                metadata=dated,
            )


def _usable(path: Path) -> str:
    """Return a name near the one that was given, ready to be typed."""
    if path.name and path.is_dir():
        return str(path / "gradient.png")
    stem = path.stem.rstrip(". ")
    if not re.fullmatch(r"\w[\w .+-]*", stem):
        stem = "gradient"
    return str(path.with_name(f"{stem}.png")) if path.name else f"{stem}.png"
