"""What is missing is missing exactly where it must be, and nowhere else."""

import itertools

import numpy as np
import pytest
import xarray as xr
from fields import (
    FIELDS,
    GLOBAL,
    SPHERE,
    Globe,
    all_fields,
    around,
    exactly,
    labelled,
    with_poles,
)

import xnabla as xn

RNG = np.random.default_rng


def plane(values, x, y=None):
    """Values on x, or on y and x, in metres."""
    coords = {"x": ("x", x, {"units": "m"})}
    dims = ("x",)
    if y is not None:
        coords["y"] = ("y", y, {"units": "m"})
        dims = ("y", "x")
    return xr.DataArray(values, dims=dims, coords=coords, attrs={"units": "K"})


UNEVEN = np.cumsum(1.0 + 0.5 * np.sin(np.arange(14) ** 2))


class TestEdgesMissing:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("order", [1, 2])
    def test_blanks_the_ends_and_no_more(self, accuracy, order):
        x = np.linspace(0, 3, 14)
        t = plane(np.sin(x), x)
        options = {"order": order, "accuracy": accuracy}
        blank = xn.derivative(t, "x", edges="missing", **options).data.magnitude
        whole = xn.derivative(t, "x", **options).data.magnitude
        half = accuracy // 2
        expected = np.zeros(14, dtype=bool)
        expected[:half] = expected[-half:] = True
        np.testing.assert_array_equal(np.isnan(blank), expected)
        np.testing.assert_array_equal(blank[~expected], whole[~expected])

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    def test_leaves_a_global_grid_whole(self, accuracy):
        globe = GLOBAL["pole rows"](18)
        for edges in ("one-sided", "missing"):
            parts = xn.gradient(all_fields(globe), edges=edges, accuracy=accuracy)
            assert all(np.isfinite(part.data.magnitude).all() for part in parts)

    def test_blanks_the_equator_of_a_hemisphere_but_not_its_pole(self):
        globe = Globe("north", np.linspace(0, 90, 19), around(36))
        north, east = xn.gradient(all_fields(globe), edges="missing", accuracy=4)
        gone = np.isnan(north.data.magnitude)
        assert gone[:, :2].all()
        assert not gone[:, 2:].any()
        assert np.isfinite(east.data.magnitude).all()


class TestPolesMissing:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("way", [1, -1])
    @pytest.mark.parametrize("ends", [True, False], ids=["pole rows", "none"])
    def test_blanks_the_rows_whose_stencil_would_cross(self, ends, way, accuracy):
        lat = np.linspace(-90, 90, 19) if ends else np.arange(-85.0, 90, 10)
        globe = Globe("rows", lat[::way], around(36))
        t = all_fields(globe)
        north, east = xn.gradient(t, poles="missing", accuracy=accuracy)
        whole_north, whole_east = xn.gradient(t, accuracy=accuracy)
        half = accuracy // 2
        crossing = np.zeros(lat.size, dtype=bool)
        crossing[:half] = crossing[-half:] = True
        on_pole = np.abs(globe.latitude) == 90
        for part, whole, rows in (
            (north, whole_north, crossing),
            (east, whole_east, on_pole),
        ):
            expected = np.broadcast_to(rows[:, None], part.shape)
            got = part.data.magnitude
            np.testing.assert_array_equal(np.isnan(got), expected)
            np.testing.assert_array_equal(
                got[~expected], whole.data.magnitude[~expected]
            )

    @pytest.mark.parametrize(
        "lat", [np.linspace(-90, 90, 19), np.arange(-85.0, 90, 10)]
    )
    def test_blanks_them_for_second_derivatives_on_uneven_rows_too(self, lat):
        bent = lat + 2.0 * np.sin(np.deg2rad(2 * lat))
        globe = Globe("rows", bent, around(36))
        t = all_fields(globe)
        got = xn.derivative(t, "latitude", order=2, poles="missing").data.magnitude
        assert np.isnan(got[:, [0, -1]]).all()
        # what is left must be as good as with the other side of the pole
        exact = exactly("north_twice", globe, SPHERE)
        left = ~np.isnan(got)
        assert left[:, 3:-3].all()
        assert np.abs(got - exact)[left].max() < 0.2 * np.abs(exact).max()


def _reach_of(axis_size, at, accuracy, *, periodic):
    """Results that read point ``at``, and the point's own."""
    half = accuracy // 2
    found = {at}
    for i in range(axis_size):
        if periodic:
            reads = {(i + k) % axis_size for k in range(-half, half + 1)}
        elif half <= i < axis_size - half:
            reads = set(range(i - half, i + half + 1))
        else:
            # a one-sided row of p + 1 points, pushed inside
            start = min(max(i - half, 0), axis_size - accuracy - 1)
            reads = set(range(start, start + accuracy + 1))
        if at in reads:
            found.add(i)
    return found


class TestPropagate:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("at", [0, 1, 3, 7, 12, 13])
    @pytest.mark.parametrize("x", [np.arange(14.0), UNEVEN], ids=["even", "uneven"])
    def test_one_nan_reaches_as_far_as_the_stencil_on_a_line(self, x, at, accuracy):
        values = np.sin(x)
        values[at] = np.nan
        got = xn.derivative(plane(values, x), "x", accuracy=accuracy).data.magnitude
        expected = _reach_of(14, at, accuracy, periodic=False)
        assert set(np.flatnonzero(np.isnan(got))) == expected

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("at", [0, 1, 17, 35])
    def test_and_around_the_seam(self, at, accuracy):
        globe = Globe("rows", np.linspace(-60, 60, 13), around(36))
        values = FIELDS["mixed"].value(globe.phi, globe.lam)
        values[5, at] = np.nan
        got = xn.derivative(labelled(values, globe), "longitude", accuracy=accuracy)
        rows, columns = np.nonzero(np.isnan(got.data.magnitude))
        assert set(rows) == {5}
        assert set(columns) == _reach_of(36, at, accuracy, periodic=True)

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("ends", [True, False], ids=["pole rows", "none"])
    @pytest.mark.parametrize("row", [0, 1, 2, 3, 8])
    def test_and_across_the_pole(self, row, ends, accuracy):
        lat = np.linspace(90, -90, 19) if ends else np.arange(85.0, -90, -10)
        globe = Globe("rows", lat, around(36))
        values = FIELDS["mixed"].value(globe.phi, globe.lam) + 0.0
        column = 5
        values[row, column] = np.nan
        north = xn.derivative(labelled(values, globe), "latitude", accuracy=accuracy)
        half = accuracy // 2
        expected = {(row, column)}
        for k in range(-half, half + 1):
            r, c = row + k, column
            if r < 0:  # over the top, down the other side
                r, c = (-r if ends else -r - 1), (column + 18) % 36
            if ends and row == 0 and c != column:
                continue  # a point of the pole row is on its own meridian only
            expected.add((r, c))
            if ends and row and r == 0:
                # the pole's point on the opposite meridian has it in its stencil too
                expected.add((0, (column + 18) % 36))
        got = {tuple(map(int, i)) for i in np.argwhere(np.isnan(north.data.magnitude))}
        assert got == expected

    @pytest.mark.parametrize("what", ["latitude", "longitude"])
    @pytest.mark.parametrize("missing", ["propagate", "shrink"])
    @pytest.mark.parametrize("row", [0, 4, 9, 17, 18])
    def test_a_missing_point_has_no_derivative_anywhere(self, row, missing, what):
        globe = Globe("rows", with_poles(18), around(36))
        values = FIELDS["mixed"].value(globe.phi, globe.lam)
        values[row, 7] = np.nan
        got = xn.derivative(labelled(values, globe), what, missing=missing)
        assert np.isnan(got.data.magnitude[row, 7])

    def test_an_infinity_is_not_made_to_look_like_a_number(self):
        values = np.sin(np.arange(14.0))
        values[6] = np.inf
        got = xn.derivative(plane(values, np.arange(14.0)), "x").data.magnitude
        assert set(np.flatnonzero(~np.isfinite(got))) >= {5, 7}
        assert np.isfinite(got[[0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13]]).all()


class TestShrink:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("part", [0.1, 0.4, 0.7])
    def test_a_linear_field_beside_holes_is_exact(self, part, seed, accuracy):
        rng = RNG(seed)
        y = np.cumsum(rng.uniform(0.5, 1.5, 17))
        x = np.cumsum(rng.uniform(0.5, 1.5, 23)) - 9.0
        values = 3.0 * x - 2.0 * y[:, None] + 7.0
        values[rng.random(values.shape) < part] = np.nan
        t = plane(values, x, y)
        there = ~np.isnan(values)
        padded = np.pad(there, 1)
        beside = {
            "y": padded[:-2, 1:-1] | padded[2:, 1:-1],
            "x": padded[1:-1, :-2] | padded[1:-1, 2:],
        }
        for dim, exact in (("y", -2.0), ("x", 3.0)):
            got = xn.derivative(t, dim, accuracy=accuracy, missing="shrink")
            got = got.data.magnitude
            expected = np.where(there & beside[dim], exact, np.nan)
            np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12)

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    def test_the_widest_stencil_that_fits_is_taken(self, accuracy):
        """A polynomial of the degree that the points of a run allow is exact in it."""
        x = UNEVEN
        for gap in range(14):
            values = np.full(14, 0.0)
            there = np.ones(14, dtype=bool)
            there[gap] = False
            runs = [np.arange(gap), np.arange(gap + 1, 14)]
            for run in runs:
                degree = min(len(run) - 1, accuracy)
                if degree < 1:
                    continue
                p = np.polynomial.Polynomial([1.0, -0.3, 0.05, 0.01, -2e-3, 1e-4, 1e-5])
                p = p.cutdeg(degree)
                values[run] = p(x[run])
                values[gap] = np.nan
                t = plane(np.where(there, values, np.nan), x)
                got = xn.derivative(t, "x", accuracy=accuracy, missing="shrink")
                np.testing.assert_allclose(
                    got.data.magnitude[run], p.deriv()(x[run]), rtol=1e-9, atol=1e-10
                )

    @pytest.mark.parametrize("accuracy", [2, 4])
    @pytest.mark.parametrize("poles", [True, False], ids=["pole rows", "none"])
    @pytest.mark.parametrize("lon", [36, 37])
    def test_on_the_globe_a_constant_with_holes_is_flat(self, lon, poles, accuracy):
        """NaN only at missing points, and where both neighbours are missing.

        The neighbour of the last row lies across the pole.
        """
        lat = with_poles(18) if poles else np.arange(-85.0, 90, 10)
        globe = Globe("rows", lat, around(lon))
        rng = RNG(3)
        values = np.full((lat.size, lon), 280.0)
        values[rng.random(values.shape) < 0.3] = np.nan
        there = ~np.isnan(values)
        t = labelled(values, globe)
        north, east = xn.gradient(t, missing="shrink", accuracy=accuracy)
        north, east = north.data.magnitude, east.data.magnitude
        assert np.nanmax(np.abs(north)) < 1e-15
        assert np.nanmax(np.abs(east)) < 1e-15
        sides = np.roll(there, 1, axis=1) | np.roll(there, -1, axis=1)
        inner = slice(1, -1) if poles else slice(None)
        np.testing.assert_array_equal(np.isnan(east)[inner], ~(there & sides)[inner])
        beside = np.pad(there, ((1, 1), (0, 0)))
        beside = beside[:-2] | beside[2:]
        np.testing.assert_array_equal(np.isnan(north)[1:-1], ~(there & beside)[1:-1])
        if lon % 2 == 0:
            for row, beyond in ((0, 1 if poles else 0), (-1, -2 if poles else -1)):
                across = np.roll(there[beyond], lon // 2)
                inward = there[1 if row == 0 else -2]
                np.testing.assert_array_equal(
                    np.isnan(north)[row], ~(there[row] & (inward | across))
                )

    def test_shrinking_nothing_changes_nothing(self):
        globe = GLOBAL["gaussian"](24)
        for accuracy, order in itertools.product((2, 4), (1, 2)):
            a = xn.derivative(
                all_fields(globe), "latitude", order=order, accuracy=accuracy
            )
            b = xn.derivative(
                all_fields(globe),
                "latitude",
                order=order,
                accuracy=accuracy,
                missing="shrink",
            )
            np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)

    def test_second_derivatives_need_two_neighbours_in_a_row(self):
        x = UNEVEN
        values = 2.0 * x**2 - x
        values[[4, 7, 9]] = np.nan
        t = plane(values, x)
        got = xn.derivative(t, "x", order=2, missing="shrink").data.magnitude
        # runs 0-3, 5-6, 8, 10-13: only those of three and more bend
        expected = np.full(14, np.nan)
        expected[[0, 1, 2, 3, 10, 11, 12, 13]] = 4.0
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)

    def test_edges_missing_still_blanks_the_ends(self):
        x = np.arange(14.0)
        values = 3 * x
        values[6] = np.nan
        got = xn.derivative(
            plane(values, x), "x", missing="shrink", edges="missing"
        ).data.magnitude
        assert set(np.flatnonzero(np.isnan(got))) == {0, 6, 13}
        np.testing.assert_allclose(got[[5, 7]], 3.0, rtol=1e-14, atol=1e-14)


def test_a_mixed_derivative_beside_a_gap_is_of_three_points():
    """Of squares it is exact on three points and no fewer; the gap alone is missing."""
    line = np.arange(9.0) * 1e3
    field = xr.DataArray(
        np.multiply.outer(line**2, line**2),
        dims=("y", "x"),
        coords={dim: (dim, line, {"units": "m"}) for dim in "yx"},
        attrs={"units": "K"},
    )
    field[4, 4] = np.nan
    mixed = xn.hessian(field, accuracy=4, missing="shrink")[1].data.magnitude
    gap = np.isnan(field.values)
    np.testing.assert_array_equal(np.isnan(mixed), gap)
    known = 4.0 * np.multiply.outer(line, line)
    np.testing.assert_allclose(mixed[~gap], known[~gap], rtol=1e-9, atol=1e-3)
