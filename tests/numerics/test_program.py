"""One pass over rows, instruction by instruction: what numpy gives on whole arrays."""

from dataclasses import replace

import numba
import numpy as np
import pytest

from xnabla.numerics import (
    OWN,
    Along,
    Down,
    Input,
    Line,
    Linear,
    Made,
    Shape,
    Symbol,
    UnfusableError,
    apply_table,
    own_part,
    program_of,
    rows_of,
    stencil_table,
)

# ruff: noqa: PLW0108 - all take the same fields
ROWS, COLUMNS = 7, 14
FIELDS = np.random.default_rng(0).normal(0.0, 2.0, (2, 3, ROWS, COLUMNS))
FIELDS[0, :, 2, 3:6] = 0.0
FIELDS[1] = np.abs(FIELDS[1])
FIELDS[1, :, 2, 5] = 0.0
FIELDS[1, 1, 4, 7] = np.nan
ROW = np.linspace(-1.5, 2.0, ROWS)[:, np.newaxis]
SHEET = np.random.default_rng(1).normal(0.0, 1.0, (ROWS, COLUMNS))


def run(formula, fields=FIELDS, shape=None, factors=None, dtype=np.float64):
    """What a formula of the inputs gives over rows."""
    made = formula(*(Input(slot) for slot in range(len(fields))))
    made = made if isinstance(made, tuple) else (made,)
    shape = shape or Shape(ROWS, COLUMNS, COLUMNS)
    program = program_of(made, len(fields), shape, factors or [1.0] * len(made))
    return program([one.astype(dtype) for one in fields], dtype)


def same(got, expected, near=1e-13):
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=near, atol=near)


def used_twice(made, f, g):
    return made * made - f, made, made / g


FORMULAS = {
    "add": lambda f, g: f + g,
    "subtract": lambda f, g: f - g,
    "multiply": lambda f, g: f * g,
    "divide": lambda f, g: f / g,
    "negative": lambda f, g: -f,
    "positive": lambda f, g: +f,
    "power": lambda f, g: f**2 + g,
    "square": lambda f, g: np.square(f) - g,
    "root": lambda f, g: np.sqrt(g) + f,
    "hypot": lambda f, g: np.hypot(f, g),
    "times a number": lambda f, g: 3.0 * f + g,
    "times a row": lambda f, g: f * ROW - g,
    "a row times what is made": lambda f, g: ROW * (f - g),
    "plus a number": lambda f, g: f + 2.5,
    "plus a row": lambda f, g: ROW + f * g,
    "plus nothing": lambda f, g: 0.0 + f,
    "less a row": lambda f, g: f - ROW,
    "a row less": lambda f, g: ROW - f,
    "by a number": lambda f, g: f / 4.0,
    "by a row": lambda f, g: f / ROW,
    "a row by": lambda f, g: ROW / f,
    "a number by": lambda f, g: 2.0 / g,
    "times a sheet": lambda f, g: f * SHEET,
    "plus a sheet": lambda f, g: SHEET + f,
    "less a sheet": lambda f, g: (f - SHEET) * g,
    "a sheet by": lambda f, g: SHEET / f,
    "one for zero": lambda f, g: np.where(f == 0.0, 1.0, f),
    "a quotient": lambda f, g: g / np.where(f == 0.0, 1.0, f),
    "two products": lambda f, g: f * g + g * g,
    "three products": lambda f, g: f * g + g * g + f * f,
    "a product and no product": lambda f, g: f * g + g,
    "the same twice": lambda f, g: (f + g, f + g),
    "what is used twice": lambda f, g: used_twice(f + g, f, g),
    "an input itself": lambda f, g: (g, f),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_arithmetic_is_that_of_numpy(name):
    got = run(FORMULAS[name])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = FORMULAS[name](*FIELDS)
    same(got, expected if isinstance(expected, tuple) else (expected,))


def test_results_are_multiplied_with_their_factors():
    same(
        run(lambda f, g: (f + g, f * g, f), factors=[1.0, -4.0, 0.5]),
        (FIELDS[0] + FIELDS[1], -4.0 * FIELDS[0] * FIELDS[1], 0.5 * FIELDS[0]),
    )


def test_an_input_is_in_another_unit():
    celsius = Input(0, 1.8, 32.0)
    same(run(lambda f, g: (celsius, celsius * 2.0 + g)), (
        1.8 * FIELDS[0] + 32.0, 3.6 * FIELDS[0] + 64.0 + FIELDS[1],
    ))  # fmt: skip


def test_many_rows_in_between_are_used_again():
    """More than two dozen results in between take the memory of a few."""

    def formula(f, g):
        total = f
        for k in range(24):
            total = np.hypot(total * (0.5 + k % 2), g) + f * f
        return total

    made = program_of([formula(Input(0), Input(1))], 2, Shape(ROWS, COLUMNS), [1.0])
    assert made.n_scratch <= 4
    same(made(list(FIELDS), np.float64), (formula(*FIELDS),), 1e-12)


REFUSED = {
    "exp": lambda f, g: np.exp(f),
    "cube": lambda f, g: f**3,
    "power of a field": lambda f, g: f**g,
    "sum": lambda f, g: np.add.reduce(f),
    "out": lambda f, g: np.add(f, g, out=np.empty(1)),
    "equal to one": lambda f, g: np.where(f == 1.0, 1.0, f),
    "equal to another": lambda f, g: np.where(f == g, 1.0, f),
    "two for zero": lambda f, g: np.where(f == 0.0, 2.0, f),
    "another where zero": lambda f, g: np.where(f == 0.0, 1.0, g),
    "where": lambda f, g: np.where(SHEET > 0, f, g),
    "sorted": lambda f, g: np.sort(f),
    "no formula": lambda f, g: SHEET,
    "a condition": lambda f, g: f == 0.0,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_pass_over_rows_does_is_left_to_whole_arrays(name):
    with pytest.raises(UnfusableError):
        run(REFUSED[name])


def test_a_symbol_is_itself_in_a_set_and_no_other():
    f, again = Input(0), Input(0)
    pairs = [(f, again), (f * 2.0 + f, f * 2.0 + f), (Linear(()), Linear(()))]
    assert len({one for pair in pairs for one in pair} | {f}) == 6
    conditions = [f == 0.0, f == 0]
    assert len(set(conditions)) == 2
    for one in conditions:
        assert isinstance(one, Symbol)
        # two conditions are compared as numbers would be, and that is refused
        with pytest.raises(UnfusableError, match="=="):
            _ = one == conditions[0]


def test_a_row_that_is_one_point_is_filled_with_its_mean():
    """Of its different columns: here the last repeats the first."""
    shape = Shape(ROWS, COLUMNS, COLUMNS - 1, (0, ROWS - 1))
    expected = FIELDS[0] + FIELDS[1]
    for pole in shape.poles:
        mean = expected[..., pole, :-1].mean(axis=-1, keepdims=True)
        expected[..., pole, :] = mean
    same(run(lambda f, g: Made("pole_mean", (f + g,)), shape=shape), (expected,))


@pytest.mark.parametrize("gaps", [1, COLUMNS - 2, COLUMNS])
def test_a_row_that_is_one_point_is_filled_with_the_mean_of_what_is_there(gaps):
    if gaps == COLUMNS and numba.config.DISABLE_JIT:
        pytest.skip("interpreted, a mean of nothing is an error of Python's")
    shape = Shape(ROWS, COLUMNS, COLUMNS - 1, (ROWS - 1,))
    fields = FIELDS.copy()
    fields[0, :, -1, :gaps] = np.nan
    expected = fields[0] * 2.0
    there = expected[..., -1, gaps:-1]
    mean = there.mean(axis=-1, keepdims=True) if there.size else np.nan
    expected[..., -1, :] = mean
    got = run(lambda f, g: Made("mean_of_present", (f * 2.0,)), fields, shape)
    same(got, (expected,))


def test_what_is_made_a_mean_at_poles_is_made_anew_for_who_wants_it_without():
    shape = Shape(ROWS, COLUMNS, COLUMNS, (0,))

    def formula(f, g):
        product = f * g
        return Made("pole_mean", (product,)), product - f

    averaged = FIELDS[0] * FIELDS[1]
    averaged[..., 0, :] = averaged[..., 0, :].mean(axis=-1, keepdims=True)
    expected = (averaged, FIELDS[0] * FIELDS[1] - FIELDS[0])
    same(run(formula, shape=shape), expected)


LINES = {
    "circle": Line(np.arange(float(COLUMNS)), 1.0, float(COLUMNS)),
    "closed": Line(np.arange(float(COLUMNS)), 1.0, float(COLUMNS - 1), closed=True),
    "open": Line(np.arange(float(COLUMNS)), 1.0),
}
DOWN = Line(np.cumsum(1.0 + 0.3 * np.sin(np.arange(float(ROWS)))))


def tables(kind, accuracy=2, **options):
    """Schemes down the columns and along the rows."""
    options = {"accuracy": accuracy, **options}
    return stencil_table(DOWN, **options), stencil_table(LINES[kind], **options)


def by_numpy(field, axis, table, factor=1.0):
    return factor * apply_table(field, axis, table, engine="numpy")


def closed_up(fields, kind):
    """Fields whose last column repeats the first, where that of a line does."""
    made = fields.copy()
    if kind == "closed":
        made[..., -1] = made[..., 0]
    return made


def plain(table):
    """A scheme without those to fall back to."""
    return replace(table, narrower=())


def derivative(slot, *parts):
    return Linear(tuple((slot, part) for part in parts))


@pytest.fixture(params=LINES)
def kind(request):
    return request.param


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("edges", ["one-sided", "missing"])
class TestStencils:
    """Sums of other rows and along the row, of one input and of two."""

    def check(self, kind, accuracy, edges, formula, expected):
        down, along = tables(kind, accuracy, edges=edges)
        factor = ROW[:, 0]
        fields = closed_up(FIELDS, kind)
        got = run(
            lambda f, g: formula(
                *(derivative(slot, rows_of(down)) for slot in (0, 1)),
                *(derivative(slot, Along(along, factor)) for slot in (0, 1)),
            ),
            fields,
            Shape(ROWS, COLUMNS, LINES[kind].around or COLUMNS),
        )
        by_hand = [by_numpy(field, -2, down) for field in fields]
        by_hand += [by_numpy(field, -1, along, ROW) for field in fields]
        made = expected(*by_hand)
        same(got, made if isinstance(made, tuple) else (made,), 1e-12)

    def test_alone(self, kind, accuracy, edges):
        for number in range(4):
            self.check(
                kind, accuracy, edges,
                lambda *made, n=number: made[n], lambda *made, n=number: made[n],
            )  # fmt: skip

    def test_both_of_one_input(self, kind, accuracy, edges):
        self.check(
            kind, accuracy, edges,
            lambda f_y, g_y, f_x, g_x: f_x + f_y,
            lambda f_y, g_y, f_x, g_x: f_x + f_y,
        )  # fmt: skip

    def test_both_of_one_and_beside_of_another(self, kind, accuracy, edges):
        self.check(
            kind, accuracy, edges,
            lambda f_y, g_y, f_x, g_x: g_x - f_y + f_x,
            lambda f_y, g_y, f_x, g_x: g_x - f_y + f_x,
        )  # fmt: skip

    def test_each_of_another_input(self, kind, accuracy, edges):
        self.check(
            kind, accuracy, edges,
            lambda f_y, g_y, f_x, g_x: g_x - f_y,
            lambda f_y, g_y, f_x, g_x: g_x - f_y,
        )  # fmt: skip

    def test_all_of_both(self, kind, accuracy, edges):
        self.check(
            kind, accuracy, edges,
            lambda f_y, g_y, f_x, g_x: f_y + g_y + f_x + g_x,
            lambda f_y, g_y, f_x, g_x: f_y + g_y + f_x + g_x,
        )  # fmt: skip

    def test_one_after_another(self, kind, accuracy, edges):
        """Each reads its own numbers, at both ends of a row too."""

        def formula(f_y, g_y, f_x, g_x):
            return f_y + 3.0 * g_x, 2.0 * f_x + f_y + g_x, f_x - g_y - 5.0 * g_x

        self.check(kind, accuracy, edges, formula, formula)


def test_one_stands_for_zero_in_a_sum_of_stencils_and_in_what_is_made():
    fields = np.zeros_like(FIELDS)
    fields[0, :, :, 6:9] = np.nan_to_num(FIELDS[1, :, :, 6:9], nan=1.0)
    _, along = tables("circle")

    def formula(f, g):
        f_x = derivative(0, Along(along, np.ones(ROWS)))
        made = f * g
        return np.where(f_x == 0.0, 1.0, f_x), g / np.where(made == 0.0, 1.0, made)

    f_x = by_numpy(fields[0], -1, along)
    assert (f_x == 0.0).mean() > 0.3
    expected = np.where(f_x == 0.0, 1.0, f_x), fields[1]
    same(run(formula, fields), expected, 1e-12)


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_with_what_goes_with_the_point_itself(accuracy):
    """Alone, beside other rows, beside columns, and with all of another input."""
    down, along = tables("circle", accuracy)
    own, other = np.linspace(0.5, -2.0, ROWS), np.linspace(3.0, 1.0, ROWS)
    rows, row = rows_of(down), Along(along, np.ones(ROWS))

    def formula(f, g):
        return (
            derivative(0, rows, row, own_part(own)),
            derivative(0, rows, own_part(own)),
            derivative(0, own_part(own)),
            derivative(0, row, own_part(own))
            + derivative(1, row, own_part(other))
            + derivative(0, rows),
            derivative(1, row, own_part(own)),
        )

    f_y, f_x = by_numpy(FIELDS[0], -2, down), by_numpy(FIELDS[0], -1, along)
    g_x = by_numpy(FIELDS[1], -1, along)
    here, there = own[:, np.newaxis] * FIELDS[0], other[:, np.newaxis] * FIELDS[1]
    expected = (
        f_y + f_x + here,
        f_y + here,
        here,
        f_x + here + g_x + there + f_y,
        g_x + own[:, np.newaxis] * FIELDS[1],
    )
    same(run(formula), expected, 1e-12)


def test_rows_that_do_nothing_are_zero_and_those_beside_are_not():
    _, along = tables("circle")
    factor = np.where(np.arange(ROWS) == 3, 0.0, 1.0)
    expected = by_numpy(FIELDS[0], -1, along, factor[:, np.newaxis])
    (got,) = run(lambda f, g: derivative(0, Along(along, factor)))
    same([got], [expected], 1e-12)
    assert (got[..., 3, :] == 0.0).all()


@pytest.mark.parametrize("shift", [1, 5, COLUMNS - 1])
@pytest.mark.parametrize("alone", [True, False])
def test_rows_that_are_read_a_turn_further_along(shift, alone):
    """As the neighbours of a row beside a pole are."""
    source = np.clip(np.arange(ROWS)[:, np.newaxis] + [-1, 0, 1], 0, ROWS - 1)
    shifts = np.zeros_like(source)
    shifts[0], shifts[-1, 1:] = shift, shift
    weight = np.random.default_rng(2).normal(size=source.shape)
    part = Down(source, shifts, weight)
    f = FIELDS[0]
    expected = np.zeros_like(f)
    for r in range(ROWS):
        for k in range(3):
            other = np.roll(f[:, source[r, k]], -shifts[r, k], axis=-1)
            expected[:, r] += weight[r, k] * (other - f[:, r])
    parts = [part] if alone else [part, own_part(np.ones(ROWS))]
    expected += 0.0 if alone else f
    same(run(lambda f, g: derivative(0, *parts)), (expected,), 1e-12)


@pytest.mark.parametrize("turned", [0, 1])
def test_a_row_read_a_column_further_along_is_not_one_beside(turned):
    """Though two rows and two columns are what most sums are of."""
    _, along = tables("circle")
    source = np.clip(np.arange(ROWS)[:, np.newaxis] + [-1, 1], 0, ROWS - 1)
    shifts = np.zeros_like(source)
    shifts[3, turned] = 1
    part = Down(source, shifts, np.ones(source.shape))
    f = FIELDS[0]
    expected = by_numpy(f, -1, along)
    for r in range(ROWS):
        for k in range(2):
            other = np.roll(f[:, source[r, k]], -shifts[r, k], axis=-1)
            expected[:, r] += other - f[:, r]
    got = run(lambda f, g: derivative(0, part, Along(along, np.ones(ROWS))))
    same(got, (expected,), 1e-12)


def test_the_point_itself_in_a_sum_over_rows_is_its_own_weight():
    part = Down(
        np.arange(ROWS)[:, np.newaxis], np.full((ROWS, 1), OWN), 2.0 * np.abs(ROW)
    )
    same(run(lambda f, g: derivative(1, part)), (2.0 * np.abs(ROW) * FIELDS[1],))


@pytest.mark.parametrize("kind", ["circle", "open"])
def test_a_sum_along_the_row_that_is_no_difference(kind):
    """What it gives a constant goes with the point, at ends that differ too."""
    table = tables(kind, 4)[1]
    table = replace(table, weights=table.weights + 0.25, centres=None)
    factor = np.linspace(-1.0, 2.0, ROWS)
    expected = by_numpy(FIELDS[0], -1, table, factor[:, np.newaxis])
    got = run(lambda f, g: derivative(0, Along(table, factor)))
    same(got, (expected,), 1e-12)


GAPS = FIELDS.copy()
GAPS[:, np.random.default_rng(4).random(FIELDS.shape[1:]) < 0.25] = np.nan


@pytest.mark.parametrize("accuracy", [2, 4])
@pytest.mark.parametrize("direction", ["down", "along"])
def test_beside_gaps_narrower_stencils_do(kind, accuracy, direction):
    down, along = tables(kind, accuracy, missing="shrink")
    factor = ROW[:, 0]

    def formula(f, g):
        def of(table):
            part = rows_of(table) if direction == "down" else Along(table, factor)
            return ((0, part),)

        table = down if direction == "down" else along
        return Linear(of(table), tuple(Linear(of(one)) for one in table.narrower))

    fields = closed_up(GAPS, kind)
    got = run(formula, fields, Shape(ROWS, COLUMNS, LINES[kind].around or COLUMNS))
    axis, table = (-2, down) if direction == "down" else (-1, along)
    expected = by_numpy(fields[0], axis, table, 1.0 if axis == -2 else ROW)
    assert np.isnan(expected).sum() < 1.5 * np.isnan(fields[0]).sum()
    same(got, (expected,), 1e-12)


def test_narrower_sums_over_rows_have_the_point_itself_too():
    down, _ = tables("circle", 4, missing="shrink")
    own = np.linspace(1.0, -2.0, ROWS)

    def sum_of(one):
        return derivative(0, rows_of(one), own_part(own))

    got = run(
        lambda f, g: replace(sum_of(down), narrower=tuple(map(sum_of, down.narrower))),
        GAPS,
    )
    slope = by_numpy(GAPS[0], -2, down)
    assert np.isfinite(slope[np.isnan(by_numpy(GAPS[0], -2, plain(down)))]).any()
    same(got, (slope + own[:, np.newaxis] * GAPS[0],), 1e-12)


@pytest.mark.parametrize("first", ["down", "along"])
def test_a_sum_of_two_inputs_is_narrower_where_either_lacks_a_point(kind, first):
    """As a derivative of a wind: with the point itself, of which all must be there."""
    _, table = tables(kind, 4, missing="shrink")
    fields = closed_up(GAPS, kind)
    fields[1] = np.roll(fields[1], 1, axis=1)  # gaps of their own
    own, factor = np.linspace(1.0, -2.0, ROWS), ROW[:, 0]
    down = Down(np.arange(ROWS)[:, np.newaxis], np.zeros((ROWS, 1), int), ROW)
    down.source[1:] -= 1

    def sum_of(one):
        parts = ((1, Along(one, factor)), (0, Along(one, -factor)))
        beside = ((0, own_part(own)), (1, own_part(own)), (1, down))
        return Linear(beside + parts if first == "down" else parts + beside)

    def formula(f, g):
        return replace(sum_of(table), narrower=tuple(map(sum_of, table.narrower)))

    f, g = fields
    above = np.concatenate([g[:, :1], g[:, :-1]], axis=1)
    rest = own[:, np.newaxis] * (f + g) + ROW * (above - g)
    expected = np.full_like(f, np.nan)
    with np.errstate(invalid="ignore"):
        for one in map(plain, (table, *table.narrower)):
            made = by_numpy(g, -1, one, ROW) - by_numpy(f, -1, one, ROW) + rest
            expected = np.where(np.isnan(expected), made, expected)
    wide = by_numpy(g, -1, plain(table))
    assert np.isnan(expected).mean() < np.isnan(wide).mean()
    got = run(formula, fields, Shape(ROWS, COLUMNS, LINES[kind].around or COLUMNS))
    same(got, (expected,), 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("which", ["circle", "open"])
def test_a_part_of_the_results_has_the_bits_of_the_whole(which, dtype):
    """Every part there is, of a formula that reads far rows and columns."""
    down, along = tables(which, 4)
    pole = rows_of(down)
    shift = np.zeros_like(pole.source)
    shift[0] = COLUMNS // 2 if which == "circle" else 0
    pole = Down(pole.source, shift, pole.weight)
    around = COLUMNS if which == "circle" else 0
    shape = Shape(ROWS, COLUMNS, around, (0,) if which == "circle" else ())
    f, g = Input(0), Input(1)
    product = f * g * SHEET
    f_y, p_x = derivative(0, pole), derivative(product, Along(along, ROW[:, 0]))
    results = [f_y * SHEET + p_x * ROW, f_y]
    if which == "circle":
        results[1] = Made("pole_mean", (results[1],))
    program = program_of(results, 2, shape, [1.0, 2.0])
    fields = [one.astype(dtype) for one in FIELDS]
    whole = program(fields, dtype)
    needs = program.whole_rows()
    for top, bottom in ((0, 1), (0, 3), (2, 5), (3, 4), (5, ROWS), (0, ROWS)):
        for left, right in ((0, COLUMNS), (0, 1), (4, 9), (COLUMNS - 2, COLUMNS)):
            if needs[top:bottom].any() and (left, right) != (0, COLUMNS):
                continue
            part, rows, runs = program.part(range(top, bottom), range(left, right))
            columns = np.concatenate([np.arange(run.start, run.stop) for run in runs])
            window = [one[:, rows.start : rows.stop][..., columns] for one in fields]
            for a, b in zip(part(window, dtype), whole, strict=True):
                np.testing.assert_array_equal(a, b[:, top:bottom, left:right])


@pytest.mark.parametrize("direction", ["down", "along"])
def test_a_part_of_the_results_is_mended_beside_gaps_as_the_whole_is(direction):
    down, along = tables("circle", 4, missing="shrink")

    def sum_of(one):
        part = rows_of(one) if direction == "down" else Along(one, ROW[:, 0])
        return derivative(0, part)

    table = down if direction == "down" else along
    mended = replace(sum_of(table), narrower=tuple(map(sum_of, table.narrower)))
    program = program_of([mended], 1, Shape(ROWS, COLUMNS, COLUMNS), [1.0])
    (whole,) = program([GAPS[0]], np.float64)
    for top in range(ROWS):
        for left in range(0, COLUMNS, 4):
            columns = range(left, min(left + 4, COLUMNS))
            part, rows, runs = program.part(range(top, top + 1), columns)
            index = np.concatenate([np.arange(run.start, run.stop) for run in runs])
            window = GAPS[0][:, rows.start : rows.stop][..., index]
            np.testing.assert_array_equal(
                part([window], np.float64)[0],
                whole[:, top : top + 1, columns.start : columns.stop],
            )


def test_only_rows_that_turn_or_are_poles_need_whole_rows():
    down, _ = tables("circle")
    part = rows_of(down)
    shift = np.zeros_like(part.shift)
    shift[5] = 3
    shape = Shape(ROWS, COLUMNS, COLUMNS, (0,))
    program = program_of(
        [derivative(0, Down(part.source, shift, part.weight))], 1, shape, [1.0]
    )
    assert np.flatnonzero(program.whole_rows()).tolist() == [0, 5]
    # rows that are read: those of three points, one-sided at the ends
    assert [program.reach(r, r + 1) for r in (0, 3, ROWS - 1)] == [
        (0, 3), (2, 5), (ROWS - 3, ROWS),
    ]  # fmt: skip


def test_what_cannot_be_a_pass_over_rows_is_refused():
    _, along = tables("circle")
    other = stencil_table(Line(np.arange(5.0), 1.0))
    closed = stencil_table(Line(np.arange(float(ROWS)), 1.0, ROWS - 1.0, closed=True))
    ones = np.ones(ROWS)
    with pytest.raises(UnfusableError, match="another size"):
        run(lambda f, g: derivative(0, Along(other, ones)))
    with pytest.raises(UnfusableError, match="come twice"):
        rows_of(closed)
    f_x = derivative(0, Along(along, ones))
    f_xx = derivative(Made("multiply", (f_x, Input(1))), Along(along, ones))
    with pytest.raises(UnfusableError, match="a derivative of a derivative"):
        run(lambda f, g: f_xx)


def test_rows_longer_than_a_cache_are_done_in_pieces_and_memory_in_any_order():
    """A formula of one instruction knows nothing of columns beside."""
    rng = np.random.default_rng(0)
    f, g = rng.normal(size=(2, 2, 1, 8192 * 2 + 5))
    program = program_of([Input(0) - Input(1)], 2, Shape(1, f.shape[-1]), [1.0])
    for a, b in ((f, g), (f[..., ::-1], g), (f.astype(">f8"), g), (f, g[::-1])):
        np.testing.assert_array_equal(program([a, b], np.float64)[0], a - b)
