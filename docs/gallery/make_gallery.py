"""Draw every operator of the catalogue on the sample forecast.

    python docs/gallery/make_gallery.py FOLDER [OPERATOR ...]

writes one picture for each operator, and a page that shows them, into a folder. With
``--page`` it writes docs/gallery/README.md, the same page without the pictures.

What the sample does not hold is made from what it does: potential temperature and
geostrophic wind by their formulas, humidity as 70 % of saturation, a wind between the
meridians by averages, and later times by turning the whole field to the east.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import xnabla as xn
from xnabla.operators import CATALOGUE, Operator
from xnabla.recipes import Job, run

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "sample_data" / "gfs_20110115.nc"

# Where weather is seen better than on a map of the world.
AMERICA = {"lat": slice(75.0, 15.0), "lon": slice(200.0, 320.0)}
PACIFIC = {"lat": slice(65.0, 15.0), "lon": slice(110.0, 190.0)}
ARCTIC = {"lat": slice(90.0, 50.0)}

# How fast the made-up later times are turned, in grid columns of 2.5 degrees.
_COLUMNS_PER_STEP, _HOURS_PER_STEP = 1, 6


@dataclass(frozen=True)
class Shot:
    """What to draw of an operator.

    Attributes
    ----------
    level : str
        Level to take, if any.
    variable : str
        The field of an operator that needs one.
    inputs, parameters : dict
        What else the job says.
    region : dict
        Which part of the globe.
    """

    level: str | None = None
    variable: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    region: dict[str, slice] = field(default_factory=dict)
    time: str | None = None


SHOTS = {
    "gradient": Shot("850", "t", parameters={"units": "K/km"}, region=AMERICA),
    "derivative": Shot("500", "t", parameters={"dim": "plev", "units": "K/hPa"}),
    "laplacian": Shot("500", "gh", region=ARCTIC),
    "hessian": Shot("500", "gh", region=AMERICA),
    "velocity_gradient": Shot("500", region=AMERICA),
    "divergence": Shot("200"),
    "vorticity": Shot("500"),
    "absolute_vorticity": Shot("500", region=ARCTIC),
    "shearing_deformation": Shot("850", region=PACIFIC),
    "stretching_deformation": Shot("850", region=PACIFIC),
    "total_deformation": Shot("850", region=PACIFIC),
    "kinematics": Shot("850", region=PACIFIC),
    "advection": Shot(
        "850", inputs={"field": "t"}, parameters={"units": "K/h"}, region=AMERICA
    ),
    "material_derivative": Shot(
        inputs={"field": "t"}, parameters={"units": "K/h"}, region=AMERICA, time="1"
    ),
    "moisture_flux_divergence": Shot(
        "850", parameters={"units": "g kg-1 h-1"}, region=AMERICA
    ),
    "frontogenesis": Shot("850", parameters={"units": "cK/km/h"}, region=AMERICA),
    "coriolis_parameter": Shot(inputs={"latitude": "msl"}),
    "potential_vorticity": Shot("250", inputs={"field": "theta"}, region=AMERICA),
    "geostrophic_wind": Shot("500"),
    "ageostrophic_wind": Shot("300", region=AMERICA),
    "thermal_wind": Shot(
        "700", "t", parameters={"bottom": "850 hPa", "top": "500 hPa"}
    ),
    "inertial_advective_wind": Shot("300", region=AMERICA),
    "q_vector": Shot("700", region=AMERICA),
    "montgomery_streamfunction": Shot("500", region=AMERICA),
    "smooth_gaussian": Shot("500", "gh", parameters={"n": "2000 km"}, region=ARCTIC),
    "smooth_n_point": Shot(None, "msl", parameters={"n": 9, "passes": 4}),
    "smooth_window": Shot(None, "msl", parameters={"window": "1 2 1; 2 4 2; 1 2 1"}),
    "smooth_rectangular": Shot(None, "msl", parameters={"size": 5}),
    "smooth_circular": Shot(None, "msl", parameters={"radius": 3}),
    "destagger": Shot("200", inputs={"field": "u_between"}),
}


def analysis() -> xr.Dataset:
    """Return the sample with what the operators need besides."""
    with xn.open_dataset(SAMPLE) as opened:
        sample = opened.load()
    share = sample["plev"] / 1000.0
    theta = (sample["t"] * share**-0.2857).assign_attrs(
        units="K",
        standard_name="air_potential_temperature",
        long_name="potential temperature",
    )
    wind = xn.geostrophic_wind(sample["gh"]).to_dataset()
    return sample.assign(
        theta=theta,
        q=_humidity(sample),
        ug=wind["ug"],
        vg=wind["vg"],
        u_between=_between(sample["u"]),
    )


def moving() -> xr.Dataset:
    """Return three times of one level, each the sample turned a little further east."""
    sample = analysis()[["t", "u", "v"]].sel(plev=850)
    hours = np.arange(3) * np.timedelta64(_HOURS_PER_STEP, "h")
    times = sample["time"].values + hours
    steps = [sample.roll(lon=k * _COLUMNS_PER_STEP) for k in range(3)]
    together = xr.concat(
        [
            step.assign_coords(time=time)
            for step, time in zip(steps, times, strict=True)
        ],
        dim="time",
    )
    return together.drop_vars("forecast_reference_time")


def _humidity(sample: xr.Dataset) -> xr.DataArray:
    """Return the specific humidity of air that holds 70 % of what it can.

    Bolton (1980), Monthly Weather Review 108, 1046-1053, equation 10.
    """
    celsius = sample["t"] - 273.15
    saturated_hpa = 6.112 * np.exp(17.67 * celsius / (celsius + 243.5))
    vapour = 0.7 * saturated_hpa.clip(max=0.2 * sample["plev"])
    q = 0.622 * vapour / (sample["plev"] - 0.378 * vapour)
    return q.transpose(*sample["t"].dims).assign_attrs(
        units="kg kg-1",
        standard_name="specific_humidity",
        long_name="specific humidity at 70 % of saturation",
    )


def _between(wind: xr.DataArray) -> xr.DataArray:
    """Return a wind on the meridians between those of the grid, one more than these."""
    lon = wind["lon"]
    step = float(lon[1] - lon[0])
    west = 0.5 * (wind + wind.roll(lon=1))
    whole = np.concatenate([west.values, west.values[..., :1]], axis=-1)
    edges = np.append(lon.values - 0.5 * step, lon.values[-1] + 0.5 * step)
    others = {name: c for name, c in wind.coords.items() if "lon" not in c.dims}
    return xr.DataArray(
        whole,
        dims=("plev", "lat", "lon_stag"),
        coords={**others, "lon_stag": ("lon_stag", edges, lon.attrs)},
        attrs={**wind.attrs, "long_name": "eastward wind between the meridians"},
    )


def draw(folder: Path, names: list[str]) -> None:
    """Write the pictures of some operators, as the command line would."""
    whole = {False: analysis(), True: moving()}
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            shot = SHOTS.get(name, Shot())
            fields = whole[name == "material_derivative"]
            source = Path(scratch) / f"{name}.nc"
            xn.save(fields.sel(shot.region), source)
            run(
                Job(
                    name,
                    str(source),
                    shot.variable,
                    inputs=shot.inputs,
                    parameters=shot.parameters,
                    level=shot.level,
                    time=shot.time,
                    plot=str(folder / f"{name}.png"),
                    overwrite=True,
                )
            )
            source.unlink()


def page(*, pictures: bool) -> str:
    """Return the page that lists the operators, as a table or with the pictures."""
    told = [
        "# Gallery",
        "",
        "    python docs/gallery/make_gallery.py FOLDER",
        "",
        "draws every operator of the catalogue on the forecast in `sample_data` (about "
        "half a minute). `xnabla OPERATOR --help` has a command to type for each.",
        "",
    ]
    if pictures:
        told += [line for one in CATALOGUE.values() for line in _entry(one)]
    else:
        told += ["| operator | what it is | formula |", "|---|---|---|"]
        told += [_row(operator) for operator in CATALOGUE.values()]
    return "\n".join(told) + "\n"


def _row(operator: Operator) -> str:
    formula = operator.formula.replace("|", "\\|")
    return f"| {operator.name} | {operator.summary} | `{formula}` |"


def _entry(operator: Operator) -> list[str]:
    return [
        f"## {operator.name}",
        "",
        f"{operator.summary} `{operator.formula}`",
        "",
        f"![{operator.summary}]({operator.name}.png)",
        "",
    ]


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where the pictures go")
    parser.add_argument("operators", nargs="*", help="only these")
    parser.add_argument(
        "--page", action="store_true", help="write the page of the docs"
    )
    asked = parser.parse_args(arguments)
    if asked.page:
        (HERE / "README.md").write_text(page(pictures=False), encoding="utf-8")
    if asked.folder is None:
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    draw(asked.folder, asked.operators or list(CATALOGUE))
    text = page(pictures=True)
    (asked.folder / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
