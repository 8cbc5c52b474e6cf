"""docs/accuracy.md says what is so: some of its rows are made again."""

import re
from pathlib import Path

import accuracy as benchmark
import numpy as np
import pytest
import referees

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
# a page may have been written where other programs were installed
NEEDS = {p.name: p for p in referees.PROGRAMS if p.command}


@pytest.fixture(scope="module")
def page():
    if not PAGE.exists():
        pytest.skip("not a source checkout")
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written(page):
    return benchmark.tables_of(page)


@pytest.fixture(scope="module")
def made():
    return {table.title: table.rows for table in benchmark.tables(quick=True)}


def test_the_quick_rows_are_as_written(written, made):
    compared = 0
    for title, rows in made.items():
        for name, cells in rows.items():
            assert name in written[title], f"{title}: {name} is not on the page"
            for now, then in zip(cells, written[title][name], strict=True):
                compared += same(now, then, f"{title}: {name}")
    assert compared > 150


def same(now, then, where):
    """Orders within 0.1, errors within a tenth; return how many were compared."""
    numbers = [[float(n) for n in NUMBER.findall(cell)] for cell in (now, then)]
    assert len(numbers[0]) == len(numbers[1]), (where, now, then)
    for a, b in zip(*numbers, strict=True):
        if min(abs(a), abs(b)) < 3e-9:  # rounding
            continue
        close = abs(a - b) < 0.1 if b > 1.0 and "order" in where else None
        close = np.isclose(a, b, rtol=0.1, atol=0) if close is None else close
        assert close, f"{where}: {now} is written as {then}"
    return len(numbers[0])


def test_the_page_has_every_row_that_is_not_quick(written):
    orders = written["order, of winds"]
    wanted = len(benchmark.orders.ON_THE_GLOBE) * 2
    wanted += len(benchmark.orders.ON_A_REGION) + len(benchmark.orders.ON_A_MAP)
    assert len(orders) == len(written["order, of fields"]) == wanted
    for case in referees.CASES:
        programs = {name.split(", ", 1)[-1] for name in written[case]}
        assert programs >= set(NEEDS)


@pytest.mark.parametrize("title", ["order, of fields", "order, of winds"])
def test_the_orders_written_are_those_promised(written, title):
    """In the median of each column, and nearly so in every cell that has a slope."""
    by_accuracy = {2: [], 4: [], 6: []}
    for cells in written[title].values():
        for cell in cells:
            for accuracy, text in zip((2, 4, 6), cell.split(" / "), strict=True):
                if not text.startswith("("):
                    by_accuracy[accuracy].append(float(text))
    for accuracy, slopes in by_accuracy.items():
        assert np.median(slopes) > 0.97 * accuracy
        assert np.quantile(slopes, 0.05) > 0.89 * accuracy


def test_the_figures_are_there(page):
    for name in re.findall(r"\]\((images/[^)]+)\)", page):
        assert (PAGE.parent / name).stat().st_size > 20_000
