"""What a notebook shows: escaped, of one piece, in the colours of the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis

import xnabla as xn
from xnabla.operators import CATALOGUE, Components

HOSTILE = "<script>alert(1)<img src=x onerror=alert(2)>\"'&"
_VOID = {"meta", "br", "hr", "img", "input", "link", "use", "path", "ellipse"}


class Reader(HTMLParser):
    """Tags and attributes of a page, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def hostile() -> xr.DataArray:
    t = analysis()["t"].isel(time=0, plev=0).rename(HOSTILE)
    t.attrs = {"units": "K", "long_name": HOSTILE, HOSTILE: HOSTILE}
    return t


def shown() -> dict[str, object]:
    t = hostile()
    weather = analysis().isel(time=0, plev=0)
    ds = t.to_dataset()
    return {
        "grid": xn.grid_of(t),
        "components": xn.gradient(t),
        "one component": xn.gradient(t, "lat"),
        "parts": xn.hessian(t),
        "wind": xn.geostrophic_wind(weather["gh"]),
        "plain components": Components([np.array([HOSTILE])]),
        "field": t.nabla,
        "dataset": ds.nabla,
        "tree": xr.DataTree.from_dict({"/a": ds}).nabla,
    }


@pytest.mark.parametrize("what", shown())
def test_nothing_in_a_file_acts_on_the_page(what):
    page = Reader(shown()[what]._repr_html_())
    assert page.open == []
    assert not {"script", "img", "iframe", "object", "embed"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


@pytest.mark.parametrize("what", shown())
def test_nothing_is_fetched_and_no_colour_is_set(what):
    html = shown()[what]._repr_html_()
    assert not re.search(r"https?://(?!www\.w3\.org)", html)
    assert "@import" not in html
    own = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    ours = " ".join(re.findall(r'style="([^"]*)"', own))
    assert not re.search(r"(?<!-)color:\s*(?!inherit)", ours.replace("background", ""))


def test_the_grid_says_what_it_prints():
    grid = xn.grid_of(hostile())
    words = " ".join(Reader(grid._repr_html_()).words)
    for line in str(grid).splitlines()[1:]:
        assert line.split(": ", 1)[1] in words
    assert len(grid._repr_html_()) < 4000


def test_the_parts_are_named_with_shape_and_unit():
    words = " ".join(Reader(xn.gradient(hostile(), units="K/km")._repr_html_()).words)
    assert "Components: gradient of" in words
    assert "(lat: 11, lon: 24), float64, K km-1" in words


def test_the_accessors_list_the_operators():
    for what in ("field", "dataset", "tree"):
        words = Reader(shown()[what]._repr_html_()).words
        assert set(CATALOGUE) <= set(words)


def test_a_field_without_a_grid_has_a_page_that_says_why():
    """Duplicate coordinates: ``field.nabla.grid`` would raise for some of them."""
    listed = xr.DataArray(
        np.zeros(3),
        dims="cell",
        coords={"lat": ("cell", [1.0, 2.0, 3.0]), "lon": ("cell", [4.0, 4.0, 5.0])},
    )
    for odd in (listed, xr.DataArray(["a", "b"], dims="x"), xr.DataArray(1.0)):
        assert "operators" in odd.nabla._repr_html_()
        assert "operators" in odd.to_dataset(name="z").nabla._repr_html_()


def test_a_dataset_without_a_field_has_a_page_too():
    assert "operators" in xr.Dataset().nabla._repr_html_()
