"""Whether a wind is given eastward and northward, or along the lines of its grid."""

from __future__ import annotations

import re

import xarray as xr

from xnabla.errors import FieldError, GridError, explain
from xnabla.grid import Grid
from xnabla.labels import title_of

# GRIB's own word on the frame of a wind, which must stay with the wind.
FRAME_FLAG = "GRIB_uvRelativeToGrid"

# What a field says of itself, and which frame that is; the first that speaks counts.
# GRIB's own flag comes first: ecCodes calls every u "eastward_wind", along the lines of
# a Lambert map too. "Zonal" comes last: models say it of their own x.
_SAYS: tuple[tuple[str, str, str], ...] = (
    (FRAME_FLAG, r"^(0|false)", "earth"),
    (FRAME_FLAG, r"^(1|true)", "grid"),
    ("standard_name", r"(^|_)grid_(eastward|northward)(_|$)", "grid"),
    ("standard_name", r"(^|_)(eastward|northward)(_|$)", "earth"),
    ("standard_name", r"(^|_)[xy](_|$)", "grid"),
    ("long_name", r"\bgrid[- _](relative|eastward|northward|[xy])\b", "grid"),
    ("long_name", r"\b(eastward|northward)\b", "earth"),
    ("long_name", r"\b([xy]|[ij][- ](axis|component|direction))\b", "grid"),
    ("long_name", r"\bi?[- ]?(xi|eta)[- ]", "grid"),
    ("long_name", r"\b(zonal|meridional)\b", "earth"),
    ("description", r"\b(earth[- ]relative|eastward|northward)\b", "earth"),
    ("description", r"\b[xy][- ](wind|component|direction)\b", "grid"),
)

# What a standard name says of where a part points: towards the east or along x, ….
_POINTS = (
    ("x", re.compile(r"(^|_)(eastward|x)(_|$)")),
    ("y", re.compile(r"(^|_)(northward|y)(_|$)")),
    ("z", re.compile(r"^(upward|downward)_|_upward_|^lagrangian_tendency_of_air_")),
)


def is_along_grid(
    u: xr.DataArray, v: xr.DataArray, grid: Grid, wind: str | None
) -> bool:
    """Tell whether u and v run along a grid that does not run east and north.

    Parameters
    ----------
    u, v : DataArray
        The parts of the wind.
    grid : Grid
        Their grid.
    wind : {"earth", "grid"} or None
        What the user says; ``None`` is what the fields say.

    Raises
    ------
    GridError
        If it matters and nobody says, or the two parts say different things.
    FieldError
        If a part says that it is another one.
    """
    _check_order(u, v)
    surface = grid.surface
    if wind == "earth" or surface is None:
        return False
    if wind == "grid":
        return True
    told = {name: _frame_of(part) for name, part in (("u", u), ("v", v))}
    frames = set(told.values()) - {None}
    if len(frames) == 1:
        return frames == {"grid"} and not surface.is_aligned()
    if surface.is_aligned():
        return False
    if frames:
        raise GridError(
            explain(
                f"{title_of(u)} is along the {told['u']} and {_within(v)} along the "
                f"{told['v']}",
                expected="both parts of a wind in one frame",
                got=", ".join(_said(part) for part in (u, v)),
                hint="wind='earth' or wind='grid'",
            )
        )
    raise GridError(
        explain(
            f"On this {grid.kind} grid it matters whether {_within(u)} and "
            f"{_within(v)} are eastward and northward or along the grid, and neither "
            "says",
            expected="standard_name eastward_wind and northward_wind, or x_wind and "
            "y_wind",
            got=", ".join(_said(part) for part in (u, v)),
            hint="wind='earth' or wind='grid'",
        )
    )


def _check_order(u: xr.DataArray, v: xr.DataArray) -> None:
    """Refuse parts that say they are others: swapped, the signs would be wrong."""
    told = _points_of(u), _points_of(v)
    wrong = [
        (part, "first" if own == "x" else "second")
        for part, says, own in zip((u, v), told, "xy", strict=True)
        if says not in {None, own}
    ]
    if not wrong:
        return
    part, place = wrong[0]
    raise FieldError(
        explain(
            f"{title_of(part)} is given as the {place} part of a wind, and says that "
            "it is another",
            expected="first the part towards the east, or along x, then that towards "
            "the north, or along y",
            got=" and ".join(_said(one) for one in (u, v)),
            hint="the other order"
            if told == ("y", "x")
            else "the other part, or drop_attrs() if the standard_name is wrong",
        )
    )


def _points_of(part: xr.DataArray) -> str | None:
    name = str(part.attrs.get("standard_name", "")).lower()
    found = [where for where, pattern in _POINTS if pattern.search(name)]
    flat = [where for where in found if where != "z"] or found
    return flat[0] if len(flat) == 1 else None


def _frame_of(part: xr.DataArray) -> str | None:
    for attribute, pattern, frame in _SAYS:
        text = str(part.attrs.get(attribute, ""))
        if text and re.search(pattern, text.lower()):
            return frame
    return None


def _within(part: xr.DataArray) -> str:
    """Return what to call a part inside a sentence."""
    title = title_of(part)
    return title[0].lower() + title[1:]


def _said(part: xr.DataArray) -> str:
    name = part.attrs.get("standard_name")
    return f"standard_name {name!r}" if name else "no standard_name"
