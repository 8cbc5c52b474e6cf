"""Components: a tuple that also answers by name."""

import pickle

import numpy as np
import pint
import pytest
import xarray as xr
from grid.making import lat_lon, one_d, plane

import xnabla as xn

DIRECTIONS = [
    (0, 1, 0),
    (1, 1, 45),
    (1, 0, 90),
    (1, -1, 135),
    (0, -1, 180),
    (-1, -1, 225),
    (-1, 0, 270),
    (-1, 1, 315),
]


def region(slope_x=2.0, slope_y=3.0):
    """Make a field that rises evenly about the equator."""
    return lat_lon(
        np.linspace(-20.0, 20.0, 5),
        np.linspace(0.0, 40.0, 5),
        lambda phi, lam: slope_y * phi + slope_x * lam,
    )


def cube():
    """Make a plane field on two heights and three times."""
    times = np.array([0, 3600, 7200], "M8[s]").astype("M8[ns]")
    field = plane().expand_dims(time=times, z=[0.0, 1.0, 2.0]).copy()
    field["z"].attrs["units"] = "km"
    return field


def test_it_unpacks_in_the_order_of_the_field():
    dy, dx = xn.gradient(plane(), units="K/km")
    np.testing.assert_allclose(dy.data.magnitude, 3.0, rtol=1e-12)
    np.testing.assert_allclose(dx.data.magnitude, 2.0, rtol=1e-12)


def test_it_is_a_tuple():
    g = xn.gradient(plane())
    assert isinstance(g, tuple)
    assert len(g) == 2
    assert g[0] is next(iter(g))
    assert g[-1] is g[1]


@pytest.mark.parametrize("key", ["lon", "longitude", "x"])
def test_it_answers_by_dimension_role_and_letter(key):
    g = xn.gradient(region())
    assert g[key] is g[1]


def test_it_answers_by_the_name_of_a_coordinate():
    field = region().rename(lat="j").reset_coords(drop=True)
    field = field.drop_vars("j").assign_coords(
        latitude=("j", np.linspace(-20.0, 20.0, 5), {"units": "degrees_north"})
    )
    g = xn.gradient(field)
    assert g["latitude"] is g["j"] is g.y is g[0]


@pytest.mark.parametrize(
    ("letter", "dim"), [("x", "x"), ("y", "y"), ("z", "z"), ("t", "time")]
)
def test_letters_name_components(letter, dim):
    g = xn.gradient(cube(), ("time", "z", "y", "x"))
    assert getattr(g, letter) is g[dim]


def test_an_exact_name_wins_over_a_letter():
    """A dimension called t that is no time keeps its name."""
    field = xr.DataArray(
        np.zeros((3, 3)),
        dims=("t", "q"),
        attrs={"units": "K"},
        coords={
            "t": ("t", [0.0, 1.0, 2.0], {"units": "m"}),
            "q": ("q", np.array([0, 1, 2], "M8[s]")),
        },
    )
    g = xn.gradient(field, ("t", "q"))
    assert g["t"] is g[0]


def test_an_unknown_name_is_a_key_error_with_the_names_there_are():
    with pytest.raises(KeyError, match=r"'lat', 'lon'"):
        xn.gradient(region())["height"]


def test_an_unknown_letter_is_an_attribute_error():
    with pytest.raises(AttributeError, match="z"):
        _ = xn.gradient(region()).z


@pytest.mark.parametrize("name", ["nonsense", "__wrapped__", "shape"])
def test_an_unknown_attribute_is_an_attribute_error(name):
    with pytest.raises(AttributeError):
        getattr(xn.gradient(region()), name)


# --- magnitude -------------------------------------------------------------------


def test_the_magnitude_is_pythagoras():
    got = xn.gradient(plane(slope_x=3.0, slope_y=4.0), units="K/km").magnitude()
    assert got.data.units == "kelvin / kilometer"
    np.testing.assert_allclose(got.data.magnitude, 5.0, rtol=1e-12)


def test_the_magnitude_is_named_and_keeps_coordinates():
    g = xn.gradient(region())
    got = g.magnitude()
    assert got.name == "dt_magnitude"
    assert "magnitude" in got.attrs["long_name"]
    assert "standard_name" not in got.attrs
    assert set(got.coords) == set(g[0].coords)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_magnitude_keeps_the_type(dtype):
    assert xn.gradient(region().astype(dtype)).magnitude().dtype == np.dtype(dtype)


def test_the_magnitude_of_tiny_slopes_does_not_vanish():
    """1e-30 K in single precision: its square is not a number there."""
    field = (
        (plane(slope_x=3.0, slope_y=4.0) * 1e-30).astype("f4").assign_attrs(units="K")
    )
    got = xn.gradient(field, units="K/km").magnitude().data.magnitude
    np.testing.assert_allclose(got, 5e-30, rtol=1e-5)


def test_the_magnitude_of_huge_slopes_does_not_overflow():
    field = (
        (plane(slope_x=3.0, slope_y=4.0) * 1e30).astype("f4").assign_attrs(units="K")
    )
    got = xn.gradient(field, units="K/km").magnitude().data.magnitude
    np.testing.assert_allclose(got, 5e30, rtol=1e-5)


def test_a_magnitude_of_mixed_units_is_refused_with_what_to_type():
    g = xn.gradient(cube(), ("time", "x"))
    with pytest.raises(xn.GridError, match=r"one unit.*Try: "):
        g.magnitude()


def test_a_magnitude_of_height_and_distance_in_one_dimension_is_right_or_refused():
    """Kelvin per kilometre and kelvin per metre must not be added as they are."""
    g = xn.gradient(cube(), ("z", "x"))
    try:
        got = g.magnitude()
    except xn.GridError:
        return
    np.testing.assert_allclose(got.data.to("K/km").magnitude, 2.0, rtol=1e-12)


def test_a_magnitude_of_plain_quantities_in_mixed_units_is_refused_or_right():
    values = pint.Quantity(np.add.outer(3.0 * np.arange(4), 4.0 * np.arange(4)), "K")
    g = xn.gradient(values, deltas=(pint.Quantity(1, "km"), pint.Quantity(1000, "m")))
    try:
        got = g.magnitude()
    except xn.XnablaError:
        return
    np.testing.assert_allclose(got.to("K/km").magnitude, 5.0, rtol=1e-12)


def test_a_magnitude_of_plain_quantities_per_metre_and_per_second_is_refused():
    values = pint.Quantity(np.add.outer(3.0 * np.arange(4), 4.0 * np.arange(4)), "K")
    g = xn.gradient(values, deltas=(pint.Quantity(1, "km"), pint.Quantity(1, "s")))
    with pytest.raises(xn.XnablaError):
        g.magnitude()


def test_the_magnitude_of_one_component_is_its_absolute_value():
    g = xn.gradient(one_d([3.0, 2.0, 0.0], attrs={"units": "km"}), "x", units="K/km")
    np.testing.assert_allclose(
        g.magnitude().data.magnitude, np.abs(g[0].data.magnitude)
    )


def test_the_magnitude_of_a_gap_is_a_gap():
    field = plane()
    field[1, 2] = np.nan
    assert np.isnan(xn.gradient(field).magnitude().data.magnitude[1, 2])


# --- direction -------------------------------------------------------------------


@pytest.mark.parametrize(("east", "north", "degrees"), DIRECTIONS)
def test_the_eight_directions_on_a_plane(east, north, degrees):
    got = xn.gradient(plane(slope_x=east, slope_y=north)).direction()
    assert got.data.units == "degree"
    np.testing.assert_allclose(got.data.magnitude, degrees, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("east", "north", "degrees"), DIRECTIONS)
def test_the_eight_directions_on_the_equator(east, north, degrees):
    got = xn.gradient(region(float(east), float(north))).direction().sel(lat=0.0)
    np.testing.assert_allclose(got.data.magnitude, degrees, rtol=0, atol=1e-9)


@pytest.mark.parametrize("order", [("lat", "lon"), ("lon", "lat")])
@pytest.mark.parametrize("flip", [1, -1])
def test_the_order_of_dimensions_and_the_sense_of_latitude_do_not_turn_it(order, flip):
    field = region(1.0, 1.0).transpose(*order).isel(lat=slice(None, None, flip))
    got = xn.gradient(field).direction().sel(lat=0.0)
    np.testing.assert_allclose(got.data.magnitude, 45.0, rtol=0, atol=1e-9)


def test_no_gradient_has_no_direction():
    got = xn.gradient(plane(slope_x=0.0, slope_y=0.0)).direction()
    assert np.isnan(got.data.magnitude).all()


def test_a_direction_is_below_360():
    field = plane(slope_x=-1e-20, slope_y=1.0)
    got = xn.gradient(field).direction().data.magnitude
    assert (got >= 0).all()
    assert (got < 360).all()


def test_a_single_precision_direction_is_below_360():
    """Next to north, 359.99999994 is 360 in single precision: that is 0."""
    field = plane(slope_x=-1e-9, slope_y=1.0).astype("f4").assign_attrs(units="K")
    g = xn.gradient(field)
    assert (g.direction().data.magnitude < 360).all()


def test_the_direction_of_a_gap_is_a_gap():
    field = plane()
    field[1, 2] = np.nan
    assert np.isnan(xn.gradient(field).direction().data.magnitude[1, 2])


@pytest.mark.parametrize("dims", [("x",), ("z", "x"), ("z", "y", "x"), ("time", "x")])
def test_only_a_horizontal_gradient_has_a_direction(dims):
    with pytest.raises(xn.GridError, match="horizontal"):
        xn.gradient(cube(), dims).direction()


def test_x_twice_is_no_horizontal_gradient():
    with pytest.raises(xn.XnablaError):
        xn.gradient(cube(), ("x", "x")).direction()


def test_the_direction_is_named():
    got = xn.gradient(region()).direction()
    assert got.name == "dt_direction"
    assert "north" in got.attrs["long_name"]


def test_lazy_components_give_lazy_magnitude_and_direction():
    pytest.importorskip("dask.array")
    lazy = xn.gradient(region().chunk(lat=2))
    eager = xn.gradient(region())
    for method in ("magnitude", "direction"):
        got = getattr(lazy, method)()
        assert got.chunks is not None
        np.testing.assert_array_equal(
            got.compute().data.magnitude, getattr(eager, method)().data.magnitude
        )


# --- as data ---------------------------------------------------------------------


def test_to_dataset_holds_plain_values_with_cf_units():
    dataset = xn.gradient(region(), units="K/km").to_dataset()
    assert set(dataset.data_vars) == {"dt_dy", "dt_dx"}
    for variable in dataset.data_vars.values():
        assert variable.attrs["units"] == "K km-1"
        assert isinstance(variable.data, np.ndarray)


def test_to_dataset_never_loses_a_component():
    """Analysis time and forecast step are both time: both would be dt_dt."""
    field = cube().rename(z="step")
    field = field.assign_coords(step=np.array([0, 6, 12], "m8[h]").astype("m8[ns]"))
    g = xn.gradient(field, ("time", "step"))
    assert len(g.to_dataset().data_vars) == len(g)


def test_plain_components_make_no_dataset():
    with pytest.raises(xn.GridError, match="DataArray"):
        xn.gradient(np.arange(4.0), deltas=1.0).to_dataset()


def test_map_keeps_the_names():
    g = xn.gradient(region()).map(lambda part: part * 2)
    assert g["lon"] is g[1]


def test_pickling_keeps_names_and_values():
    g = xn.gradient(region())
    again = pickle.loads(pickle.dumps(g))
    assert again["longitude"] is again[1]
    for one, two in zip(g, again, strict=True):
        np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)
        assert str(one.data.units) == str(two.data.units)


def test_copying_keeps_the_names():
    import copy

    g = xn.gradient(region())
    assert copy.copy(g).y is g.y
    assert copy.deepcopy(g)["lon"].equals(g["lon"])


def test_the_repr_tells_what_and_along_what():
    text = repr(xn.gradient(region()))
    assert "gradient of t along lat, lon" in text


def test_the_html_repr_is_that_of_the_parts():
    html = xn.gradient(region())._repr_html_()
    assert html.count("dt_dy") >= 1
    assert html.count("dt_dx") >= 1


def test_a_hostile_name_does_not_enter_the_html():
    g = xn.gradient(plane().rename("<script>alert(1)</script>"))
    assert "<script>alert(1)" not in g._repr_html_()


def test_the_html_repr_of_plain_parts_is_escaped():
    """repr of an array may hold < and >, as pint's <Quantity ...> does."""
    html = xn.gradient(pint.Quantity(np.arange(4.0), "K"), deltas=1.0)._repr_html_()
    assert "<Quantity" not in html


def test_components_become_one_array():
    g = xn.gradient(np.add.outer(np.arange(4.0), 2 * np.arange(5.0)), deltas=1.0)
    got = np.asarray(g)
    assert got.shape == (2, 4, 5)
    np.testing.assert_allclose(got[0], 1.0)
    np.testing.assert_allclose(got[1], 2.0)


def test_an_attribute_of_a_component_is_not_shared_with_the_field():
    field = region()
    xn.gradient(field)[0].attrs["note"] = "mine"
    xn.gradient(field)[0]["lat"].attrs["note"] = "mine"
    assert "note" not in field.attrs
    assert "note" not in field["lat"].attrs


def test_writing_into_a_result_does_not_reach_the_field():
    field = region()
    before = field.values.copy()
    xn.gradient(field)[0].data.magnitude[:] = 0.0
    np.testing.assert_array_equal(field.values, before)


def test_a_lonely_dimension_may_be_given_as_text_or_tuple():
    field = region()
    for dims in ("lon", ("lon",), ["longitude"]):
        (part,) = xn.gradient(field, dims)
        assert part.name == "dt_dx"


def test_no_dimensions_at_all_are_refused():
    with pytest.raises(xn.XnablaError):
        xn.gradient(region(), ())


def test_second_derivatives_answer_to_the_letters_of_the_formula_too():
    s = np.arange(4.0)
    z = xr.DataArray(
        np.multiply.outer(s, s),
        dims=("y", "x"),
        coords={name: (name, s, {"units": "m"}) for name in ("y", "x")},
        name="gh",
        attrs={"units": "m"},
    )
    h = xn.hessian(z)
    for own, letters in zip(h.names, ("d2f_dx2", "d2f_dxdy", "d2f_dy2"), strict=True):
        assert own == letters.replace("f", "gh", 1)
        assert h[own] is h[letters] is getattr(h, letters)
    again = pickle.loads(pickle.dumps(h.map(lambda part: part.name)))
    assert again.d2f_dxdy == "d2gh_dxdy"
    with pytest.raises(KeyError, match="d2gh_dx2"):
        h["d2t_dx2"]
