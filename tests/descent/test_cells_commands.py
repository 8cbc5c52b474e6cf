"""Fits at a shell: file to file, pictures, summaries, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from descent.cells_making import DECADE, monthly, plain, seconds
from fields import real

from xnabla.cli import main
from xnabla.descent import (
    CATALOGUE,
    WHOLE,
    harmonic_fit,
    regress,
    theil_sen,
    trend,
)
from xnabla.recipes import Job, run
from xnabla.units import conversion_factor, parse


@pytest.fixture
def shell(capsys, monkeypatch, tmp_path):
    """Run the program as it is typed; return its exit code and what it said."""
    monkeypatch.chdir(tmp_path)

    def typed(*words):
        with pytest.raises(SystemExit) as leaving:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return typed


@pytest.fixture
def files(tmp_path):
    """A field that rises and swings, and an index it depends on, in two files."""
    random = np.random.default_rng(41)
    index = xr.DataArray(
        random.normal(size=120), dims="time", name="nino34", attrs={"units": "degC"}
    )
    field = monthly(
        random.normal(size=(120, 12, 24)),
        units="degC",
        name="sst",
        long_name="sea surface temperature",
    )
    field = field + 0.8 * index + (seconds(field) / DECADE)[:, None, None] * 0.5
    field = field.assign_attrs(
        units="degC", long_name="sea surface temperature"
    ).rename("sst")
    field["lat"] = ("lat", np.linspace(-55, 55, 12), {"units": "degrees_north"})
    field["lon"] = ("lon", np.arange(24) * 15.0, {"units": "degrees_east"})
    field[:, 0, :3] = np.nan
    index = index.assign_coords(time=field.time)
    field.to_dataset().to_netcdf(tmp_path / "sst.nc")
    index.to_dataset().to_netcdf(tmp_path / "index.nc")
    return field, index


def test_every_row_of_the_catalogue_is_a_function_of_its_room():
    for name, row in CATALOGUE.items():
        assert WHOLE[name] is row
        assert callable(row.function)


def test_a_trend_goes_from_file_to_file_with_a_picture(shell, files):
    field, _ = files
    code, out, err = shell("trend", "sst.nc", "-o", "trend.nc", "--plot", "trend.png")
    assert (code, out, err) == (0, "", "")
    fit = trend(field)
    with xr.open_dataset("trend.nc") as found:
        assert found.attrs["operation"] == "trend"
        assert found.attrs["per"] == "decade"
        assert "xnabla trend sst.nc" in found.attrs["history"]
        factor = conversion_factor(parse(found.slope.attrs["units"]), parse("K/year"))
        np.testing.assert_allclose(factor, 0.1, rtol=1e-12)
        np.testing.assert_allclose(found.slope.values, plain(fit.slope), rtol=1e-10)
        assert found.intercept.attrs["units"] == "degC"
        assert found.status.attrs["flag_meanings"].split()[11] == "exact"
        np.testing.assert_array_equal(
            found.converged.values.astype(bool), fit.converged.values
        )
    assert (files_size("trend.png")) > 20_000


def files_size(name):
    from pathlib import Path

    return Path(name).stat().st_size


def test_a_robust_trend_goes_from_several_files_with_a_picture(shell, files):
    field, _ = files
    for k, part in enumerate((field[:70], field[70:])):
        part.to_dataset().to_netcdf(f"part_{k}.nc")
    words = ("part_*.nc", "-o", "robust.nc", "--plot", "robust.png", "--per", "year")
    assert shell("theil-sen", *words) == (0, "", "")
    fit = theil_sen(field, per="year")
    with xr.open_dataset("robust.nc") as found:
        assert found.slope.attrs["units"] == "K year-1"
        np.testing.assert_allclose(found.slope.values, plain(fit.slope), rtol=1e-10)
        np.testing.assert_allclose(found.pvalue.values, plain(fit.pvalue), rtol=1e-10)


def test_a_summary_counts_the_flags(shell, files):
    code, out, _ = shell("trend", "sst.nc", "--per", "year", "--se", "ols")
    assert code == 0
    assert re.search(r"^slope \(lat: 12, lon: 24\) .* K year-1", out, re.M)
    assert "status (lat: 12, lon: 24)  285 exact, 3 all_missing" in out
    assert "converged (lat: 12, lon: 24)  285 yes, 3 no" in out


def test_a_regression_takes_variables_of_several_files(shell, files):
    field, index = files
    code, _, err = shell(
        "regress", "sst.nc", "index.nc", "--field", "sst", "--predictors", "nino34",
        "-o", "r.nc", "--plot", "r.png",
    )  # fmt: skip
    assert (code, err) == (0, "")
    fit = regress(field, {"nino34": index})
    with xr.open_dataset("r.nc") as found:
        np.testing.assert_allclose(found.nino34.values, plain(fit.nino34), rtol=1e-10)
        assert found.nino34.attrs["units"] == "1"
    both = field.to_dataset().assign(
        nino34=index, month=index * 0 + field.time.dt.month
    )
    both["month"].attrs["units"] = "1"
    both.to_netcdf("both.nc")
    code, _, err = shell(
        "regress",
        "both.nc",
        "--field",
        "sst",
        "--predictors",
        "nino34,month",
        "-o",
        "two.nc",
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("two.nc") as found:
        assert {"nino34", "month", "month_pvalue"} <= set(found)


def test_what_is_left_beside_the_predictors_is_regressed(shell, files):
    field, index = files
    index.attrs.setdefault("units", "1")
    field.to_dataset().assign(nino34=index).to_netcdf("left.nc")
    code, _, err = shell("regress", "left.nc", "--predictors", "nino34", "-o", "o.nc")
    assert (code, err) == (0, "")
    with xr.open_dataset("o.nc") as found:
        assert found.attrs["field"] == "sst"
    month = (index * 0 + field.time.dt.month).assign_attrs(units="1")
    field.to_dataset().assign(nino34=index, month=month).to_netcdf("many.nc")
    code, _, err = shell("regress", "many.nc", "--predictors", "nino34", "-o", "p.nc")
    assert code != 0
    assert "--field NAME" in err


def test_harmonics_are_a_command_with_a_hyphen(shell, files):
    field, _ = files
    code, _, err = shell(
        "harmonic-fit",
        "sst.nc",
        "--n",
        "1",
        "--trend",
        "no",
        "-o",
        "h.nc",
        "--plot",
        "h.png",
    )
    assert (code, err) == (0, "")
    with xr.open_dataset("h.nc", decode_timedelta=False) as found:
        fit = harmonic_fit(field, n=1, trend=False)
        np.testing.assert_allclose(
            found.amplitude_1.values, plain(fit.amplitude_1), rtol=1e-9
        )
        assert found.phase_1.attrs["units"] == "day"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("trend", "sst.nc", "--per", "kelvin"), "--per kelvin is no length"),
        (("trend", "sst.nc", "--dim", "height"), "no dimension 'height'"),
        (("trend", "sst.nc", "--se", "ar2"), "'ar2' is not one of"),
        (("trend", "sst.nc", "--confidence", "95"), "no level of confidence"),
        (("trend", "none.nc"), "none.nc"),
        (("regress", "sst.nc", "--field", "sst", "--predictors", "nino"), "'nino'"),
        (("regress", "sst.nc", "--field", "sst"), "predictors"),
        (("harmonic_fit", "sst.nc", "--n", "0"), "cannot be"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(shell, files, words, sentence):
    code, out, err = shell(*words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert re.fullmatch(r"xnabla: [^\n]+\n", err)


@pytest.mark.parametrize(
    ("name", "variable"),
    [("ersst_v5_mnmean.nc", "sst"), ("A1B_north_america.nc", "air_temperature")],
)
def test_real_files_have_trends(name, variable, tmp_path):
    path = str(real(name))
    target = str(tmp_path / "trend.nc")
    run(
        Job(
            "trend",
            path,
            variable=variable,
            output=target,
            plot=str(tmp_path / "t.png"),
        )
    )
    with xr.open_dataset(target) as found, xr.open_dataset(path) as source:
        field = source[variable]
        one = found.isel(**{d: s // 3 for d, s in field.sizes.items() if d != "time"})
        series = field.isel(
            **{d: s // 3 for d, s in field.sizes.items() if d != "time"}
        )
        t = np.array([(v - field.time.values[0]) for v in field.time.values])
        days = np.array(
            [
                v.total_seconds() / 86400
                if hasattr(v, "total_seconds")
                else v / np.timedelta64(1, "D")
                for v in t
            ]
        )
        slope = np.polyfit(days, series.values.astype(float), 1)[0]
        per_decade = slope * 10 * float(found.attrs["days_per_year"])
        np.testing.assert_allclose(float(one.slope), per_decade, rtol=1e-5)
    assert found.attrs["calendar"] in {"proleptic_gregorian", "360_day"}


@pytest.mark.parametrize("name", ["trend", "harmonic_fit"])
def test_a_large_file_is_fitted_in_chunks_to_the_same_numbers(
    files, tmp_path, name, monkeypatch
):
    from xnabla.recipes import _memory

    path = str(tmp_path / "sst.nc")
    whole = run(Job(name, path, variable="sst"))
    monkeypatch.setattr(_memory, "_WHOLE", 10**9)
    for limit in ("_LEAST_BLOCK", "_MOST_BLOCK"):
        monkeypatch.setattr(_memory, limit, 2**14)
    target, picture = str(tmp_path / "chunks.nc"), str(tmp_path / "chunks.png")
    made = run(Job(name, path, variable="sst", output=target, plot=picture))
    assert made["status"].chunks is not None
    first = next(iter(whole.data_vars))
    with xr.open_dataset(target, decode_timedelta=False) as found:
        np.testing.assert_allclose(found[first].values, whole[first].values, rtol=1e-9)
        np.testing.assert_array_equal(found.status.values, whole.status.values)
