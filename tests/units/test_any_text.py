"""Any text at all is a unit or is refused in one sentence, at once."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from xnabla.errors import UnitsError
from xnabla.units import cf_string, parse

WORDS = st.sampled_from(
    [
        *("K", "m", "s", "kg", "Pa", "hPa", "degC", "degrees_north", "rad", "%", "1"),
        *("PVU", "gpm", "dBZ", "since", "1e-3", "10", "0", "-1", "^", "**", "*", "/"),
        *(".", "(", ")", "{", "}", "[", "]", " ", "\t", "-", "+", "e", "E", "per"),
        *("²", "⁻¹", "·", "°", "µ", "μ", "ﬀ", "\u00a0", "\u200b", "\x00", "\x1b[2J"),
        *("delta_", "log", "lambda", "__class__", "999999999", "1e400", "nan", "inf"),
    ]
)


def is_unit_or_refused(text: str) -> None:
    began = time.process_time()
    try:
        unit = parse(text, of="variable 't'")
    except UnitsError as error:
        said = str(error)
        assert "\n" not in said
        assert all(c.isprintable() for c in said)
    else:
        # what is understood can be written, and read again as the same
        again = parse(cf_string(unit), of="variable 't'")
        assert again == unit
    assert time.process_time() - began < 1


@given(st.text(max_size=24))
def test_any_text(text):
    is_unit_or_refused(text)


@given(st.lists(WORDS, max_size=9).map("".join))
def test_any_words_of_units(text):
    is_unit_or_refused(text)
