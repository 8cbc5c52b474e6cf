"""Make ``training.nc``: two tiny data sets to learn from, one real and one made up.

    python make_training.py

writes the file beside this script. Its numbers are here, so nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

# Temperature of the joints in degrees Fahrenheit and whether an O-ring showed distress,
# in the order of the 23 flights (Dalal, Fowlkes and Hoadley, 1989, table 1).
FLIGHTS = (
    "66 0, 70 1, 69 0, 68 0, 67 0, 72 0, 73 0, 70 0, 57 1, 63 1, 70 1, 78 0, "
    "67 0, 53 1, 67 0, 75 0, 70 0, 81 0, 76 0, 79 0, 75 1, 76 0, 58 1"
)
N_POINTS, NOISE = 200, 0.08


def flights() -> xr.Dataset:
    """Return the launches."""
    rows = np.array([row.split() for row in FLIGHTS.split(",")], dtype=np.int64)
    return xr.Dataset(
        {
            "temperature": (
                "flight",
                rows[:, 0].astype(np.float32),
                {"units": "degF", "long_name": "temperature of the joints at launch"},
            ),
            "distress": (
                "flight",
                rows[:, 1].astype(np.int8),
                {
                    "long_name": "whether an O-ring showed thermal distress",
                    "flag_values": np.array([0, 1], dtype=np.int8),
                    "flag_meanings": "none distress",
                },
            ),
        }
    )


def arcs() -> xr.Dataset:
    """Return two half circles that no straight line divides, one around the other."""
    random = np.random.default_rng(20)
    which = np.arange(N_POINTS) % 2
    angle = np.pi * random.uniform(size=N_POINTS)
    x = np.where(which == 0, np.cos(angle), 1.0 - np.cos(angle))
    y = np.where(which == 0, np.sin(angle), 0.5 - np.sin(angle))
    place = np.stack([x, y], axis=1) + NOISE * random.normal(size=(N_POINTS, 2))
    return xr.Dataset(
        {
            "place": (
                ("point", "axis"),
                place.astype(np.float32),
                {"units": "1", "long_name": "place in a plane"},
            ),
            "arc": (
                "point",
                which.astype(np.int8),
                {
                    "long_name": "the arc a point belongs to",
                    "flag_values": np.array([0, 1], dtype=np.int8),
                    "flag_meanings": "upper lower",
                },
            ),
        },
        coords={"axis": ["x", "y"]},
    )


def main() -> None:
    """Write the file."""
    made = xr.merge([flights(), arcs()])
    made.attrs = {
        "Conventions": "CF-1.11",
        "title": "Two tiny data sets to learn from",
        "source": "flights: Dalal, Fowlkes and Hoadley (1989), JASA 84, 945-957; "
        "arcs: made up by make_training.py",
    }
    made.to_netcdf(Path(__file__).with_name("training.nc"))


if __name__ == "__main__":
    main()
