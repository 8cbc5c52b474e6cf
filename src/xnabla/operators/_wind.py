"""Whether a wind is given eastward and northward, or along the lines of its grid."""

from __future__ import annotations

import re

import xarray as xr

from xnabla.errors import GridError, explain
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
    """
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
                f"{title_of(u)} is along the {told['u']} and {title_of(v)} along the "
                f"{told['v']}",
                expected="both parts of a wind in one frame",
                got=", ".join(_said(part) for part in (u, v)),
                hint="wind='earth' or wind='grid'",
            )
        )
    raise GridError(
        explain(
            f"On this {grid.kind} grid it matters whether {title_of(u)} and "
            f"{title_of(v)} are eastward and northward or along the grid, and neither "
            "says",
            expected="standard_name eastward_wind and northward_wind, or x_wind and "
            "y_wind",
            got=", ".join(_said(part) for part in (u, v)),
            hint="wind='earth' or wind='grid'",
        )
    )


def _frame_of(part: xr.DataArray) -> str | None:
    for attribute, pattern, frame in _SAYS:
        text = str(part.attrs.get(attribute, ""))
        if text and re.search(pattern, text.lower()):
            return frame
    return None


def _said(part: xr.DataArray) -> str:
    name = part.attrs.get("standard_name")
    return f"standard_name {name!r}" if name else "no standard_name"
