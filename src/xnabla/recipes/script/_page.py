"""A report as one page: nothing is loaded from elsewhere, and nothing in it can run."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = ["page_of"]

# Numbers of so many digits read best in full.
_PLAIN = (1e4, 1e6)
_KINDS = {".png": "image/png", ".svg": "image/svg+xml"}


def page_of(report: Mapping[str, Any], pictures: Mapping[str, Path]) -> str:
    """Return the HTML of a report.

    Whatever a file or a recipe says is text in it: all is escaped, and a policy in the
    page forbids scripts and whatever lies outside of it.

    Parameters
    ----------
    report : mapping
        What :func:`report_of` returned.
    pictures : mapping of str to Path
        The pictures by the name of their target.
    """
    from jinja2 import Environment, StrictUndefined

    room = files("xnabla.recipes.script")
    style = room.joinpath("report.css").read_text(encoding="utf-8")
    template = room.joinpath("report.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "bytes": _bytes,
        "missing": _missing,
        "number": _number,
        "seconds": _seconds,
        "unit": _unit,
        "when": _when,
    }
    environment.globals |= {"style_hash": _hash(style)}
    # the style is ours, and inside <style> nothing may be escaped
    from markupsafe import Markup

    return environment.from_string(template).render(
        r=report,
        style=Markup(style),
        pictures=[_picture(report, name, path) for name, path in pictures.items()],
    )


def _hash(style: str) -> str:
    return "sha256-" + b64encode(sha256(style.encode("utf-8")).digest()).decode()


def _picture(report: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    target = next(one for one in report["targets"] if one["name"] == name)
    shown = {
        "file": target["file"],
        "caption": target["title"],
        "alt": f"Picture of {target['title']}",
        "uri": "",
        "why": "",
    }
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        return shown | {"why": f"{path.suffix[1:].upper()}: see the file itself"}
    content = b64encode(path.read_bytes()).decode()
    return shown | {"uri": f"data:{kind};base64,{content}"}


def _number(value: float | None) -> str:
    """Return a number as a table shows it.

    Examples
    --------
    >>> _number(0.000123456), _number(271.25), _number(96352.6), _number(None)
    ('0.0001235', '271.2', '96353', '–')
    >>> _number(-7.1e-10)
    '−7.1e−10'
    """
    if value is None or not math.isfinite(value):
        return "–"
    if _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return f"{value:.0f}".replace("-", "−")
    mantissa, mark, power = f"{value:.4g}".partition("e")
    shown = f"{mantissa}e{int(power)}" if mark else mantissa
    return shown.replace("-", "−")


def _missing(row: Mapping[str, Any]) -> str:
    missing, count = row.get("missing"), row.get("count")
    if not missing or not count:
        return "none" if missing == 0 else "–"
    percent = 100 * missing / count
    return f"{percent:.3g} %" if percent >= 0.01 else f"{missing}"


def _unit(text: str) -> str:
    from xnabla.plot import pretty_units

    return "–" if text in ("", "1") else pretty_units(text)


def _seconds(value: float | None) -> str:
    """Return a time for people.

    Examples
    --------
    >>> _seconds(0.0421), _seconds(75), _seconds(None)
    ('42 ms', '1 min 15 s', '–')
    """
    if value is None:
        return "–"
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _bytes(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.4g} TB"


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
