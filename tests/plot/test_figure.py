"""Files of pictures: formats, names, and no warning whatever is in them."""

import numpy as np
import pytest
import xarray as xr

from xnabla.errors import OptionError
from xnabla.plot import field as draw
from xnabla.plot import gradient as draw_gradient
from xnabla.plot import picture_format, save_figure


@pytest.fixture
def flat():
    """Return a smooth temperature on the globe."""
    lat, lon = np.linspace(90, -90, 37), np.arange(72) * 5.0
    wave = np.cos(np.deg2rad(lat))[:, None] ** 4 * np.cos(np.deg2rad(4 * lon))
    return xr.DataArray(
        280 + 5 * wave,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K", "long_name": "air temperature"},
    )


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "PNG"])
def test_files_are_written(flat, tmp_path, ending):
    path = tmp_path / f"picture.{ending}"
    save_figure(draw(flat), path)
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[ending.lower()]
    assert path.read_bytes().startswith(start)
    assert path.stat().st_size > 20_000


@pytest.mark.parametrize("name", ["picture", "picture.bmp", "picture.nc"])
def test_other_endings_are_refused(flat, tmp_path, name):
    with pytest.raises(OptionError, match=r"Expected an ending of .png, .pdf or .svg"):
        save_figure(draw(flat), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("", "gradient.png"),
        (".", "gradient.png"),
        ("..", "../gradient.png"),
        (".png", "gradient.png"),
        ("...", "gradient.png"),
        ("picture.", "picture.png"),
        ("picture", "picture.png"),
        ("out.nc", "out.png"),
        ("my.file.bmp", "my.file.png"),
        ("*?", "gradient.png"),
        ("folder", "folder/gradient.png"),
        ("folder/", "folder/gradient.png"),
        ("folder/x.nc", "folder/x.png"),
    ],
)
def test_the_hint_is_a_name_to_type(tmp_path, monkeypatch, name, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OptionError) as refused:
        picture_format(name)
    assert str(refused.value).endswith(f"Try: {hint}")
    assert picture_format(hint) == "png"


@pytest.mark.parametrize("name", ["气温", "wind\x07 \x00speed", "a $x and $y", "💨"])
def test_no_warning_leaves_the_room_for_any_name(flat, tmp_path, name):
    flat = flat.assign_attrs(long_name=name, units=name)
    save_figure(draw_gradient([flat, flat], field=flat), tmp_path / "map.png")
    for ending in ("png", "svg", "pdf"):
        line = draw(flat.isel(lat=0), title=name)
        save_figure(line, tmp_path / f"line.{ending}")


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("f4", 3e38), ("f4", 1e-45), ("f8", 1e308), ("f8", 1e149), ("f8", 5e-324)],
)
def test_the_largest_and_smallest_numbers_are_drawn(flat, tmp_path, dtype, size):
    import pint

    import xnabla as xn

    wave = (np.sin(flat * 7) * size).astype(dtype).assign_attrs(units="m")
    big = wave.where(wave > 0, -wave)

    def with_unit(part):
        values = pint.get_application_registry().Quantity(big.values, "m/km")
        return part.copy(data=values)

    for figure in (
        draw(wave, contours_of=wave),
        draw(wave.isel(lat=3)),
        draw_gradient([big, big], field=big),
        draw_gradient(xn.gradient(flat).map(with_unit), field=big),
    ):
        save_figure(figure, tmp_path / "big.png")
    if dtype == "f4" and size > 1:
        assert np.isfinite(
            np.ma.filled(figure.axes[0].collections[0].get_array(), np.nan)
        ).all()
