"""The line of every key is found, however the TOML is written."""

from __future__ import annotations

import tomllib
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnabla.recipes.script._lines import key_lines

AWKWARD = '''\
# [not.a.table]
title = "a # in a string"   # and a comment
[inputs."odd.name"]
path = """
[steps.fake]
units = "no"
"""
'literal key' = 'C:\\temp'
[ steps . grad ]   # spaces
a.b."c d" = [ 1, # one
  [ 2, 3 ],
  { x = 1, y.z = "}" },
]
when = 1979-05-27 07:32:00
inline = { p = [1, 2], q = "a\\"b,}" }
[[plots]]
file = "one.png"
[plots.extra]
k = 1
[[plots]]
file = """x""\\""""
[plots.extra]
k = 2
[[plots.marks]]
at = 1
[[plots.marks]]
at = 2
"" = 1
'''


def ways(value, before=()):
    """The way to every key and element of what tomllib read."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return
    for key, one in items:
        yield (*before, key)
        yield from ways(one, (*before, key))


def test_all_that_tomllib_reads_has_a_line_and_nothing_else_has():
    assert set(key_lines(AWKWARD)) == set(ways(tomllib.loads(AWKWARD)))


@pytest.mark.parametrize(
    ("way", "line"),
    [
        (("title",), 2),
        (("inputs", "odd.name"), 3),
        (("inputs", "odd.name", "path"), 4),
        (("inputs", "odd.name", "literal key"), 8),
        (("steps", "grad", "a", "b", "c d", 1, 1), 11),
        (("steps", "grad", "a", "b", "c d", 2, "y", "z"), 12),
        (("steps", "grad", "inline", "q"), 15),
        (("plots", 0, "extra", "k"), 19),
        (("plots", 1, "file"), 21),
        (("plots", 1, "extra", "k"), 23),
        (("plots", 1, "marks", 1, "at"), 27),
        (("plots", 1, "marks", 1, ""), 28),
    ],
)
def test_it_is_the_line_an_editor_shows(way, line):
    assert key_lines(AWKWARD)[way] == line


def test_lines_that_end_as_on_windows_count_once():
    assert key_lines("a = 1\r\n\r\nb = 2\r\n")[("b",)] == 3


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
SCALARS = st.one_of(
    st.integers(-99, 99),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


def quoted(text):
    """A basic string, everything but plain letters escaped."""
    return (
        '"'
        + "".join(
            c
            if (c.isalnum() and c.isascii()) or c in " .#[]{}=,'"
            else f"\\U{ord(c):08x}"
            for c in text
        )
        + '"'
    )


def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n  # [x]\n  " + " ,\n ".join(map(written, value)) + "\n]"
    if isinstance(value, dict):
        pairs = (f"{quoted(k)} = {written(v)}" for k, v in value.items())
        return "{ " + ", ".join(pairs) + " }"
    return value.isoformat() if isinstance(value, datetime) else repr(value)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_any_document_is_found_whole(document):
    lines, expected = [], {}
    for table, pairs in document.items():
        lines += ["# a comment = 1", f"[ {quoted(table)} ]"]
        expected[(table,)] = len(lines)
        for key, value in pairs.items():
            expected[(table, key)] = len(lines) + 1
            lines += f"{quoted(key)} = {written(value)}".split("\n")
    text = "\n".join(lines)
    found = key_lines(text)
    assert set(found) == set(ways(tomllib.loads(text)))
    assert {way: found[way] for way in expected} == expected
