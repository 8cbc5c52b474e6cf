"""The tests of MetPy that are not carried over: its number, ours, and the exact one.

Its ``*_geographic`` tests and ``test_vorticity_xarray``, from MetPy 1.7.1, tests/calc,
Copyright (c) 2008-2025 MetPy Developers, BSD 3-Clause License (metpy_license.txt).
``docs/guides/metpy.md`` quotes these numbers.
"""

import numpy as np
import pint
import pytest
import xarray as xr

import xnabla.metpy as mpcalc

A, E2 = 6378137.0, 0.0066943799901413165  # WGS84


def q(values, unit):
    return pint.get_application_registry().Quantity(np.asarray(values), unit)


def radii(lat):
    """Return latitude, and M and N of WGS84 there."""
    phi = np.deg2rad(lat)
    n = A / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    return phi, n**3 * (1 - E2) / A**2, n


class TestTheGeographicTests:
    """Uniform growth of u = v towards the east, in steps of 10 degrees.

    The published truth differences the map factors, and for the projections it divides
    differences of degrees by map factors of metres.
    """

    LON, LAT = np.array([-100.0, -90, -80, -70]), np.array([45.0, 55, 65])
    F = np.arange(4.0) + np.zeros((3, 1))

    def published(self, proj):
        """Return m_x f_x and the two terms of the factors' derivatives, as MetPy's."""
        from pyproj import CRS, Proj

        crs = CRS(proj)
        geod = crs.get_geod()
        factors = Proj(crs).get_factors(*np.meshgrid(self.LON, self.LAT))
        mx, my = factors.parallel_scale, factors.meridional_scale
        dx = geod.a * np.deg2rad(10)
        none = np.zeros(2)
        dy = geod.inv(none, self.LAT[:-1], none, self.LAT[1:])[2]

        def slope(values, axis):
            step = dy if axis == 0 else dx
            return mpcalc.first_derivative(values, axis=axis, delta=step).magnitude

        east = mx * slope(self.F, 1)
        return east, self.F * mx / my * slope(my, 1), self.F * my / mx * slope(mx, 0)

    def exact(self):
        """Return the same in closed form: f_x and u tan(phi)/N on WGS84."""
        phi, _, n = radii(self.LAT[:, None])
        return 1 / np.deg2rad(10) / (n * np.cos(phi)), self.F * np.tan(phi) / n

    @pytest.mark.parametrize(
        ("proj", "error"),
        [("+proj=latlon", 0.042), ("+proj=lcc lat_1=25", 0.18), ("+proj=stere", 0.33)],
    )
    @pytest.mark.parametrize(
        ("name", "signs"),
        [
            ("vorticity", (-1, 1)),
            ("absolute_vorticity", (-1, 1)),
            ("divergence", (-1, -1)),
            ("shearing_deformation", (1, 1)),
            ("stretching_deformation", (1, -1)),
        ],
    )
    def test_are_further_from_the_truth_than_we(self, proj, error, name, signs):
        wind = q(self.F, "m/s")
        place = {
            "longitude": q(self.LON, "degree"),
            "latitude": q(self.LAT[:, None], "degree"),
            "crs": proj,
        }
        ours = getattr(mpcalc, name)(wind, wind, **place).to("1/s").magnitude
        if name == "absolute_vorticity":
            f = mpcalc.coriolis_parameter(q(self.LAT[:, None], "degree"))
            ours = ours - f.to("1/s").magnitude
        east, of_y, of_x = self.published(proj)
        published = east + signs[0] * of_y + signs[1] * of_x
        f_x, curving = self.exact()
        exact = f_x + signs[1] * curving
        scale = np.abs(exact).max()
        assert np.abs(published - exact).max() > error * scale
        assert np.abs(ours - exact).max() < 0.032 * scale  # (10 degrees)^2 is 0.03

    @pytest.mark.parametrize(
        ("proj", "error"),
        [("+proj=lcc lat_1=25", 0.27), ("+proj=stere", 0.31)],
    )
    def test_of_the_gradient_too(self, proj, error):
        ours, north = mpcalc.geospatial_gradient(
            q(self.F, "K"),
            longitude=q(self.LON, "degree"),
            latitude=q(self.LAT, "degree"),
            crs=proj,
        )
        exact = np.broadcast_to(self.exact()[0], (3, 4))
        published = self.published(proj)[0]
        assert np.abs(published - exact).max() > error * exact.max()
        np.testing.assert_allclose(ours.to("K/m").magnitude, exact, 1e-12, 1e-18)
        np.testing.assert_allclose(north.to("K/m").magnitude, 0.0, 0, 1e-18)

    def test_of_the_gradient_on_a_sphere_is_kept(self):
        proj = "+proj=latlon +R=6371229"
        ours, _ = mpcalc.geospatial_gradient(
            q(self.F, "K"),
            longitude=q(self.LON, "degree"),
            latitude=q(self.LAT, "degree"),
            crs=proj,
        )
        published = self.published(proj)[0]
        np.testing.assert_allclose(ours.to("K/m").magnitude, published, 1e-11, 1e-17)


class TestTheLabelledTests:
    """Nine numbers in steps of 1, 2, 4 and 6 degrees.

    Exact is the derivative of the parabolas through them, which three points have.
    """

    LON, LAT = np.array([-100.0, -96, -90]), np.array([30.0, 31, 33])
    U = np.array([[2.0, 4, 8], [0, 2, 2], [4, 6, 8]])
    V = np.array([[6.0, 4, 8], [2, 6, 0], [2, 2, 6]])
    T = np.arange(9.0).reshape(3, 3)

    def field(self, values, unit):
        coords = {
            "lat": ("lat", self.LAT, {"units": "degrees_north"}),
            "lon": ("lon", self.LON, {"units": "degrees_east"}),
        }
        dims = ("lat", "lon")
        return xr.DataArray(values, dims=dims, coords=coords, attrs={"units": unit})

    def slopes(self, f):
        phi, m, n = radii(self.LAT[:, None])
        east = parabola(np.deg2rad(self.LON))
        north = parabola(np.deg2rad(self.LAT))
        return f @ east.T / (n * np.cos(phi)), north @ f / m

    def test_vorticity_is_as_near_the_truth_as_published(self):
        published = [
            [2.03538383e-5, 3.02085059e-5, 9.64086237e-5],
            [2.48885712e-5, 8.32454044e-6, 4.33065628e-6],
            [-4.46930721e-5, -3.87823454e-5, -6.92512555e-5],
        ]
        phi, _, n = radii(self.LAT[:, None])
        exact = self.slopes(self.V)[0] - self.slopes(self.U)[1]
        exact = exact + self.U * np.tan(phi) / n
        wind = self.field(self.U, "m/s"), self.field(self.V, "m/s")
        ours = mpcalc.vorticity(*wind).data.to("1/s").magnitude
        scale = np.abs(exact).max()
        assert 0.0034 < np.abs(published - exact).max() / scale < 0.0035
        assert np.abs(ours - exact).max() / scale < 0.0033
        # MetPy compares to seven digits after the point: 1.5e-7 of 1e-4
        assert np.abs(ours - published).max() > 1.5e-7

    def test_divergence_is_the_published_one(self):
        """To the four digits after the point that MetPy asks for, and to 2 percent."""
        published = [
            [-4.361528313e-5, 3.593794959e-5, -9.728275045e-5],
            [-1.672604193e-5, 9.158127775e-6, -4.223658565e-5],
            [3.011996772e-5, -3.745237046e-5, 9.570189256e-5],
        ]
        wind = self.field(self.U, "m/s"), self.field(self.V, "m/s")
        ours = mpcalc.divergence(*wind).data.to("1/s").magnitude
        np.testing.assert_allclose(ours, published, 0, 2e-6)

    def test_advection_is_exact(self):
        published = [
            [-0.0001953019, -0.000135269, -0.000262247],
            [-4.51008510e-5, -0.000139840, -2.44370835e-6],
            [-2.11362160e-5, -2.29201236e-5, -3.70146905e-5],
        ]
        east, north = self.slopes(self.T)
        fields = (
            self.field(f, s)
            for f, s in ((self.T, "K"), (self.U, "m/s"), (self.V, "m/s"))
        )
        ours = mpcalc.advection(*fields).data.to("K/s").magnitude
        np.testing.assert_allclose(
            ours, -(self.U * east + self.V * north), 1e-13, 1e-18
        )
        np.testing.assert_allclose(ours, published, 0, 3e-8)  # 1e-4 of the largest


def parabola(x):
    """Return the matrix that differentiates the parabola through three points."""
    matrix = np.empty((3, 3))
    for k in range(3):
        i, j = (other for other in range(3) if other != k)
        matrix[:, k] = (2 * x - x[i] - x[j]) / ((x[k] - x[i]) * (x[k] - x[j]))
    return matrix
