"""The gallery of the docs: it runs, and its page is the catalogue's."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from xnabla.operators import CATALOGUE

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "gallery" / "make_gallery.py"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="not a source checkout")


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("make_gallery", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for themselves there
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_it_draws_what_is_asked_for(gallery, tmp_path):
    names = ["vorticity", "material_derivative", "destagger"]
    gallery.main([str(tmp_path / "new"), *names])
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {"README.md", *(f"{name}.png" for name in names)}
    for name in names:
        assert (tmp_path / "new" / f"{name}.png").stat().st_size > 30_000


def test_it_knows_how_to_draw_every_operator(gallery):
    assert set(gallery.SHOTS) == set(CATALOGUE)


def test_the_page_of_the_docs_is_up_to_date(gallery):
    """Else: python docs/gallery/make_gallery.py --page."""
    page = (SCRIPT.parent / "README.md").read_text(encoding="utf-8")
    assert page == gallery.page(pictures=False)


def test_what_is_made_up_is_plausible(gallery):
    made = gallery.analysis()
    assert 0 < float(made["q"].min()) < float(made["q"].max()) < 0.04
    warm = made["theta"].mean(["lat", "lon"])
    assert bool((warm.diff("plev") > 0).all())
    moving = gallery.moving()
    assert moving.sizes["time"] == 3
    assert (moving["t"][1].roll(lon=-1) == moving["t"][0]).all()
