"""What to type at a shell instead of the Python that the library advises."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable

__all__ = ["AT_A_SHELL", "listed", "program"]

# Methods of a field that are methods of a whole file too, with their arguments.
_OF_A_FILE = re.compile(
    r"field\.(?:(?:sortby|drop_duplicates|roll|swap_dims)\([^()]*\)"
    r"|groupby\('[^']*'\)\.mean\(\)"
    r"|isel\(\w+=(?:numpy\.isfinite\(field\['[^']*'\]\)"
    r"|field\['[^']*'\]\.notnull\(\))\)"
    r"|assign_coords\(\w+=field\['[^']*'\]\.where\(abs\(field\['[^']*'\]\) <= 90\)\)"
    r")(?=$|,)"
)
# What the values of a coordinate of that name are in.
_UNITS = {"lat": "degrees_north", "lon": "degrees_east"}
_SPANS = {"M": "month", "Y": "year"}


def _axis(name: str) -> str:
    """Return what gives a dimension its coordinate."""
    unit = _UNITS.get(name[:3].lower(), "km")
    return (
        f"ncap2 -s '{name}=array(0.0,1.0,${name}); {name}@units=\"{unit}\"' "
        "FILE mended.nc, with its own first value, step and unit"
    )


# Pairs of what the library advises and what to type instead; FILE and NAME stand for
# the file and the variable of the command.
AT_A_SHELL: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"overwrite=True", "--overwrite"),
    (r"grid=xn\.grid_of\(field, ([^)]*)\)", r"\1"),
    (
        r"""field(?:\['([^']*)'\])?\.attrs\[["']units["']\] = ["']([^"']*)["']""",
        lambda m: f"ncatted -a units,{m[1] or 'NAME'},o,c,{shlex.quote(m[2])} FILE",
    ),
    (
        r"""field\['([^']*)'\]\.attrs\['(\w+)'\] = '([^']*)'""",
        r"ncatted -a \2,\1,o,c,\3 FILE",
    ),
    (
        r"xn\.gradient\(field, \(([^)]*)\)\)(\.magnitude\(\))?",
        lambda m: f"--dims {listed(m[1])}",
    ),
    (r"xn\.derivative\(field, '([^']*)'\)", r"xnabla derivative FILE -v NAME --dim \1"),
    (r"print\(xn\.grid_of\(field\)\)", "xnabla info FILE"),
    (
        r"xn\.destagger\(field, like=\w+\)",
        "xnabla destagger FILE -v NAME -o NAME.nc",
    ),
    (
        r"xn\.destagger\(dataset\['(\w+)'\], like=\S+\)",
        r"xnabla destagger FILE -v \1 -o \1.nc",
    ),
    (r"xn\.trend\(field\)", "xnabla trend FILE -v NAME"),
    (
        r"""xn\.smooth\(field, length_scale="([^"]*)"\)""",
        lambda m: f"xnabla smooth FILE -v NAME --length_scale {shlex.quote(m[1])}",
    ),
    (
        r"xn\.accuracy_report\('([^']*)'\)",
        lambda m: f"xnabla check --grid {shlex.quote(m[1])}",
    ),
    (
        # a selection by value would ask the same coordinate what it is
        r"field\.isel\((\w+)=abs\(field\['[^']*'\]\) <= 90\)",
        r"ncks -d \1,-90.,90. FILE NAME.nc",
    ),
    # the program has no such option
    (r"; or edge_order=1 of xn\.derivative and xn\.gradient", ""),
    (r"xn\.thermal_wind\(thickness\)", "no --bottom and no --top"),
    (r"xn\.thermal_wind\(temperature, ('[^']*'), ('[^']*')\)", r"--bottom \1 --top \2"),
    (r"xn\.potential_vorticity\(theta, u, v, pressure\)", "--pressure NAME"),
    (r"xn\.coriolis_parameter\([\d.]*\), or ", ""),
    (r"field\.assign_coords\([^)]*\), or ", ""),
    (r" \* units\('[^']*'\)", ""),
    # the program has opened the file like that already
    (r"xr\.open_dataset\(\w+, decode_coords='all'\)(\[\w+\])?, or ", ""),
    (
        r"xr\.open_dataset\(\w+, decode_coords='all'\)(\[\w+\])?",
        "--crs CRS, the projection of x and y",
    ),
    (r"(?:field|mask)\.isel\([Tt]ime=0\)", "--time 0"),
    (r"field\.isel\((\w+)=0\)", r"--select \1=VALUE"),
    (
        r"field\.isel\((\w+)=slice\(0, (\d+)\)\)",
        lambda m: f"ncks -d {m[1]},0,{int(m[2]) - 1} FILE mended.nc",
    ),
    (
        r"field\.assign_coords\((\w+)=\.\.\.\)",
        lambda m: _axis(m[1]),
    ),
    (
        r"field\.assign_coords\(\w+=xarray\.date_range\('2000-01', periods=.*, "
        r"freq='([MY])S'\)\)",
        lambda m: (
            "cdo -r setreftime,2000-01-01,00:00:00,days "
            f"-settaxis,2000-01-01,00:00:00,1{_SPANS[m[1]]} FILE mended.nc"
        ),
    ),
    (
        r"dataset = xarray\.decode_cf\(dataset\)",
        "cdo -r settaxis,2000-01-01,00:00:00,1day FILE mended.nc, with its own first "
        "time and step",
    ),
    (
        r"field\.drop_vars\([(\[]([^)\]]*)[)\]]\)",
        lambda m: f"ncks -C -x -v {listed(m[1])} FILE mended.nc",
    ),
    (r", or field\.drop_vars of the grid mapping", ""),
    (r"field\.resample\(\w+='1YS'\)\.mean\(\)", "cdo yearmean FILE mended.nc"),
    (
        r"field\.where\(numpy\.isfinite\(field\)\)",
        "--fill NAME=inf,-inf",
    ),
    (
        r"xr\.align\(\.\.\., join='inner'\), or other\.assign_coords\((\w+)="
        r"field\['\w+'\]\)",
        r"ncks -A -C -v \1 FILE OTHER.nc,",
    ),
    (r", or set the time$", ""),
    (r"xnabla\.units\.difference\(unit\), or kelvin", "--units K"),
    (r"xn\.derivative\(field, field\.dims\[0\]\)", "xnabla derivative FILE --dim DIM"),
    (r"xn\.helmholtz\(dataset\['u'\], dataset\['v'\]\)", "--u NAME --v NAME"),
    (
        r"bc=\{'y': \('dirichlet', 0\.0\), 'x': \('neumann', 0\.0\)\}",
        "--bc y=dirichlet --bc x=neumann",
    ),
    (r"periodic=\{'[^']*': (True|False)\}", r"periodic=\1"),
    (
        r"mask=dataset\['(\w+)'\] != 0",
        r"ncap2 -s 'mask=byte(\1 != 0)' FILE mended.nc, and --mask mask",
    ),
    (r", or mask\.any\('time'\) along other dimensions than .*$", ""),
    (r"mask=~mask, if", "a mask that is 0 there, if it"),
    (r" on the command line, or field\.(sel|isel)\(.*\)", ""),
    (r"xn\.open\('([^']*)'\) alone", r"\1 alone"),
    (
        r"xn\.open\(path, fill=\{'([^']*)': ([^}]*)\}\), or None for \S+ if",
        r"--fill \1=\2, or \1=none if",
    ),
    (r"open_dataset\(path, chunks='auto'\)", "--level or --time, for less at once"),
    (
        r"field\.chunk\(\{[^}]*\}\)",
        "--memory '8 GB', so that it is held whole; --level or --time, for less at "
        "once",
    ),
)


def listed(names: str) -> str:
    """Return the names in a tuple as a shell's list: lat,lon."""
    return ",".join(re.findall(r"[^\s,'\"]+", names))


def program(advice: str, file: str) -> str | None:
    """Return advice on a field as a line that does it to a file, if there is one.

    Neither NCO nor CDO sorts a coordinate or drops what is there twice; Python with
    xarray is there wherever the program is.

    Examples
    --------
    >>> line = program("field.sortby('lat')", "t.nc")
    >>> line.split("; ")[-1].rstrip("'")
    'd.sortby("lat").to_netcdf("mended.nc")'
    """
    found = _OF_A_FILE.match(advice)
    if found is None:
        return None
    call = re.sub(r"\bfield\b", "d", found.group()).replace("'", '"')
    modules = "numpy, xarray" if "numpy." in call else "xarray"
    code = (
        f"import {modules}; d = xarray.open_dataset({json.dumps(file)}); "
        f'{call}.to_netcdf("mended.nc")'
    )
    return f"python -c {shlex.quote(code)}{advice[found.end() :]}"
