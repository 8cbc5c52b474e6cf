"""Fields that do not fit in memory go through a recipe in blocks, each read once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import xarray as xr

from xnabla.recipes import Watch, carry_out, plan, read_recipe
from xnabla.recipes.script import _make

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHAIN = """\
[inputs.t]
path = "t.nc"
variable = "t"
[steps.smooth]
operator = "smooth_n_point"
field = "inputs.t"
n = 9
[steps.grad]
operator = "gradient"
field = "smooth"
[steps.length]
operator = "magnitude"
result = "grad"
[steps.curve]
operator = "laplacian"
field = "length"
[outputs.o]
file = "o.nc"
variables = { curve = "curve" }
"""


@pytest.fixture
def recipe(tmp_path):
    lat, lon = np.linspace(-80, 80, 41), np.arange(0, 360, 5.0)
    t = np.random.default_rng(3).normal(280, 5, (60, lat.size, lon.size))
    ds = xr.Dataset(
        {"t": (("time", "lat", "lon"), t.astype("f4"), {"units": "K"})},
        {
            "time": np.datetime64("2000-01-01", "ns") + np.arange(60) * 86400 * 10**9,
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
    )
    ds.to_netcdf(tmp_path / "t.nc", engine="netcdf4")
    path = tmp_path / "chain.toml"
    path.write_text(CHAIN)
    return path


def test_a_chain_of_four_steps_reads_each_block_once(recipe, monkeypatch):
    whole = plan(read_recipe(recipe), began=BEGAN)
    carry_out(whole, Watch(), "")
    target = recipe.with_name("o.nc")
    with xr.open_dataset(target, engine="netcdf4") as made:
        expected = made["curve"].values
    read = Counter()

    def in_blocks(fields, memory):
        """Blocks of five maps, counted when they are asked for."""

        def counted(block, block_info):
            read[str(block_info[0]["chunk-location"])] += 1
            return block

        blocks = {n: f.chunk(time=5) for n, f in fields.items()}
        return {
            n: f.copy(data=f.data.map_blocks(counted, dtype=f.dtype, meta=f.data._meta))
            for n, f in blocks.items()
        }

    monkeypatch.setattr(_make, "in_blocks", in_blocks)
    hashes = set()
    for _ in range(3):
        read.clear()
        todo = plan(read_recipe(recipe), began=BEGAN, overwrite=True)
        carry_out(todo, Watch(), "")
        assert len(read) == 12
        assert set(read.values()) == {1}
        hashes.add(target.read_bytes())
        with xr.open_dataset(target, engine="netcdf4") as made:
            np.testing.assert_allclose(made["curve"], expected, rtol=0, atol=1e-16)
    assert len(hashes) == 1  # chunks come in any order and lie in one


def test_what_is_too_large_for_the_memory_goes_through_in_blocks(recipe, monkeypatch):
    seen = []
    done = _make.in_blocks
    monkeypatch.setattr("xnabla.recipes._memory._OWN_BYTES", 449_900_000)

    def in_blocks(fields, memory):
        made = done(fields, memory)
        seen.append([bool(one.chunks) for one in made.values()])
        return made

    monkeypatch.setattr(_make, "in_blocks", in_blocks)
    recipe.write_text('[recipe]\nmemory = "450 MB"\n' + CHAIN)
    carry_out(plan(read_recipe(recipe), began=BEGAN), Watch(), "")
    assert seen == [[True], [True]]
    with xr.open_dataset(recipe.with_name("o.nc"), engine="netcdf4") as made:
        assert made["curve"].shape == (60, 41, 72)
        assert bool(made["curve"].notnull().all())
