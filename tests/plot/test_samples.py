"""The sample files beside the source: small, and as their README says."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from xnabla.plot import field as draw

SAMPLES = Path(__file__).parents[2] / "sample_data"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="not a source checkout")


def test_small():
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 3_000_000


def test_gfs_sample_can_be_drawn():
    with xr.open_dataset(SAMPLES / "gfs_20110115.nc") as gfs:
        assert gfs.t.dtype == np.float32
        assert gfs.t.sizes == {"plev": 10, "lat": 73, "lon": 144}
        figure = draw(gfs.t.sel(plev=850), contours_of=gfs.gh.sel(plev=500))
    heading = " ".join(text.get_text() for text in figure.texts)
    assert "850 hPa · valid 2011-01-15 12:00 UTC" in heading
    assert "(+120\u00a0h)" in heading


def test_analytic_derivatives_belong_to_the_field():
    with xr.open_dataset(SAMPLES / "analytic.nc") as exact:
        a, step = exact.crs.attrs["earth_radius"], np.deg2rad(2.5)
        north = (exact["T"].values[:-2] - exact["T"].values[2:]) / (2 * step * a)
        error = north - exact.dT_dy_exact.values[1:-1]
        # Second order at 2.5 degrees: h²/6 times the third derivative.
        assert np.abs(error).max() < 2e-7
        assert np.hypot(exact.dT_dx_exact, exact.dT_dy_exact)[0].min() > 2e-6
