"""Every real file, every variable: the right gradient or the right refusal."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from faults.matrix import MALFORMED, MOVES, SHARED, SHIP, Judged
from faults.tangent_plane import tangent_plane

import xnabla as xn
from xnabla.recipes._info import info_lines
from xnabla.recipes._sources import Sources

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="no shared data here")

EVERY = {
    f"{folder}/{name}": judged
    for folder, files in (("ship", SHIP), ("malformed", MALFORMED))
    for name, judged in files.items()
}


def test_no_file_is_forgotten():
    there = {
        f"{folder}/{path.name}"
        for folder in ("ship", "malformed")
        for path in (SHARED / folder).iterdir()
    }
    assert there == set(EVERY)


def refusal(judged: Judged, name: str) -> tuple[str, ...]:
    """The words a variable is refused with, one after the other mended; or none."""
    words = judged.refused.get("*", ())
    for names, special in judged.refused.items():
        if name in names.split():
            words = special
    return (words,) if isinstance(words, str) else words


def one_sentence(error: Exception) -> str:
    text = str(error)
    assert "\n" not in text
    assert all(c.isprintable() for c in text)
    assert "Expected" in text or "Try: " in text
    return text


@pytest.mark.parametrize("name", EVERY)
def test_right_or_refused(name, monkeypatch):
    # judged as where nothing decodes GRIB; tests/files/test_grib.py has what does
    monkeypatch.delenv("XNABLA_GRIB_PYTHON", raising=False)
    judged, path = EVERY[name], SHARED / name
    if judged.file is not None:
        for ask in (info_lines, lambda p: Sources.open([p])):
            with pytest.raises(xn.XnablaError, match=judged.file) as caught:
                ask(str(path))
            assert path.name in one_sentence(caught.value)
        return
    report = "\n".join(info_lines(str(path)))
    # never open twice at once: netCDF-C 4.9 crashes when the text of
    # corrupt_magic_ok_after_search.nc is read while the file is open already
    with xr.open_dataset(path, engine="netcdf4", decode_times=False) as opened:
        raw = opened.load()
    with Sources.open([str(path)]) as sources:
        names = [str(n) for n in sources.datasets[0].data_vars]
        assert names or "There is no variable" in report
        for variable in names:
            assert variable in report
            words = refusal(judged, variable)
            if not words:
                check(sources.pick(variable), raw, judged)
                continue
            once, first = raw, {}
            for word in words:
                with pytest.raises(xn.XnablaError) as caught:
                    xn.gradient(sources.pick(variable).isel(first))
                text = one_sentence(caught.value)
                assert word in text, (variable, text)
                if word == MOVES:  # what it says to type is what works
                    assert "isel(Time=0)" in text
                    first, once = {"Time": 0}, raw.isel(Time=0)
            if words[-1] == MOVES:
                check(sources.pick(variable).isel(first), once, judged)


def places(field: xr.DataArray, raw: xr.Dataset, judged: Judged):
    """Latitude and longitude of the points of a field, (y, x), dims, and if 1-D."""
    if judged.made is not None:
        lat, lon = judged.made(raw)
        return lat.values, lon.values, lat.dims, False
    for names in judged.places:
        if not {*names} <= {*raw.variables}:
            continue
        # one time of places that stay
        lat, lon = (
            raw[n].isel(dict.fromkeys(raw[n].dims[:-2], 0), drop=True) for n in names
        )
        if not {*lat.dims, *lon.dims} <= {*field.dims}:
            continue
        if lat.ndim == 1:
            dims = (lat.dims[0], lon.dims[0])
            two = np.meshgrid(lat.values, lon.values, indexing="ij")
        else:
            dims = tuple(d for d in field.dims if d in lat.dims)
            two = [q.transpose(*dims).values for q in (lat, lon)]
        return *(q.astype(float) for q in two), dims, lat.ndim == 1
    return None


def check(field: xr.DataArray, raw: xr.Dataset, judged: Judged) -> None:
    """Compare both parts at every point that has four neighbours."""
    found = places(field, raw, judged)
    parts = xn.gradient(field)
    if found is None:
        check_meridian(field, parts)
        return
    lat, lon, dims, is_latlon = found
    values = field.transpose(..., *dims).values.astype(float)
    values *= judged.scale.get(str(field.name), 1.0)
    a, b = judged.radii
    want = tangent_plane(
        values, lat, lon, around=judged.around, arcs=is_latlon, a=a, b=b
    )
    cols = slice(None) if judged.around else slice(1, -1)
    tolerance = min(judged.tolerance, 2e-4) if is_latlon else judged.tolerance
    if judged.tolerance > 1e-3:
        tolerance = judged.tolerance
    compared = np.isfinite(want.north)
    possible = np.isfinite(values[..., 1:-1, cols]).mean()
    assert compared.mean() >= 0.5 * possible, (field.name, compared.mean())
    for which, mine in (("y", want.north), ("x", want.east)):
        whole = np.asarray(parts[which].transpose(..., *dims).data.magnitude)
        if np.isfinite(values).all():
            assert np.isfinite(whole).all(), field.name
        ours = whole[..., 1:-1, cols]
        assert np.isfinite(ours[compared]).all(), (field.name, which)
        near = tolerance * want.slope + want.noise
        off = np.abs(ours - mine)[compared] - near[compared]
        assert off.max(initial=0.0) <= 0, (field.name, which, off.max())
        if is_latlon:
            # a gap spreads along the row or the column it is in, and no further
            f = values[..., 1:-1, :] if which == "x" else values[..., cols]
            axis = -1 if which == "x" else -2
            gap = np.isnan(f) | np.isnan(np.roll(f, 1, axis) + np.roll(f, -1, axis))
            gap = gap[..., cols] if which == "x" else gap[..., 1:-1, :]
            np.testing.assert_array_equal(np.isnan(ours), gap)


def check_meridian(field: xr.DataArray, parts) -> None:
    """A field along latitude alone, by the chord between the neighbours."""
    (dim,) = field.dims
    phi = np.deg2rad(field[dim].values.astype(float))
    f = field.values.astype(float)
    arc = 6_371_229.0 * (phi[2:] - phi[:-2])
    near = 8e-3 * np.abs(np.diff(f)).max() / np.abs(arc).min()
    got = np.asarray(parts[0].data.magnitude)[1:-1]
    np.testing.assert_allclose(got, (f[2:] - f[:-2]) / arc, rtol=0, atol=near)
