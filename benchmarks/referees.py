"""Other programs on winds and fields whose derivatives are known: how far off each is.

CDO, NCL, GrADS and MetPy get the same file; each is judged against the closed form on
the Earth it uses itself, so that its radius is no error. A program that is not
installed has no row.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from fields import FIELDS, WGS84, Figure, around, gaussian, jittered, with_poles
from winds import WINDS, flow

import xnabla as xn

Fields = dict[str, np.ndarray]
CDO_M = 6_371_220.0  # in its manual and its source; NCL's is the same
# Its hcurl is the flux form by centred differences over a cos: with this radius it is
# so to 5e-8, in single precision.
GRADS_M = 6_370_000.0

WIND, FIELD = WINDS["mixed"], FIELDS["mixed"]


@dataclass(frozen=True, eq=False)
class Case:
    """A grid of latitudes and longitudes, from south to north."""

    name: str
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def phi(self) -> np.ndarray:
        """Latitude in radians, a column."""
        return np.deg2rad(self.latitude)[:, np.newaxis]

    @property
    def lam(self) -> np.ndarray:
        """Longitude in radians, a row."""
        return np.deg2rad(self.longitude)[np.newaxis, :]

    def dataset(self) -> xr.Dataset:
        """Return the wind and the field as a file holds them."""
        u, v = WIND.uv(self.phi, self.lam)
        t = FIELD.value(self.phi, self.lam)
        named = {
            "u": (u, "m/s", "eastward_wind"),
            "v": (v, "m/s", "northward_wind"),
            "t": (t, "K", "air_temperature"),
        }
        return xr.Dataset(
            {
                name: (
                    ("time", "lat", "lon"),
                    (values + 0.0 * self.phi + 0.0 * self.lam)[np.newaxis],
                    {"units": units, "standard_name": standard_name},
                )
                for name, (values, units, standard_name) in named.items()
            },
            coords={
                "time": ("time", [0.0], {"units": "hours since 2000-01-01 00:00"}),
                "lat": ("lat", self.latitude, {"units": "degrees_north"}),
                "lon": ("lon", self.longitude, {"units": "degrees_east"}),
            },
        )

    def exact(self, figure: Figure) -> Fields:
        """Return what should come out on a figure of the Earth."""
        made = flow(WIND.tensor(self.phi, self.lam, figure))
        whole = np.zeros((self.latitude.size, self.longitude.size))
        return {
            "vorticity": made["vorticity"] + whole,
            "divergence": made["divergence"] + whole,
            "northward": FIELD.north(self.phi, self.lam, figure) + whole,
            "eastward": FIELD.east(self.phi, self.lam, figure) + whole,
        }

    def places(self) -> dict[str, np.ndarray]:
        """Return the parts of the grid that are judged apart."""
        phi = np.abs(self.latitude)[:, np.newaxis]
        columns = np.zeros(self.longitude.size, dtype=bool)
        steps = np.diff(self.longitude)
        # the columns on either side of the seam, wherever that is
        jump = np.flatnonzero(steps < 0)
        seam = [int(jump[0]), int(jump[0]) + 1] if jump.size else [0, -1]
        columns[seam] = True
        inner = ~columns[np.newaxis, :]
        beside = np.zeros(self.latitude.size, dtype=bool)
        off_pole = np.flatnonzero(np.abs(self.latitude) < 89.999)
        beside[[off_pole[0], off_pole[-1]]] = True
        row = beside[:, np.newaxis]
        return {
            "to 60 degrees": (phi < 60.0) & inner,
            "60 to 85": (phi >= 60.0) & (phi < 85.0) & inner & ~row,
            "row beside the pole": row & inner,
            "pole row": (phi > 89.999) & inner,
            "seam, to 60 degrees": (phi < 60.0) & ~inner,
        }


def sphere(radius_m: float) -> Figure:
    """Return a sphere."""
    return Figure("sphere", radius_m, radius_m, radius_m)


CASES = {
    case.name: case
    for case in (
        Case("2.5 degrees, pole rows", with_poles(72), around(144)),
        Case("T62 Gaussian", gaussian(94), around(192)),
        Case("rows off by up to a quarter of a step", jittered(72), around(144)),
        Case(
            "2.5 degrees, seam inside",
            with_poles(72),
            np.roll(around(144), 48),
        ),
    )
}


# --- the programs -------------------------------------------------------------------


def _written(case: Case, folder: Path) -> Path:
    path = folder / "in.nc"
    dataset = case.dataset()
    encoding = {name: {"_FillValue": None} for name in dataset.variables}
    dataset.to_netcdf(
        path,
        engine="netcdf4",
        format="NETCDF3_64BIT",
        unlimited_dims=["time"],
        encoding=encoding,
    )
    return path


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, timeout=120
    )
    if done.returncode:
        message = f"{command[0]} failed: {done.stderr or done.stdout}"
        raise RuntimeError(message)


def _by_cdo(case: Case, folder: Path) -> Fields:
    _written(case, folder)
    found = {}
    for name, operator in (("vorticity", "uv2vr_cfd"), ("divergence", "uv2dv_cfd")):
        _run(["cdo", "-s", "-O", "-b", "F64", operator, "in.nc", "out.nc"], folder)
        with xr.open_dataset(folder / "out.nc", engine="netcdf4") as ds:
            (out,) = [one for one in ds.data_vars.values() if one.ndim == 3]
            values = out.transpose("time", "lat", "lon").values[0]
            turned = ds["lat"].values[0] > ds["lat"].values[-1]
            found[name] = np.array(values[::-1] if turned else values)
    return found


_NCL = """begin
 f = addfile("in.nc","r")
 vr = uv2vr_cfd(f->u,f->v,f->lat,f->lon,%(bound)d)
 dv = uv2dv_cfd(f->u,f->v,f->lat,f->lon,%(bound)d)
 g  = grad_latlon_cfd(f->t,f->lat,f->lon,%(cyclic)s,False)
 o = addfile("out.nc","c")
 filedimdef(o,(/"r","c"/),dimsizes(vr(0,:,:)),(/False,False/))
 vr!0="k"
 vr!1="r"
 vr!2="c"
 dv!0="k"
 dv!1="r"
 dv!2="c"
 gy=g[0]
 gx=g[1]
 o->vorticity = vr(0,:,:)
 o->divergence = dv(0,:,:)
 delete_VarAtts(gy,-1)
 y = gy(0,:,:)
 x = gx(0,:,:)
 y!0="r"
 y!1="c"
 x!0="r"
 x!1="c"
 o->northward = y
 o->eastward = x
end
"""


def _by_ncl(case: Case, folder: Path) -> Fields:
    _written(case, folder)
    (folder / "a.ncl").write_text(_NCL % {"bound": 1, "cyclic": "True"})
    _run(["ncl", "-n", "-Q", "a.ncl"], folder)
    names = ("vorticity", "divergence", "northward", "eastward")
    with xr.open_dataset(folder / "out.nc", engine="netcdf4") as ds:
        found = {name: np.array(ds[name].values) for name in names}
    return {k: np.where(np.abs(v) > 1e9, np.nan, v) for k, v in found.items()}


_GRADS = """'sdfopen in.nc'
'set gxout fwrite'
'set fwrite -st out.bin'
'set x 1 {columns}'
'set y 1 {rows}'
'set undef -9.99e8'
'd hcurl(u,v)'
'd hdivg(u,v)'
'disable fwrite'
'quit'
"""


def _by_grads(case: Case, folder: Path) -> Fields:
    _written(case, folder)
    rows, columns = case.latitude.size, case.longitude.size
    (folder / "a.gs").write_text(_GRADS.format(rows=rows, columns=columns))
    _run(["grads", "-blc", "a.gs"], folder)
    values = np.fromfile(folder / "out.bin", dtype="<f4").astype(float)
    values = np.where(values < -9e8, np.nan, values).reshape(2, rows, columns)
    return {"vorticity": values[0], "divergence": values[1]}


def _by_metpy(case: Case, folder: Path) -> Fields:
    del folder
    import metpy.calc as mpcalc

    ds = case.dataset().isel(time=0, drop=True)
    u, v, t = (ds[name].metpy.quantify() for name in "uvt")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        east, north = mpcalc.geospatial_gradient(t)
        made = {
            "vorticity": (mpcalc.vorticity(u, v), "1/s"),
            "divergence": (mpcalc.divergence(u, v), "1/s"),
            "northward": (north, "K/m"),
            "eastward": (east, "K/m"),
        }
    found = {}
    for name, (part, unit) in made.items():
        quantity = getattr(part, "metpy", None)
        quantity = part if quantity is None else part.metpy.unit_array
        found[name] = np.asarray(quantity.to(unit).magnitude)
    return found


def ours(accuracy: int, figure: Figure) -> Callable[[Case, Path], Fields]:
    """Return this project as a program among the others."""

    def run(case: Case, folder: Path) -> Fields:
        del folder
        ds = case.dataset().isel(time=0, drop=True)
        options: dict[str, Any] = {"accuracy": accuracy, "earth": figure.earth}
        north, east = xn.gradient(ds["t"], **options)
        made = {
            "vorticity": (xn.vorticity(ds["u"], ds["v"], **options), "1/s"),
            "divergence": (xn.divergence(ds["u"], ds["v"], **options), "1/s"),
            "northward": (north, "K/m"),
            "eastward": (east, "K/m"),
        }
        return {
            name: np.asarray(part.data.to(unit).magnitude)
            for name, (part, unit) in made.items()
        }

    return run


@dataclass(frozen=True, eq=False)
class Program:
    """A program, the command it needs, and the Earth it uses."""

    name: str
    command: str
    figure: Figure
    run: Callable[[Case, Path], Fields]

    @property
    def is_there(self) -> bool:
        """Whether it can be run here."""
        if self.command == "metpy":
            import importlib.util

            return importlib.util.find_spec("metpy") is not None
        return not self.command or shutil.which(self.command) is not None


PROGRAMS = (
    Program("xnabla, accuracy 2", "", sphere(CDO_M), ours(2, sphere(CDO_M))),
    Program("xnabla, accuracy 4", "", sphere(CDO_M), ours(4, sphere(CDO_M))),
    Program("CDO", "cdo", sphere(CDO_M), _by_cdo),
    Program("NCL", "ncl", sphere(CDO_M), _by_ncl),
    Program("GrADS", "grads", sphere(GRADS_M), _by_grads),
    Program("MetPy", "metpy", WGS84, _by_metpy),
)


def results(program: Program, case: Case) -> Fields | None:
    """Return what a program makes of a case; ``None`` if it cannot read it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return program.run(case, Path(folder))
        except (RuntimeError, OSError):
            return None


def off_by(
    made: Fields, exact: Fields, places: dict[str, np.ndarray]
) -> dict[str, dict[str, float | None]]:
    """Return the largest errors by place, in parts of the largest true value.

    ``None`` where the grid has no such place; NaN where a program has no value at all.
    """
    found: dict[str, dict[str, float | None]] = {}
    for name, values in made.items():
        size = np.abs(exact[name]).max()
        row: dict[str, float | None] = {}
        for place, mask in places.items():
            if not mask.any():
                row[place] = None
                continue
            off = np.abs(values - exact[name])[mask] / size
            known = off[np.isfinite(off)]
            row[place] = float(known.max()) if known.size else float("nan")
        found[name] = row
    return found
