"""A field at the door: its numbers, its unit, and what is turned away."""

import numpy as np
import pint
import pytest
import xarray as xr
from grid.making import one_d

import xnabla as xn

KM = {"units": "km"}


def derive(values=None, units="K", **kwargs):
    """Return the derivative of a field along x in kilometres."""
    points = np.arange(5.0)
    return xn.derivative(
        one_d(points, values=values, attrs=KM, units=units), "x", **kwargs
    )


def test_a_field_without_units_is_refused_by_name_with_the_line_to_type():
    with pytest.raises(
        xn.UnitsError, match=r"'t'.*no units.*field\.attrs\['units'\] = 'K'"
    ):
        derive(units=None)


@pytest.mark.parametrize("units", ["", " "])
def test_empty_units_are_refused_by_name(units):
    with pytest.raises(xn.UnitsError, match=r"'t'.*no units"):
        derive(units=units)


def test_a_field_without_a_name_is_called_the_field():
    field = one_d(np.arange(5.0), attrs=KM, units=None).rename(None)
    with pytest.raises(xn.UnitsError, match="The field has no units"):
        xn.derivative(field, "x")


def test_unknown_units_are_refused_by_name():
    with pytest.raises(xn.UnitsError, match=r"wibble.*'t'"):
        derive(units="wibble")


def test_a_near_match_of_an_unknown_unit_is_named():
    with pytest.raises(xn.UnitsError, match="'kelvin'"):
        derive(units="kevin")


def test_kelvin_per_kilometre_asked_of_a_humidity_names_what_fits():
    with pytest.raises(xn.UnitsError, match=r"K km-1.*'t'.*m-1.*Try: units=") as caught:
        xn.derivative(
            one_d(np.arange(5.0), attrs=KM, units="kg kg-1"), "x", units="K/km"
        )
    fix = str(caught.value).split('units="')[1].split('"')[0]
    field = one_d(np.arange(5.0), attrs=KM, units="kg kg-1")
    assert xn.derivative(field, "x", units=fix).data.check("1/[length]")


@pytest.mark.parametrize("units", ["dBZ", "dB", "dBm"])
def test_logarithmic_units_are_refused(units):
    with pytest.raises(xn.UnitsError, match=r"linear"):
        derive(units=units)


def test_degrees_c_is_kelvin_in_the_derivative():
    got = derive(units="degrees C")
    assert got.data.units == "kelvin / meter"
    np.testing.assert_allclose(got.data.magnitude, 1e-3, rtol=1e-13)


def test_celsius_and_kelvin_give_the_same_numbers():
    values = np.sin(np.arange(5.0))
    np.testing.assert_allclose(
        derive(values, "degC").data.magnitude,
        derive(values + 273.15, "K").data.magnitude,
        rtol=0,
        atol=1e-15,
    )


def test_fahrenheit_is_five_ninths_of_a_kelvin():
    got = derive(units="degF")
    np.testing.assert_allclose(got.data.to("K/km").magnitude, 5 / 9, rtol=1e-13)


@pytest.mark.parametrize(
    ("units", "factor", "plain"),
    [
        ("1e-5 s-1", 1e-5, "1/s"),
        ("10^-5 s-1", 1e-5, "1/s"),
        ("PVU", 1e-6, "K m^2/kg/s"),
        ("1e-3", 1e-3, "1"),
        ("percent", 1e-2, "1"),
    ],
)
def test_a_scale_in_the_units_scales_the_numbers(units, factor, plain):
    got = derive(units=units)
    np.testing.assert_allclose(
        got.data.to(f"({plain})/km").magnitude, factor, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("units", "wanted"),
    [("1e-5 s-1", "1e-5 s-1/km"), ("1e-5 s-1", "1e-5 s-1 km-1"), ("PVU", "PVU/km")],
)
def test_asking_for_a_unit_with_a_scale_gives_right_quantities_or_a_sentence(
    units, wanted
):
    """pint has no place for the factor: what comes back must still be true."""
    try:
        got = derive(units=units)
        asked = xn.derivative(
            one_d(np.arange(5.0), attrs=KM, units=units), "x", units=wanted
        )
    except xn.UnitsError as refusal:
        assert "Try: " in str(refusal)  # noqa: PT017
    else:
        np.testing.assert_allclose(
            asked.data.to(got.data.units).magnitude, got.data.magnitude, rtol=1e-12
        )


# --- values ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.array(list("abcde")), "text"),
        (np.array([b"a"] * 5), "text"),
        (np.array([True, False, True, True, False]), "flags"),
        (np.arange(5).astype("M8[ns]"), "dates"),
        (np.arange(5).astype("m8[ns]"), "dates"),
        (np.array([1, 2, 3, 4, None], object), "objects"),
    ],
)
def test_values_that_are_no_numbers_are_refused_by_name(values, word):
    with pytest.raises(xn.FieldError, match=rf"'t'.*{word}"):
        derive(values)


@pytest.mark.parametrize(
    ("dtype", "result"),
    [
        ("f4", "f4"),
        ("f8", "f8"),
        (">f4", "f4"),
        (">f8", "f8"),
        ("f2", "f4"),
        ("i2", "f8"),
        ("i8", "f8"),
        ("u1", "f8"),
        ("c8", "c8"),
        ("c16", "c16"),
    ],
)
def test_the_type_of_a_result_follows_from_that_of_the_field(dtype, result):
    got = derive(np.arange(5).astype(dtype))
    assert got.dtype == np.dtype(result)
    np.testing.assert_allclose(got.data.magnitude, 1e-3, rtol=1e-6)


def test_unsigned_integers_do_not_wrap_around():
    got = derive(np.array([5, 4, 3, 2, 1], "u1"))
    np.testing.assert_allclose(got.data.to("K/km").magnitude, -1.0, rtol=1e-13)


def test_long_doubles_become_doubles():
    assert derive(np.arange(5).astype(np.longdouble)).dtype == np.dtype("f8")


@pytest.mark.parametrize("given", [None, "t2m", 3j, {"a": 1}, object()])
@pytest.mark.parametrize("operator", [xn.gradient, xn.derivative])
def test_what_is_no_field_is_refused_in_our_words(given, operator):
    arguments = ("x",) if operator is xn.derivative else ()
    with pytest.raises(xn.XnablaError) as caught:
        operator(given, *arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [None, "t2m"])
def test_what_is_no_field_is_a_field_error_that_says_what_is_one(given):
    with pytest.raises(xn.FieldError, match="DataArray"):
        xn.gradient(given)


@pytest.mark.parametrize("operator", [xn.gradient, xn.derivative])
def test_a_dataset_is_refused_with_its_variables(operator):
    dataset = one_d(np.arange(5.0), attrs=KM).to_dataset(name="t2m")
    arguments = ("x",) if operator is xn.derivative else ()
    with pytest.raises(xn.FieldError, match=r"t2m"):
        operator(dataset, *arguments)


def test_a_variable_is_refused():
    with pytest.raises(xn.XnablaError):
        xn.gradient(xr.Variable("x", np.arange(5.0)))


# --- units= ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "units",
    [
        "K/km",
        "K km-1",
        "kelvin / kilometer",
        pint.Unit("K/km"),
        pint.Quantity(1, "K/km"),
    ],
)
def test_units_may_be_text_a_unit_or_a_quantity(units):
    got = xn.derivative(one_d(np.arange(5.0), attrs=KM), "x", units=units)
    assert got.data.units == "kelvin / kilometer"
    np.testing.assert_allclose(got.data.magnitude, 1.0, rtol=1e-14)


def asked(units, **kwargs):
    """Return a derivative in a unit asked for."""
    return xn.derivative(one_d(np.arange(5.0), attrs=KM, **kwargs), "x", units=units)


@pytest.mark.parametrize("units", ["K", "m", "s-1", "K/s", "1"])
def test_units_of_the_wrong_dimension_are_refused_with_what_fits(units):
    with pytest.raises(xn.UnitsError, match=r"K m-1"):
        asked(units)


@pytest.mark.parametrize("units", ["wibble", "", "K//km"])
def test_units_that_cannot_be_read_are_refused(units):
    with pytest.raises(xn.UnitsError):
        asked(units)


def test_the_advice_for_units_that_cannot_be_read_is_not_about_the_field():
    with pytest.raises(xn.UnitsError) as caught:
        asked("wibble")
    assert "attrs" not in str(caught.value)


@pytest.mark.parametrize("units", [5.0, True, [1], object()])
def test_units_that_are_no_unit_are_refused(units):
    with pytest.raises(xn.UnitsError):
        asked(units)


def test_per_hundred_kilometres_is_a_prefix():
    got = asked("K/100km")
    assert str(got.data.units) == "centikelvin / kilometer"
    np.testing.assert_allclose(got.data.to("K/km").magnitude, 1.0, rtol=1e-13)


def test_celsius_per_kilometre_is_a_difference():
    np.testing.assert_allclose(
        asked("degC/km").data.to("K/km").magnitude, 1.0, rtol=1e-13
    )


# --- pint inside -----------------------------------------------------------------


def quantified(values, unit, registry=None):
    """Return a field with pint values."""
    quantity = (registry or pint.get_application_registry()).Quantity(values, unit)
    return xr.DataArray(
        quantity, dims="x", name="t", coords={"x": ("x", np.arange(len(values)), KM)}
    )


@pytest.mark.parametrize("unit", ["K", "degC", "delta_degC"])
def test_pint_values_give_kelvin_per_metre(unit):
    got = xn.derivative(quantified(np.arange(5.0), unit), "x")
    assert got.data.units == "kelvin / meter"
    np.testing.assert_allclose(got.data.magnitude, 1e-3, rtol=1e-13)


def test_pint_values_outrank_a_units_attribute():
    field = quantified(np.arange(5.0), "K").assign_attrs(units="m")
    assert xn.derivative(field, "x").data.units == "kelvin / meter"


def test_a_registry_of_the_user_gets_its_own_quantities_back():
    mine = pint.UnitRegistry()
    got = xn.derivative(quantified(np.arange(5.0), "K", mine), "x", units="K/km")
    assert isinstance(got.data, mine.Quantity)
    assert (got.data * mine.Quantity(2.0, "km")).check("[temperature]")
    np.testing.assert_allclose(got.data.magnitude, 1.0, rtol=1e-13)


def test_a_unit_of_another_registry_converts_a_field_of_the_user():
    mine, other = pint.UnitRegistry(), pint.UnitRegistry()
    got = xn.derivative(
        quantified(np.arange(5.0), "K", mine), "x", units=other.Unit("K/km")
    )
    assert isinstance(got.data, mine.Quantity)


def test_a_unit_of_the_users_own_is_kept():
    mine = pint.UnitRegistry()
    mine.define("foo = 3 * kelvin")
    got = xn.derivative(quantified(np.arange(5.0), "foo", mine), "x")
    np.testing.assert_allclose(got.data.to("K/km").magnitude, 3.0, rtol=1e-12)


def test_the_users_registry_is_not_changed():
    mine = pint.UnitRegistry()
    before = set(dir(mine))
    xn.derivative(quantified(np.arange(5.0), "degC", mine), "x", units="K/km")
    assert mine.autoconvert_offset_to_baseunit is False
    assert set(dir(mine)) == before


def test_a_unit_attribute_gives_quantities_of_the_application_registry():
    assert isinstance(derive().data, pint.get_application_registry().Quantity)


def test_dask_inside_pint_stays_lazy():
    dask_array = pytest.importorskip("dask.array")
    lazy = dask_array.from_array(np.arange(5.0), chunks=2)
    got = xn.derivative(quantified(lazy, "degC"), "x")
    assert hasattr(got.data.magnitude, "dask")
    np.testing.assert_allclose(got.compute().data.magnitude, 1e-3, rtol=1e-13)


def test_logarithmic_pint_values_are_refused():
    registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    with pytest.raises(xn.UnitsError, match="linear"):
        xn.derivative(quantified(np.arange(5.0), "dBm", registry), "x")


@pytest.mark.parametrize(
    "operator", ["vorticity", "laplacian", "advection", "destagger"]
)
@pytest.mark.parametrize("make", [np.asarray, lambda a: pint.Quantity(a, "m/s")])
def test_an_operator_that_needs_labels_says_so_of_plain_numbers(operator, make):
    plain = make(np.zeros((4, 5)))
    count = {"vorticity": 2, "advection": 3}.get(operator, 1)
    with pytest.raises(xn.FieldError) as caught:
        getattr(xn, operator)(*(plain,) * count)
    words = str(caught.value)
    assert f"{operator} takes labelled fields" in words
    assert "Try: xr.DataArray(" in words
    expected = words.partition("Expected")[2].partition("; got")[0]
    assert "array" not in expected.replace("DataArrays", "")


def test_an_operator_that_takes_arrays_says_so():
    with pytest.raises(xn.FieldError, match=r"a DataArray, .*numpy array; got str"):
        xn.gradient("t")
    with pytest.raises(xn.FieldError, match=r"vorticity takes labelled.*got str"):
        xn.vorticity("u", "v")
