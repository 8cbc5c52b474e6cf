"""Pictures: the right kind for every field, written, with nothing else disturbed."""

import datetime as dt
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from xnabla.errors import FieldError, OptionError
from xnabla.plot import field as draw
from xnabla.plot import gradient as draw_gradient
from xnabla.plot import save_figure

LAT = ("lat", np.linspace(90, -90, 37), {"units": "degrees_north"})
LON = ("lon", np.arange(72) * 5.0, {"units": "degrees_east"})
PRESSURE = ("plev", np.array([1000.0, 850, 500, 200, 100]), {"units": "hPa"})
TIMES = np.datetime64("2011-01-15", "ns") + np.arange(9) * np.timedelta64(6, "h")


@pytest.fixture
def t():
    """Return a smooth temperature on pressure levels and the globe."""
    lat, lon = np.deg2rad(LAT[1])[:, None], np.deg2rad(LON[1])[None, :]
    level = np.linspace(290, 210, 5)[:, None, None]
    values = level - 30 * np.sin(lat) ** 2 + 5 * np.cos(lat) ** 4 * np.cos(4 * lon)
    return xr.DataArray(
        values,
        dims=("plev", "lat", "lon"),
        coords={"plev": PRESSURE, "lat": LAT, "lon": LON, "time": TIMES[0]},
        name="t",
        attrs={"units": "K", "long_name": "air temperature"},
    )


@pytest.fixture
def components(t):
    """Return something shaped like the two components of a gradient."""
    flat = t.sel(plev=850)
    turned = flat.roll(lon=3) - flat
    return tuple(
        part.rename(name).assign_attrs(units="K km-1", long_name=f"{word} derivative")
        for part, name, word in (
            (flat - 280, "dt_dy", "northward"),
            (turned, "dt_dx", "eastward"),
        )
    )


def cells(figure, panel=0):
    """Return the colours' numbers of one panel."""
    return figure.axes[panel].collections[0].get_array()


def words(figure):
    """Return all the text of a figure that stands outside its panels."""
    return " | ".join(text.get_text() for text in figure.texts)


def test_import_does_not_load_matplotlib():
    code = "import sys, xnabla.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawing_needs_no_pyplot_and_leaves_settings_alone(t, components, tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    had_pyplot = "matplotlib.pyplot" in sys.modules
    save_figure(draw_gradient(components, field=t.sel(plev=850)), tmp_path / "g.png")
    assert dict(mpl.rcParams) == before
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot


def test_a_gradient_is_told_in_full(t, components):
    figure = draw_gradient(components, field=t.sel(plev=850))
    assert len(figure.axes) == 5
    text = words(figure)
    assert "Magnitude of the gradient of air temperature" in text
    assert "850 hPa · valid 2011-01-15 00:00 UTC" in text
    assert "contours: air temperature every" in text
    assert "hatched" not in text
    assert figure.axes[1].get_ylabel() == "K km⁻¹"
    low, high = figure.axes[2].collections[0].get_clim()
    assert low == -high
    assert figure.axes[3].collections[0].get_clim() == (low, high)
    expected = np.hypot(*(part.values for part in components))
    np.testing.assert_allclose(cells(figure).max(), expected.max(), atol=1e-12)


def test_own_magnitude_is_used(components):
    class Components(tuple):
        __slots__ = ()

        def magnitude(self):
            return self[0] * 0 + 7.0

    assert (cells(draw_gradient(Components(components))) == 7.0).all()


def test_nothing_overlaps_and_nothing_is_cut_off(t, components):
    for select in (
        {},
        {"lon": slice(20, 60), "lat": slice(40, -60)},
        {"lat": slice(90, 50)},
    ):
        parts = [part.sel(select) for part in components]
        figure = draw_gradient(parts, field=t.sel(plev=850).sel(select))
        figure.draw_without_rendering()
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        boxes += [text.get_window_extent() for text in figure.texts]
        for k, box in enumerate(boxes):
            assert box.x0 >= 0
            assert box.y0 >= 0
            assert box.x1 <= figure.bbox.x1
            assert box.y1 <= figure.bbox.y1
            for other in boxes[k + 1 :]:
                wide = min(box.x1, other.x1) - max(box.x0, other.x0)
                high = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert min(wide, high) <= 2, (box, other)


def test_roll_and_flip_draw_the_same_picture(t):
    flat = t.sel(plev=850)
    expected = cells(draw(flat))
    signed = flat.assign_coords(lon=(flat.lon + 180) % 360 - 180).sortby("lon")
    signed["lon"].attrs["units"] = "degrees_east"
    for other in (
        flat.roll(lon=20, roll_coords=True),
        flat.isel(lat=slice(None, None, -1)),
        flat.transpose("lon", "lat"),
        signed,
    ):
        np.testing.assert_array_equal(cells(draw(other)), expected)


def test_global_map_closes_the_circle(t):
    axes = draw(t.sel(plev=850)).axes[0]
    corners = axes.collections[0].get_coordinates()
    assert corners[..., 0].min() == -180
    assert corners[..., 0].max() == 180
    assert np.abs(corners[..., 1]).max() == 90
    assert axes.get_xlim() == (-180, 180)
    assert np.isfinite(np.ma.filled(cells(axes.figure), np.nan)).all()


def test_polar_cap_is_a_disc_that_covers_its_pole(t):
    for band in (slice(90, 50), slice(-50, -90)):
        axes = draw(t.sel(plev=850, lat=band), contours_of=t.sel(plev=500)).axes[0]
        corners = axes.collections[0].get_coordinates()
        r = np.hypot(corners[..., 0], corners[..., 1])
        assert r.min() < 1e-12
        np.testing.assert_allclose(r.max(), np.tan(np.deg2rad(42.5 / 2)), atol=1e-12)
        assert not axes.axison


def test_pressure_decreases_upward(t):
    for pressure in (t.plev, (t.plev * 100).assign_attrs(units="Pa")):
        axes = draw(t.assign_coords(plev=pressure).isel(lon=0)).axes[0]
        bottom, top = axes.get_ylim()
        assert bottom > top
        assert axes.get_yscale() == "log"
        assert axes.get_ylabel().endswith(f"({pressure.attrs['units']})")


def test_profile_stands_upright(t):
    axes = draw(t.isel(lat=3, lon=0)).axes[0]
    assert axes.get_ylim() == (1000, 100)
    assert axes.get_xlabel() == "Air temperature (K)"


def test_time_series_names_the_year_once():
    series = xr.DataArray(
        np.arange(9.0), dims="time", coords={"time": TIMES}, attrs={"units": "K"}
    )
    axes = draw(series).axes[0]
    axes.figure.draw_without_rendering()
    assert axes.get_xlabel() == "Time (UTC), 2011"
    assert "16 Jan" in [label.get_text() for label in axes.get_xticklabels()]


def test_other_calendars_are_drawn():
    """February has 30 days, and the ticks are dates, not counts of days."""
    for start, many, freq, name, expected in (
        ("2000-02-28", 5, "D", "2000", ["28 Feb", "29 Feb", "30 Feb", "01 Mar"]),
        ("2000-03-01", 5, "6h", "2000", ["01 Mar", "06:00", "12:00", "02 Mar"]),
        ("1999-11-01", 20, "MS", "1999 to 2001", ["2000", "Jul", "2001"]),
        ("1860-06-01", 240, "YS-JUN", "1860 to 2099", ["1900", "1950", "2000"]),
    ):
        times = xr.date_range(
            start, periods=many, freq=freq, calendar="360_day", use_cftime=True
        )
        series = xr.DataArray(np.arange(many), dims="time", coords={"time": times})
        axes = draw(series * 1.0).axes[0]
        assert axes.get_xlabel() == f"Time (calendar 360_day), {name}"
        ticks = dict(
            zip(
                (label.get_text() for label in axes.get_xticklabels()),
                axes.get_xticks(),
                strict=True,
            )
        )
        assert set(expected) <= set(ticks), ticks
        assert len(ticks) <= 8
    # 1 January 1900 is 39 years and 7 months of 30 days after 1 June 1860
    assert ticks["1900"] == 39 * 360 + 7 * 30


def test_dates_of_other_calendars_stand_where_they_are():
    from xnabla.plot._calendar import calendar_ticks

    cftime = pytest.importorskip("cftime")
    for kind in ("360_day", "noleap", "julian"):
        for days in (0.5, 3, 40, 200, 900, 9000, 200_000):
            first = cftime.datetime(1999, 1, 17, 5, calendar=kind)
            last = first + dt.timedelta(days=days)
            at, words = calendar_ticks(np.array([last, first]), 7)
            assert 1 <= len(words) <= 7
            assert len(words) == at.size
            assert (np.diff(at) > 0).all()
            # counted from what stands first, which here is the last
            assert (at <= 0).all()
            assert (at >= -days).all()


def test_a_long_name_stays_in_the_figure():
    """The axis says the unit alone where the title says the name."""
    times = np.arange(9).astype("M8[D]").astype("M8[ns]")
    words = {"units": "K", "long_name": "mean over latitude and longitude of " * 3}
    series = xr.DataArray(np.arange(9.0), {"time": times}, "time", attrs=words)
    figure = draw(series)
    figure.draw_without_rendering()
    box = figure.axes[0].get_tightbbox()
    assert box.y1 <= figure.bbox.y1
    assert figure.axes[0].get_ylabel() == "K"


def test_hovmoeller_is_read_downward(t):
    waves = t.isel(plev=0, lat=10, drop=True).drop_vars("time")
    diagram = waves.expand_dims(time=TIMES)
    first, last = draw(diagram * np.linspace(1, 2, 9)[:, None]).axes[0].get_ylim()
    assert first > last


def test_plane_is_in_km():
    x = ("x", np.arange(5) * 2e3, {"units": "m"})
    y = ("y", np.arange(4) * 2e3, {"units": "m"})
    plane = xr.DataArray(np.eye(4, 5), dims=("y", "x"), coords={"x": x, "y": y})
    lat = 50 + plane.y / 111e3 + 0 * plane.x
    plane = plane.assign_coords(lat=lat.assign_attrs(units="degrees_north"))
    axes = draw(plane).axes[0]
    assert axes.get_xlim() == (-1, 9)
    assert axes.get_xlabel() == "x (km)"
    assert axes.get_aspect() == 1


def test_missing_values_are_hatched_and_said(t):
    hole = t.sel(plev=850).where(lambda f: f.lat < 40)
    figure = draw(hole)
    assert "hatched: no value" in words(figure)
    assert np.ma.getmaskarray(cells(figure)).any()
    assert draw(hole.where(False)) is not None
    infinite = t.sel(plev=850).where(lambda f: f.lat < 40, np.inf)
    assert "hatched: no value" in words(draw(infinite))


def test_a_constant_field_is_drawn(t):
    flat = t.sel(plev=850) * 0 + 5
    assert draw(flat, contours_of=flat) is not None


def test_a_constant_field_has_a_bar_about_its_value(t):
    for value in (5.0, 0.0):
        _, bar = draw(t.sel(plev=850) * 0 + value).axes
        assert [label.get_text() for label in bar.get_yticklabels()] == [f"{value:g}"]


def test_a_field_without_values_says_so_and_has_no_bar(t, components, tmp_path):
    nothing = [part.where(False) for part in components]
    profile = nothing[0].isel(lat=3)
    gradient = draw_gradient(nothing, field=nothing[0])
    for figure, panels in ((draw(nothing[0]), 1), (gradient, 3)):
        save_figure(figure, tmp_path / "n.png")
        assert len(figure.axes) == panels
        for axes in figure.axes:
            assert [text.get_text() for text in axes.texts] == ["no values"]
    assert draw(profile).axes[0].texts[0].get_text() == "no values"


def test_air_pressure_is_shown_in_hpa(t):
    flat = t.sel(plev=850, drop=True)
    pressure = ((flat - 260) * 100 + 101000).assign_attrs(
        units="Pa", long_name="air pressure"
    )
    figure = draw(pressure, contours_of=pressure)
    np.testing.assert_allclose(cells(figure).max(), pressure.max() / 100, atol=1e-9)
    assert figure.axes[1].get_ylabel() == "hPa"
    assert re.search(r"every \d+ hPa", words(figure))
    assert draw(pressure.isel(lat=4)).axes[0].get_ylabel() == "Air pressure (hPa)"
    gradient = [flat.assign_attrs(units="Pa km-1")] * 2
    figure = draw_gradient(gradient, field=pressure)
    assert figure.axes[1].get_ylabel() == "Pa km⁻¹"
    assert re.search(r"every \d+ hPa", words(figure))
    small = flat.assign_attrs(units="Pa")
    assert draw(small).axes[1].get_ylabel() == "Pa"


def test_contours_of_another_level_say_so(t):
    text = words(draw(t.sel(plev=850), contours_of=t.sel(plev=500)))
    assert "contours: air temperature at 500 hPa every" in text


def test_three_dimensions_are_refused_with_what_to_type(t):
    cube = t.drop_vars("time").expand_dims(time=TIMES[:3])
    with pytest.raises(OptionError) as refused:
        draw(cube)
    message = str(refused.value)
    assert "plev of size 5" in message
    assert "time of size 3" in message
    assert "up to 12" in message
    assert "--level VALUE" in message
    assert "--time VALUE" in message
    assert "field.sel(" in message
    with pytest.raises(OptionError, match="--level VALUE"):
        draw_gradient([cube, cube])


def test_unknown_dimensions_are_named():
    cube = xr.DataArray(np.zeros((13, 3, 4)), dims=("a", "b", "c"))
    with pytest.raises(OptionError, match=r"a of size 13.*field\.sel\(a="):
        draw(cube)


def test_what_is_no_field_is_refused(t):
    with pytest.raises(OptionError, match="one number"):
        draw(t.isel(plev=0, lat=0, lon=0))
    with pytest.raises(FieldError, match="DataArray"):
        draw(t.to_dataset())
    with pytest.raises(FieldError, match="real numbers"):
        draw(t.isel(plev=0) * 1j)


def test_components_that_do_not_fit_are_refused(components):
    north, east = components
    with pytest.raises(OptionError, match="no component"):
        draw_gradient([])
    with pytest.raises(OptionError, match="different units"):
        draw_gradient([north, east.assign_attrs(units="K Pa-1")])
    with pytest.raises(OptionError, match="one grid"):
        draw_gradient([north, east.isel(lat=slice(3, None))])


def test_dask_fields_are_computed_once_and_inputs_stay(t):
    flat, count = t.sel(plev=850), []

    def counted(block):
        count.append(block.shape)
        return block

    data = flat.chunk().data.map_blocks(counted, meta=np.empty((0, 0)))
    lazy = flat.copy(data=data)
    count.clear()
    before = lazy.attrs.copy()
    draw_gradient([lazy * 2, lazy * 3], field=lazy)
    assert len(count) == 1
    assert lazy.chunks is not None
    assert lazy.attrs == before


def test_inputs_are_unchanged(t, components):
    copies = [part.copy(deep=True) for part in (t, *components)]
    draw_gradient(components, field=t.sel(plev=850))
    for part, copy in zip((t, *components), copies, strict=True):
        xr.testing.assert_identical(part, copy)


def test_pint_values_are_drawn_with_their_units(components):
    import pint

    registry = pint.get_application_registry()
    quantities = []
    for part in components:
        quantity = part.copy(data=registry.Quantity(part.values, "K/km"))
        del quantity.attrs["units"]
        quantities.append(quantity)
    figure = draw_gradient(quantities)
    assert figure.axes[1].get_ylabel() == "K km⁻¹"
    expected = cells(draw_gradient(components))
    np.testing.assert_array_equal(cells(figure), expected)


def test_threads_may_draw_at_once(t, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    def job(level):
        path = tmp_path / f"{level}.svg"
        save_figure(draw(t.sel(plev=level)), path)
        return path.stat().st_size

    with ThreadPoolExecutor(2) as pool:
        assert min(pool.map(job, [1000, 850, 500, 200])) > 20_000
