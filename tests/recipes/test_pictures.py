"""The words on a picture are true, and a forecaster can read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recipes.making import analysis, job_of, written

from xnabla.operators import CATALOGUE
from xnabla.recipes import Job, run

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "gfs_20110115.nc"
SHIP = Path(__file__).resolve().parents[3] / "shared" / "data" / "ship"


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Do a job with a picture, and return the figure instead of pixels."""
    kept = []

    def keep(figure, path, **_kind):
        figure.draw_without_rendering()
        kept.append(figure)
        Path(path).write_bytes(b"picture")

    monkeypatch.setattr("xnabla.plot.save_figure", keep)

    def draw(operator: str, name: str | Path, variable: str | None = None, **rest):
        path = SHIP / name
        if not path.exists():
            pytest.skip(f"needs {path}")
        target = str(tmp_path / "out.png")
        run(Job(operator, str(path), variable, plot=target, overwrite=True, **rest))
        return kept.pop()

    return draw


def words(figure) -> str:
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
    return " ".join(text.get_text() for text in texts)


def test_title_level_times_and_units_are_on_the_map(drawn):
    said = words(
        drawn(
            "gradient",
            "gfs_2p5deg_20110115.nc",
            "t",
            level="850",
            parameters={"units": "K/km"},
        )
    )
    for part in ("gradient of air temperature", "850 hPa", "2011-01-15 12:00 UTC"):
        assert part in said
    assert "K km⁻¹" in said


def test_the_lead_time_of_a_climate_run_is_readable(drawn):
    """Not "+2.07143e+06 h", for a mean of 2099 and a start in 1859."""
    said = words(drawn("gradient", "A1B_north_america.nc", time="-1"))
    assert "2099" in said
    assert "e+06" not in said


def test_a_negative_lead_time_is_not_called_a_forecast(drawn):
    """Not "(+-12 h)", for a monthly analysis whose reference is twelve hours later."""
    assert "+-" not in words(drawn("gradient", "ostia_monthly.nc", time="0"))


@pytest.mark.parametrize(
    ("name", "variable", "level", "time", "part"),
    [
        ("ncl_contour_nmc.cdf", "Z", "500", "1", "6"),
        ("ncl_uv300_T42.nc", "U", None, "1", "7"),
    ],
)
def test_a_time_that_is_no_date_is_told_too(drawn, name, variable, level, time, part):
    """The sixth hour of a forecast, the month of July."""
    figure = drawn("gradient", name, variable, level=level, time=time)
    # one line below the title holds what was selected
    said = " ".join(text.get_text() for text in figure.texts)
    said = re.sub(r"contours:.*", "", said)
    assert re.search(rf"(?<![\d.]){part}(?![\d.])", said), said


def test_no_two_labels_of_an_axis_lie_on_each_other(drawn):
    """On a strip of ten degrees around the globe, too."""
    figure = drawn("gradient", "ostia_monthly.nc", time="0")
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            boxes = [
                label.get_window_extent()
                for label in axis.get_ticklabels()
                if label.get_visible() and label.get_text()
            ]
            boxes = [box for box in boxes if axes.bbox.padded(60).overlaps(box)]
            for i, box in enumerate(boxes):
                for other in boxes[i + 1 :]:
                    assert not box.overlaps(other)


def test_pressure_at_sea_level_is_contoured_in_hectopascal(drawn):
    """As on every weather map, when the answer is asked for in hPa/km."""
    said = words(
        drawn(
            "gradient",
            "gfs_2p5deg_20110115.nc",
            "msl",
            parameters={"units": "hPa/km"},
        )
    )
    assert re.search(r"every [\d.]+ hPa", said), said


def test_degrees_celsius_are_written_one_way(drawn):
    for name in ("ersst_v5_mnmean.nc", "oisst_reduced_int16.nc"):
        said = words(drawn("gradient", name, "sst", time="0"))
        assert "°C" in said
        assert "degree_C" not in said


VECTORS = (
    "geostrophic_wind ageostrophic_wind thermal_wind inertial_advective_wind q_vector"
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Path:
    return Path(written(analysis(), tmp_path_factory.mktemp("analysis") / "all.nc"))


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_operator_makes_a_picture_that_says_what_it_shows(
    drawn, everything, name
):
    where = {} if name == "coriolis_parameter" else {"level": "850", "time": "1"}
    job = job_of(name)
    made = run(Job(input=str(everything), **job, **where))
    figure = drawn(job.pop("operator"), everything, job.pop("variable"), **job, **where)
    said = words(figure)
    title = figure.texts[0].get_text()
    if len(made) == 1:
        (only,) = made.data_vars.values()
        called = only.attrs.get("long_name") or only.attrs["standard_name"]
        assert title.lower().removesuffix(", smoothed") == (
            called.replace("_", " ").lower()
        )
        assert title.endswith(", smoothed") == name.startswith("smooth")
    else:
        assert len(title) > len("wind")
    if where:
        assert "850 hPa" in said
        assert "2001-02-03 06:00 UTC" in said


@pytest.mark.parametrize("name", VECTORS.split())
def test_a_vector_is_its_length_with_arrows(drawn, everything, name):
    from matplotlib.quiver import Quiver, QuiverKey

    job = job_of(name)
    figure = drawn(
        job.pop("operator"),
        everything,
        job.pop("variable"),
        level="850",
        time="0",
        **job,
    )
    main, _ = figure.axes
    assert [a for a in main.collections if isinstance(a, Quiver)]
    assert [a for a in main.artists if isinstance(a, QuiverKey)]
    assert main.collections[0].get_clim()[0] == 0
    assert "arrows: direction" in words(figure)


@pytest.mark.parametrize(
    ("name", "captions"),
    [
        ("velocity_gradient", ["∂u/∂x", "∂u/∂y", "∂v/∂x", "∂v/∂y"]),
        ("hessian", ["∂²gh/∂x²", "∂²gh/∂x∂y", "∂²gh/∂y²"]),
    ],
)
def test_a_tensor_is_drawn_in_panels_with_one_scale(drawn, everything, name, captions):
    job = job_of(name)
    figure = drawn(
        job.pop("operator"),
        everything,
        job.pop("variable"),
        level="500",
        time="0",
        **job,
    )
    *panels, _ = figure.axes
    assert [axes.get_title("left") for axes in panels] == captions
    limits = {axes.collections[0].get_clim() for axes in panels}
    ((low, high),) = limits
    assert low == -high


def test_vorticity_is_shown_about_zero_in_a_readable_multiple(drawn):
    figure = drawn("vorticity", SAMPLE, level="500")
    low, high = figure.axes[0].collections[0].get_clim()
    assert low == -high
    assert figure.axes[1].get_ylabel() == "10⁻⁵ s⁻¹"
    assert 3 <= high <= 30
    assert "arrows: wind" in words(figure)


def test_advection_shows_what_is_advected_and_the_wind(drawn):
    figure = drawn("advection", SAMPLE, inputs={"field": "t"}, level="850")
    said = words(figure)
    assert "contours: air temperature every" in said
    assert "arrows: wind" in said


@pytest.mark.parametrize(
    ("operator", "name", "variable", "where"),
    [
        ("gradient", "nam211_lambert_20180917.nc", "t", {"level": "850"}),
        ("vorticity", "nam211_lambert_20180917.nc", None, {"level": "500"}),
        ("geostrophic_wind", "nam211_lambert_20180917.nc", None, {"level": "500"}),
        ("gradient", "iris_rotated_pole.nc", None, {}),
        ("gradient", "nemo_orca1_gridT_201501.nc", None, {"time": None}),
        ("gradient", "wcofs_roms_subset.nc", "u_sur", {"time": "0"}),
        ("gradient", "geo_em_polarstereo.nc", "HGT_M", {}),
        ("gradient", "wrf_cropped.nc", "T2", {"time": "0"}),
        ("gradient", "wrf_mercator_katrina.nc", "P", {"level": "3", "time": "0"}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_grid_of_its_own_is_drawn_on_a_map(drawn, operator, name, variable, where):
    figure = drawn(operator, name, variable, **where)
    axes = figure.axes[0]
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert any(label.endswith(("°E", "°W", "°")) for label in labels if label)
    assert not re.search(r"\bx \(km\)", words(figure))


def test_a_projection_that_is_asked_for_is_drawn_on_its_map(drawn, tmp_path):
    """The file has x and y and no word of their projection."""
    import xarray as xr

    with xr.open_dataset(SHIP / "nam211_lambert_20180917.nc") as ds:
        bare = ds["t"].sel(plev=850).drop_vars(["lat", "lon", "lcc"]).load()
        bare.attrs.pop("grid_mapping")
    path = written(bare.to_dataset(), tmp_path / "bare.nc")
    crs = "+proj=lcc +lat_0=25 +lon_0=265 +lat_1=25 +R=6371229"
    figure = drawn("gradient", path, "t", parameters={"crs": crs})
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert "40°N" in labels
