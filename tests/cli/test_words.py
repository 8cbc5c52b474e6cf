"""Advice that is Python in the library is what one types at a shell."""

from __future__ import annotations

import pytest

from xnabla.cli._words import at_a_shell

GIVEN = {"file": "a b.nc", "variable": "t"}


@pytest.mark.parametrize(
    ("library", "shell"),
    [
        ("units='K km-1', which", "--units 'K km-1', which"),
        ("wind='earth' or wind='grid'", "--wind earth or --wind grid"),
        ("frame='grid'", "--frame grid"),
        ("crs='EPSG:3995'", "--crs EPSG:3995"),
        ("earth='WGS84' or earth=6371229.0", "--earth WGS84 or --earth 6371229.0"),
        ("min_latitude=5", "--min_latitude 5"),
        (
            "equator='missing', or a smaller min_latitude=",
            "--equator missing, or a smaller --min_latitude",
        ),
        ("pressure='850 hPa'", "--pressure '850 hPa'"),
        ("dims=('latitude', 'longitude')", "--dims latitude,longitude"),
        ("window='1 2 1; 2 4 2; 1 2 1'", "--window '1 2 1; 2 4 2; 1 2 1'"),
        ("normalize_weights=False", "--normalize_weights no"),
        ("grid=xn.grid_of(field, periodic=True)", "--periodic yes"),
        ("xn.gradient(field, ('y', 'x'))", "--dims y,x"),
        (
            "xn.thermal_wind(temperature, '850 hPa', '500 hPa')",
            "--bottom '850 hPa' --top '500 hPa'",
        ),
        ("xn.thermal_wind(thickness)", "no --bottom and no --top"),
        ("static_stability=2e-6 * units('m**4')", "--static_stability 2e-6"),
        (
            "field.assign_coords(latitude=45.0), or crs='EPSG:3995'",
            "--crs EPSG:3995",
        ),
        (
            "xr.open_dataset(path, decode_coords='all')[name], or crs='+proj=lcc'",
            "--crs +proj=lcc",
        ),
        (
            "xr.open_dataset(path, decode_coords='all')[name]",
            "--crs CRS, the projection of x and y",
        ),
        (
            "print(xn.grid_of(field)), which tells",
            "xnabla info 'a b.nc', which tells",
        ),
        (
            "field.attrs['units'] = 'm s-1'",
            "ncatted -a units,t,o,c,'m s-1' 'a b.nc'",
        ),
        ("field.rename(a='b')", "in Python, field.rename(a='b')"),
        (
            "xarray.DataArray(values, dims='time')",
            "in Python, xarray.DataArray(values, dims='time')",
        ),
        (
            "units='K', or field.sel(time=0, method='nearest'), or field.mean('time')",
            "--units K, or in Python, field.sel(time=0, method='nearest'), or "
            "field.mean('time')",
        ),
        (
            "select at least 3 points along 'lat'; or edge_order=1 of xn.derivative "
            "and xn.gradient",
            "select at least 3 points along 'lat'",
        ),
        (
            "field.isel(lat=abs(field['lat']) <= 90)",
            "ncks -d lat,-90.,90. 'a b.nc' t.nc",
        ),
        (
            "xn.accuracy_report('0.25') for a grid named in a word",
            "xnabla check --grid 0.25 for a grid named in a word",
        ),
        (
            'xn.smooth(field, length_scale="30 km"), or n=10',
            "xnabla smooth 'a b.nc' -v t --length_scale '30 km', or --n 10",
        ),
        (
            "field.resample(time='1YS').mean(), or xn.trend(field)",
            "in Python, field.resample(time='1YS').mean(), or "
            "xnabla trend 'a b.nc' -v t",
        ),
        (
            "xn.destagger(dataset['U'], like=dataset['T'])",
            "xnabla destagger 'a b.nc' -v U -o U.nc",
        ),
    ],
)
def test_advice_is_what_one_types(library, shell):
    assert at_a_shell(f"It is wrong. Try: {library}", GIVEN) == (
        f"It is wrong. Try: {shell}"
    )


def test_a_variable_nobody_named_is_any_name():
    said = at_a_shell("No. Try: xn.potential_vorticity(theta, u, v, pressure)", {})
    assert said == "No. Try: --pressure NAME"


def test_what_only_python_can_do_is_left_out():
    said = at_a_shell("No latitude. Try: field.assign_coords(latitude=45.0)", GIVEN)
    assert said == "No latitude."


def test_keywords_outside_the_advice_are_options_too():
    said = at_a_shell("A layer. Expected bottom= and top=. Try: top='500 hPa'", {})
    assert said == "A layer. Expected --bottom and --top. Try: --top '500 hPa'"


def test_the_variable_a_sentence_is_about_is_the_one_to_mend():
    said = at_a_shell(
        "Variable 'u' has no units. Try: field.attrs['units'] = 'K'", GIVEN
    )
    assert "units,u,o,c,K" in said
