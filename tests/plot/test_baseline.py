"""Rendered pictures are those that were looked at, and always the same."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from plot.shots import BASELINE, SHOTS, flat, pixels, weather

from xnabla import plot

# Root mean square of the difference, of 255. Measured: another font at most 2.5 (the
# box of a key, a legend), arrows turned 14, a map moved by one cell 20, other colours
# or numbers 50 and more.
_TOLERANCE = 6.0


def difference(one, other) -> float:
    return float(np.sqrt(np.mean((one.astype(float) - other.astype(float)) ** 2)))


def kept(name: str):
    with Image.open(BASELINE / f"{name}.png") as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("name", SHOTS)
def test_the_picture_is_the_one_that_was_looked_at(name):
    """Else: python tests/plot/shots.py, and look at them."""
    drawn, expected = pixels(SHOTS[name]()), kept(name)
    # a label may widen a page by a pixel
    assert np.abs(np.subtract(drawn.shape, expected.shape)).max() <= 1
    high, wide = np.minimum(drawn.shape, expected.shape)[:2]
    assert difference(drawn[:high, :wide], expected[:high, :wide]) < _TOLERANCE


def test_the_tolerance_tells_a_wrong_picture():
    """Another field, colours the other way round, a map moved, no arrows."""
    field = flat()["v"]
    for wrong in (
        plot.field(flat()["u"]),
        plot.field(field, cmap="RdBu"),
        plot.field(field, vmax=30),
        plot.field(field.roll(lon=1)),
        plot.field(-field),
    ):
        assert difference(pixels(wrong), kept("signed")) > 2 * _TOLERANCE
    u, v = flat()["u"], flat()["v"]
    turned = plot.vectors(-v, u)  # of the same length
    assert difference(pixels(turned), kept("arrows")) > _TOLERANCE


@pytest.mark.parametrize(
    ("name", "ending"), [("gradient", "png"), ("streamlines", "svg"), ("cap", "pdf")]
)
def test_the_same_input_gives_the_same_bytes(name, ending, tmp_path):
    for copy in ("one", "two"):
        plot.save_figure(SHOTS[name](), tmp_path / f"{copy}.{ending}")
    first, second = ((tmp_path / f"{c}.{ending}").read_bytes() for c in ("one", "two"))
    assert first == second


def test_lazy_values_give_the_same_bytes(tmp_path):
    for copy, ds in (("one", weather()), ("two", weather().chunk({"lat": 10}))):
        plot.save_figure(plot.field(ds["t"]), tmp_path / f"{copy}.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
