"""Odd fields: empty, tiny, huge, infinite, with gaps, without dimensions."""

import numpy as np
import pytest
import xarray as xr
from grid.making import globe, lat_lon, one_d, plane

import xnabla as xn

KM = {"units": "km"}


def slope(values, **kwargs):
    """Return the derivative in K/km of values one kilometre apart."""
    values = np.asarray(values)
    field = one_d(np.arange(float(values.size)), values=values, attrs=KM)
    return xn.derivative(field, "x", units="K/km", **kwargs).data.magnitude


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_tiny_and_huge_values_have_their_slope(dtype, size):
    got = slope((np.arange(5.0) * size).astype(dtype))
    np.testing.assert_allclose(got, size, rtol=1e-6)


def test_values_near_the_largest_single_number_do_not_overflow():
    got = slope((np.arange(5.0) * 8e37).astype("f4"))
    np.testing.assert_allclose(got, 8e37, rtol=1e-6)


def test_a_slope_too_large_for_single_precision_is_infinite_without_a_warning():
    field = one_d(
        np.array([0.0, 1e-9, 2e-9]), values=np.array([0.0, 1e38, 2e38], "f4"), attrs=KM
    )
    assert np.isinf(xn.derivative(field, "x", units="K/km").data.magnitude).all()


def test_an_infinite_value_disturbs_its_neighbours_only():
    values = np.arange(9.0)
    values[4] = np.inf
    got = slope(values)
    np.testing.assert_allclose(got[[0, 1, 2, 6, 7, 8]], 1.0, rtol=1e-12)
    assert not np.isfinite(got[[3, 4, 5]]).any()


def test_an_infinite_value_on_a_globe_disturbs_its_neighbours_only():
    field = globe()
    clean = xn.gradient(field)
    field[9, 0] = np.inf
    for part, before in zip(xn.gradient(field), clean, strict=True):
        changed = ~np.isfinite(part.data.magnitude)
        assert 1 <= changed.sum() <= 3
        np.testing.assert_array_equal(
            part.data.magnitude[~changed], before.data.magnitude[~changed]
        )


def test_a_gap_beside_the_pole_stays_on_its_meridian_and_row():
    field = globe()
    field[-2, 0] = np.nan
    north, east = (np.isnan(part.data.magnitude) for part in xn.gradient(field))
    assert north[-2, 0]
    assert north[-1, [0, 18]].all()  # the pole row on that meridian, from both sides
    assert north[-1].sum() == 2
    assert north.sum() == 4
    assert east[-2].sum() == 3
    assert east[-1].sum() == 2
    assert east[:-2].sum() == 0


def test_a_field_of_gaps_gives_gaps_without_a_warning():
    for part in xn.gradient(globe(values=lambda phi, lam: np.nan * phi * lam)):
        assert np.isnan(part.data.magnitude).all()


def test_a_constant_field_has_exactly_no_gradient_anywhere():
    for dtype in ("f4", "f8"):
        field = globe(values=lambda phi, lam: 287.654321 + 0 * phi * lam).astype(dtype)
        for part in xn.gradient(field.assign_attrs(units="K")):
            np.testing.assert_array_equal(part.data.magnitude, 0.0)


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
def test_every_option_passes_over_gaps_on_a_globe(missing):
    field = globe()
    field[3, 4] = np.nan
    for part in xn.gradient(field, missing=missing, accuracy=4):
        gaps = np.isnan(part.data.magnitude).sum()
        assert gaps == (1 if missing == "shrink" else 5)


def test_no_dimension_at_all_is_refused():
    with pytest.raises(xn.GridError):
        xn.gradient(xr.DataArray(280.0, attrs={"units": "K"}))


def test_a_derivative_of_no_dimension_is_refused():
    with pytest.raises(xn.GridError, match="single value"):
        xn.derivative(xr.DataArray(280.0, attrs={"units": "K"}), "x")


def test_an_empty_axis_is_refused():
    with pytest.raises(xn.GridError):
        xn.derivative(one_d(np.array([], float), attrs=KM), "x")


@pytest.mark.parametrize("dim", ["lat", "lon"])
def test_an_empty_axis_of_latitude_or_longitude_is_refused(dim):
    with pytest.raises(xn.GridError):
        xn.derivative(globe().isel({dim: slice(0, 0)}), dim)


@pytest.mark.parametrize("dim", ["lat", "lon"])
def test_no_times_give_an_empty_result_of_the_right_shape(dim):
    field = globe().expand_dims(time=np.array([], "M8[ns]"))
    got = xn.derivative(field, dim)
    assert got.shape == field.shape == (0, 19, 36)


def test_no_rows_give_an_empty_derivative_along_time():
    field = (
        globe().isel(lat=slice(0, 0)).expand_dims(time=np.arange(3).astype("M8[ns]"))
    )
    assert xn.derivative(field, "time").shape == (3, 0, 36)


def test_the_whole_gradient_of_a_profile_is_its_derivative():
    field = one_d([1000.0, 850.0, 500.0], dim="plev", attrs={"units": "hPa"})
    (part,) = xn.gradient(field)
    assert part.data.units == "kelvin / hectopascal"


def test_the_gradient_of_one_row_is_refused_for_its_latitude():
    with pytest.raises(xn.GridError, match="'lat'"):
        xn.gradient(globe().isel(lat=[3]))


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("order", [1, 2])
def test_the_smallest_globe_is_taken_or_refused_in_our_words(accuracy, order):
    field = lat_lon([-45.0, 45.0], [0.0, 90.0, 180.0, 270.0])
    for dim in ("lat", "lon"):
        try:
            got = xn.derivative(field, dim, accuracy=accuracy, order=order)
        except xn.GridError as refusal:
            assert "too few" in str(refusal)  # noqa: PT017
        else:
            assert got.shape == (2, 4)


@pytest.mark.parametrize("columns", [3, 5, 7, 9])
def test_an_odd_number_of_columns_crosses_the_pole_all_the_same(columns):
    field = lat_lon(
        np.arange(-85.0, 86.0, 10.0),
        np.arange(columns) * 360.0 / columns,
        lambda phi, lam: np.sin(phi) + 0 * lam,
    )
    got = xn.derivative(field, "lat").data.magnitude * 6_371_229.0
    exact = np.cos(np.deg2rad(field["lat"].values))[:, None]
    np.testing.assert_allclose(got, np.tile(exact, columns), rtol=0, atol=6e-3)


@pytest.mark.parametrize("values", [np.arange(5.0), np.arange(5.0, dtype="f4")])
def test_a_single_row_of_a_file_need_not_be_contiguous(values):
    field = plane().astype(values.dtype)[::2, ::-1]
    got = xn.derivative(field.assign_attrs(units="K"), "x", units="K/km")
    np.testing.assert_allclose(got.data.magnitude, 2.0, rtol=1e-6)


def test_a_complex_field_is_differentiated_part_by_part():
    values = np.exp(1j * np.linspace(0, 1, 5))
    got = slope(values)
    np.testing.assert_allclose(got.real, slope(values.real), rtol=1e-12)
    np.testing.assert_allclose(got.imag, slope(values.imag), rtol=1e-12)


@pytest.mark.parametrize("dim", [0, 1.5, None, ("lat", "lon"), ()])
def test_a_dimension_of_a_labelled_field_has_one_name(dim):
    with pytest.raises(xn.XnablaError):
        xn.derivative(globe(), dim)


@pytest.mark.parametrize("order", [0, 3, "first", None])
def test_another_order_of_derivative_is_refused(order):
    with pytest.raises(xn.OptionError, match="order"):
        xn.derivative(globe(), "lat", order=order)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("accuracy", 3),
        ("accuracy", "2"),
        ("edges", "none"),
        ("missing", "skip"),
        ("poles", "blank"),
        ("edge_order", 3),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(option, value):
    with pytest.raises(xn.OptionError, match=option):
        xn.gradient(globe(), **{option: value})


@pytest.mark.parametrize("rows", [[3, 1, 2], [0, 0, 1]])
def test_rows_out_of_order_are_refused(rows):
    with pytest.raises(xn.GridError, match="'lat'"):
        xn.gradient(globe().isel(lat=rows))


def test_lazy_is_built_without_computing_a_value():
    dask_array = pytest.importorskip("dask.array")

    def fail(block):
        msg = "a value was computed"
        raise AssertionError(msg)

    lazy = dask_array.ones((19, 36), chunks=(7, 11)).map_blocks(
        fail, dtype=float, meta=np.ones((0, 0))
    )
    field = globe().copy(data=lazy)
    for accuracy in (2, 4):
        for missing in ("propagate", "shrink"):
            g = xn.gradient(field, accuracy=accuracy, missing=missing, units="K/km")
            g.magnitude()
            g.to_dataset()


@pytest.mark.parametrize("chunks", [(1, 36), (19, 1), (5, 7), (19, 36)])
@pytest.mark.parametrize(
    "options", [{}, {"accuracy": 4}, {"poles": "missing"}, {"missing": "shrink"}]
)
def test_lazy_gives_the_bits_of_eager_on_a_globe(chunks, options):
    pytest.importorskip("dask.array")
    field = globe()
    field[3, 4] = field[-1, 2] = np.nan
    lazy = field.chunk(lat=chunks[0], lon=chunks[1])
    for one, two in zip(
        xn.gradient(lazy, **options), xn.gradient(field, **options), strict=True
    ):
        np.testing.assert_array_equal(
            one.compute(scheduler="synchronous").data.magnitude, two.data.magnitude
        )


@pytest.mark.parametrize("units", ["knots", "km/h", "cm s-1", "m s-1"])
@pytest.mark.parametrize(
    "operator", ["vorticity", "divergence", "total_deformation", "velocity_gradient"]
)
def test_slopes_of_a_wind_in_any_unit_are_per_second(operator, units):
    speed = {"knots": 1852 / 3600, "km/h": 1 / 3.6, "cm s-1": 0.01, "m s-1": 1.0}[units]
    s = np.arange(5.0) * 1e3
    u = xr.DataArray(
        np.add.outer(s, -2 * s) * 1e-5 / speed,
        dims=("y", "x"),
        coords={name: (name, s, {"units": "m"}) for name in ("y", "x")},
        attrs={"units": units},
    )
    made = getattr(xn, operator)(u, 3 * u)
    parts = made if isinstance(made, tuple) else (made,)
    exact = {
        "vorticity": [-6e-5 - 1e-5],
        "divergence": [-2e-5 + 3e-5],
        "total_deformation": [np.hypot(-6e-5 + 1e-5, -2e-5 - 3e-5)],
        "velocity_gradient": [-2e-5, 1e-5, -6e-5, 3e-5],
    }[operator]
    for part, number in zip(parts, exact, strict=True):
        assert str(part.data.units) == "1 / second"
        np.testing.assert_allclose(part.data.magnitude, number, rtol=1e-9, atol=1e-18)
    assert str(xn.derivative(u, "x").data.units) == "1 / second"
    named = getattr(xn, operator)(u, 3 * u, units="1/hour")
    first = named[0] if isinstance(named, tuple) else named
    np.testing.assert_allclose(first.data.magnitude, 3600 * exact[0], rtol=1e-9)
