"""Every unit string found in real weather files, refereed by UDUNITS."""

from __future__ import annotations

from pathlib import Path

import pytest
from units.udunits import agree, by_udunits

from xnabla.errors import UnitsError
from xnabla.units import cf_string, parse

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "units_corpus.tsv"

# UDUNITS reads these; we mean something else, each for a reason.
NOT_AS_UDUNITS = {
    "C": "degC",  # coulomb: no honest weather file
    "degrees C": "degC",  # degree times coulomb
    "mb": "mbar",  # millibarn
    "  kg(-1)": "kg-1",  # minus one kilogram
    "geopotential meters": "m",  # height, not geopotential
}
# The year of pint is 365.25 days, that of UDUNITS the tropical one.
YEARS = {"month", "Month", "mm/month"}

# UDUNITS reads these; we refuse.
REFUSED_THOUGH_READ = {
    "1E11 e/m^3",  # electrons are counted here, UDUNITS reads their charge
    "1E16 e/m^2",
}

# UDUNITS cannot read these; we can.
READ_THOUGH_REFUSED = {
    "fraction": "1",
    "none": "1",
    "-": "1",
    "dimensionless": "1",
    "nondimensional": "1",
    "unitless": "1",
    "area/area": "1",
    "level": "1",
    "degrees latitude": "degree",
    "degrees longitude": "degree",
    "degrees east": "degree",
    "degrees north": "degree",
    "meters MSL": "m",
    "gpm": "m",
    "psu": "1e-3",
    "PSU": "1e-3",
    "W/M2": "W m-2",
    "M/S": "m s-1",
    "MB": "mbar",
    "DEG C": "degC",
    "W m{-2}": "W m-2",
    "GR/KG": "g kg-1",
    "k": "K",
}


def corpus() -> list[str]:
    if not CORPUS.exists():
        return []
    lines = CORPUS.read_text("utf-8").splitlines()[1:]
    return [line.split("\t")[2].strip("'") for line in lines]


TEXTS = corpus()
TIMES = [text for text in TEXTS if " since " in text]
UNITS = [text for text in TEXTS if " since " not in text]

needs_corpus = pytest.mark.skipif(not TEXTS, reason="the corpus is not here")


def test_the_corpus_is_whole_where_it_is():
    assert not TEXTS or (len(UNITS) == 178 and len(TIMES) == 115)


@needs_corpus
@pytest.mark.parametrize("text", UNITS)
def test_a_unit_of_a_real_file_is_right_or_refused(text):
    if text in NOT_AS_UDUNITS:
        assert cf_string(parse(text)) == NOT_AS_UDUNITS[text]
        assert not agree(parse(text), text)
    elif text in READ_THOUGH_REFUSED:
        assert cf_string(parse(text)) == READ_THOUGH_REFUSED[text]
        assert by_udunits(text) is None
    elif text in YEARS:
        assert agree(parse(text), text, rel=3e-5)
    elif by_udunits(text) is None or text in REFUSED_THOUGH_READ:
        with pytest.raises(UnitsError, match=r"Try: "):
            parse(text)
    else:
        assert agree(parse(text), text)


@needs_corpus
@pytest.mark.parametrize("text", TIMES)
def test_undecoded_time_of_a_real_file_is_refused_with_the_line_to_type(text):
    with pytest.raises(UnitsError, match=r"decode_times=True"):
        parse(text)
