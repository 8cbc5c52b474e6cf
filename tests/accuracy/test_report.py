"""The report of accuracy on a grid: its truths, its numbers, its words."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import (
    FLAT,
    GLOBAL,
    REGIONAL,
    SPHERE,
    WGS84,
    Globe,
    around,
    gaussian,
    labelled,
    with_poles,
)

import xnabla as xn
from xnabla.accuracy import _judge, _sites, named_grid
from xnabla.accuracy._waves import Globe as Ground

H = 1e-30
FIGURES = pytest.mark.parametrize("figure", [SPHERE, WGS84, FLAT], ids=lambda f: f.name)
PHI = np.deg2rad(np.linspace(-88, 88, 23))[:, np.newaxis]
LAM = np.deg2rad(np.arange(3.0, 363.0, 15.0))[np.newaxis, :]


def empty(globe):
    return labelled(np.zeros((globe.latitude.size, globe.longitude.size)), globe)


def plain(km, units="km"):
    axis = np.asarray(km, float)
    return xr.DataArray(
        np.zeros((axis.size, axis.size)),
        dims=("y", "x"),
        coords={name: (name, axis, {"units": units}) for name in "yx"},
        name="z",
        attrs={"units": "m"},
    )


class TestTheTruthIsTrue:
    """Judged by complex steps along φ and λ, and by the textbook's formulas."""

    @staticmethod
    def steps(name, figure):
        earth = xn.Earth(figure.a, figure.b, "a test")

        def of(phi, lam):
            return getattr(Ground(phi, lam, earth).wave(3.3e6), name)

        along = np.imag(of(PHI + 0j, LAM + 1j * H)) / H
        across = np.imag(of(PHI + 1j * H, LAM + 0j)) / H
        return along, across

    @staticmethod
    def truth(figure):
        return Ground(PHI, LAM, xn.Earth(figure.a, figure.b, "a test")).wave(3.3e6)

    @FIGURES
    def test_of_the_gradient(self, figure):
        along, across = self.steps("f", figure)
        truth = self.truth(figure)
        parallel = figure.normal_radius(PHI) * np.cos(PHI)
        size = np.abs(truth.east).max()
        np.testing.assert_allclose(truth.east, along / parallel, atol=1e-12 * size)
        north = across / figure.meridian_radius(PHI)
        np.testing.assert_allclose(truth.north, north, atol=1e-12 * size)

    @FIGURES
    def test_of_the_laplacian(self, figure):
        """(1/(N M cos φ)) (∂/∂λ (M f_λ / (N cos φ)) + ∂/∂φ (N cos φ f_φ / M))."""
        m, n = figure.meridian_radius(PHI), figure.normal_radius(PHI)
        parallel, truth = n * np.cos(PHI), self.truth(figure)
        f_east, _ = self.steps("east", figure)
        _, f_north = self.steps("north", figure)
        # (N cos φ)' = -M sin φ
        turned = -m * np.sin(PHI) * truth.north
        expected = (m * f_east + parallel * f_north + turned) / (m * parallel)
        size = np.abs(expected).max()
        np.testing.assert_allclose(truth.laplacian, expected, atol=1e-11 * size)

    @FIGURES
    def test_of_vorticity_and_divergence(self, figure):
        m, n = figure.meridian_radius(PHI), figure.normal_radius(PHI)
        parallel, truth = n * np.cos(PHI), self.truth(figure)
        u_x, u_y = self.steps("u", figure)
        v_x, v_y = self.steps("v", figure)
        turn = np.tan(PHI) / n  # -(N cos φ)' / (M N cos φ)
        vorticity = v_x / parallel - u_y / m + truth.u * turn
        divergence = u_x / parallel + v_y / m - truth.v * turn
        for got, expected in (
            (truth.vorticity, vorticity),
            (truth.divergence, divergence),
        ):
            size = np.abs(expected).max()
            np.testing.assert_allclose(got, expected, atol=1e-12 * size)

    def test_on_a_pole_scalars_have_one_value(self):
        pole = Ground(np.full((1, 1), np.pi / 2), LAM, xn.Earth(7e6, 5e6, "a test"))
        truth = pole.wave(3.3e6)
        for name in ("f", "laplacian", "vorticity", "divergence"):
            values = getattr(truth, name)
            assert np.ptp(values) < 1e-11 * np.abs(values).max(), name


class TestTheNumbers:
    def test_on_a_plane_they_are_those_of_paper_and_pencil(self):
        """A centred difference of cos kx is off by the factor sin(kh)/(kh)."""
        h = 25e3
        axis = h * np.arange(41)
        report = xn.accuracy_report(plain(axis / 1e3), accuracy=2)
        errors = report.to_dataset()
        assert report.shape.grid_length_km == pytest.approx(25.0)
        x, y = axis[np.newaxis, :], axis[:, np.newaxis]
        for wave, length in enumerate((8 * h, 16 * h, 32 * h, 3e6)):
            k = 2 * np.pi / length
            off_x = off_y = true_x = true_y = 0.0
            for (dx, dy), phase in (((0.8, 0.6), 0.0), ((-0.6, 0.8), 1.3)):
                slope = -k * np.sin(k * (dx * x + dy * y) + phase)
                true_x, true_y = true_x + dx * slope, true_y + dy * slope
                off_x += dx * slope * (1 - np.sinc(k * dx * h / np.pi))
                off_y += dy * slope * (1 - np.sinc(k * dy * h / np.pi))
            inner = np.s_[1:-1, 1:-1]
            expected = np.hypot(off_x, off_y)[inner] / np.hypot(true_x, true_y).max()
            got = errors.sel(operator="gradient", accuracy=2, band="inside").isel(
                wave=wave
            )
            assert float(got["error_max"]) == pytest.approx(expected.max(), rel=1e-6)
            rms = float(np.sqrt(np.mean(expected**2)))
            assert float(got["error_rms"]) == pytest.approx(rms, rel=1e-6)
            assert int(got["points"]) == 39 * 39

    def test_a_faulty_operator_is_noticed(self, monkeypatch):
        true = _judge.gradient

        def faulty(*given, **choices):
            return true(*given, **choices).map(lambda part: 1.01 * part)

        monkeypatch.setattr(_judge, "gradient", faulty)
        report = xn.accuracy_report("5", accuracy=6, operators=["gradient"])
        whole = report.errors.sel(band="everywhere").isel(wave=2)
        assert whole["error_max"].item() > 0.0099
        assert abs(report.errors["order"].item()) < 0.1

    @pytest.mark.parametrize("name", ["no pole rows", "gaussian", "jittered both ways"])
    def test_the_order_is_observed_on_a_refined_globe(self, name):
        report = xn.accuracy_report(
            empty(GLOBAL[name](72)), earth="WGS84", operators=["gradient", "vorticity"]
        )
        assert report.compared == "the grid refined"
        for accuracy in (2, 4, 6):
            found = report.errors["order"].sel(accuracy=accuracy).to_numpy()
            assert (found > 0.94 * accuracy).all(), found
            assert (found < accuracy + 0.4).all(), found

    @pytest.mark.parametrize(
        "name",
        [
            "Lambert, one parallel, sphere",
            "polar stereographic, pole between points, km, north to south",
            "rotated pole, the North Pole inside",
            "rotated, only 2-D latitude and longitude tell",
            "curvilinear, skewed and stretched, WGS84",
        ],
    )
    def test_the_order_is_observed_on_every_second_point_of_a_map(self, name):
        grid = MAPS[name](72)
        t = grid.labelled(np.zeros((grid.y.size, grid.x.size)), units="K")
        report = xn.accuracy_report(t, accuracy=(2, 4), **grid.options)
        assert report.compared == "every second point"
        for accuracy in (2, 4):
            found = report.errors["order"].sel(accuracy=accuracy).to_numpy()
            assert (found > 0.85 * accuracy).all(), found
        largest = report.errors["error_max"].sel(accuracy=4).isel(wave=2)
        assert float(largest.sel(band="edges").max()) < 3e-3

    def test_edges_are_told_apart_and_are_worse(self):
        report = xn.accuracy_report(empty(REGIONAL["across Greenwich"](72)))
        one = report.errors["error_max"].isel(wave=1).sel(operator="gradient")
        inside = one.sel(band=[b for b in one["band"].values if b[0].isdigit()])
        for accuracy in (2, 4, 6):
            edge = float(one.sel(band="edges", accuracy=accuracy))
            assert edge > float(inside.sel(accuracy=accuracy).max())

    def test_a_globe_has_no_edges_and_its_poles_are_no_worse(self):
        one = xn.accuracy_report("2.5").errors["error_max"].isel(wave=1)
        assert "edges" not in one["band"].values
        caps = one.sel(band=["90-75S", "75-90N"]).max("band")
        tropics = one.sel(band=["30-0S", "0-30N"]).max("band")
        assert (caps <= tropics).all()

    def test_the_ellipsoid_is_that_of_the_grid(self):
        one, other = (
            xn.accuracy_report("5", accuracy=6, earth=e, operators=["gradient"])
            for e in (None, "WGS84")
        )
        assert "6378137" in str(other)
        a, b = (float(r.errors["error_max"].max()) for r in (one, other))
        assert a == pytest.approx(b, rel=0.05)

    def test_places_without_values_are_counted_out(self):
        grid = MAPS["curvilinear, skewed"](40)
        t = grid.labelled(np.zeros((41, 41)), units="K")
        for name in ("lat", "lon"):
            t.coords[name][8:14, 20:25] = np.nan
        report = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        assert any("have no value to judge" in note for note in report.notes)
        whole = report.errors.sel(band="everywhere").isel(wave=1)
        # the gap, and one point around it but for its corners
        assert int(whole["points"].item()) == 41 * 41 - 30 - 2 * (6 + 5)
        assert float(whole["error_max"].item()) < 0.1

    def test_land_is_left_out_whatever_its_places_are(self):
        """As in files of ocean models, where land may lie anywhere."""
        grid = MAPS["curvilinear, skewed"](40)
        values = np.zeros((2, 41, 41))
        values[:, 8:14, 20:25] = np.nan
        t = grid.labelled(values, units="K")
        good = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        t.coords["lon"][8:14, 20:25] += np.linspace(0, 40, 30).reshape(6, 5)
        bad = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        for report in (good, bad):
            whole = report.errors.sel(band="everywhere").isel(wave=1)
            assert int(whole["points"].item()) == 41 * 41 - 30 - 2 * (6 + 5)
        # the length of a wave follows the median step, to which the land adds its own
        a, b = (r.errors["error_max"].isel(wave=3).max("band") for r in (good, bad))
        np.testing.assert_allclose(a, b, rtol=1e-9)

    def test_a_pole_row_of_a_finer_grid_is_on_the_pole(self):
        """3 degrees, halved, once ended 1e-16 beside it, with a Laplacian of 1e5."""
        report = xn.accuracy_report("61x120", operators=["laplacian"])
        assert (report.errors["order"] > 0.95 * report.errors["accuracy"]).all()

    @pytest.mark.parametrize("kind", ["globe", "map"])
    def test_strips_of_a_large_grid_have_the_errors_of_the_whole(
        self, monkeypatch, kind
    ):
        """Rows beside a cut serve as neighbours, and are not judged themselves."""
        if kind == "globe":
            t = empty(GLOBAL["pole rows"](120))
            options = {}
        else:
            grid = MAPS["curvilinear, skewed"](120)
            t = grid.labelled(np.zeros((121, 121)), units="K")
            options = grid.options
        whole = xn.accuracy_report(t, **options).errors
        monkeypatch.setattr(_sites, "_MOST_POINTS", 4000)
        monkeypatch.setattr(_sites, "_STRIPS", 3)
        monkeypatch.setattr(_sites, "_LEAST_ROWS", 20)
        report = xn.accuracy_report(t, **options)
        assert "of its 121 rows are judged" in report.notes[0]
        ratio = (report.errors["error_max"] / whole["error_max"]).sel(
            band=["90-75S", "75-90N"] if kind == "globe" else ["edges"]
        )
        # a map's parameters are the mean lengths of its lines, which a strip has not
        # quite as the whole; part of its edge is not judged, nor is the largest value
        low, high = (0.99, 1.1) if kind == "globe" else (0.3, 1.1)
        assert float(ratio.min()) > low
        assert float(ratio.max()) < high
        whole_rms = whole["error_rms"].sel(band="everywhere")
        ratio = report.errors["error_rms"].sel(band="everywhere") / whole_rms
        assert float(ratio.min()) > 0.5
        assert float(ratio.max()) < 2.0


class TestWhatTheGridIsLike:
    def test_steps_cells_seam_and_poles(self):
        told = xn.accuracy_report("181x360", accuracy=2, operators=["gradient"])
        found = told.to_dict()
        assert found["seam"] == "periodic"
        assert [p["is_a_row"] for p in found["poles_crossed"]] == [True, True]
        shape = found["shape"]
        length = 6371.229 * np.deg2rad(1.0)
        assert shape["grid_length_km"] == pytest.approx(length)
        assert shape["longest_km"] == pytest.approx(length)
        assert shape["shortest_km"] == pytest.approx(
            length * np.sin(np.deg2rad(1.0)), rel=1e-5
        )
        assert shape["skew_deg"] == 0.0

    def test_skewness_of_a_leaning_net(self):
        """Lines at atan(...) to each other: x + 0.4 y on the globe, all over it."""
        grid = MAPS["curvilinear, skewed"](40)
        t = grid.labelled(np.zeros((41, 41)), units="K")
        report = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        n = np.array(grid.normal(grid.x[np.newaxis, :], grid.y[:, np.newaxis]))
        along_x, along_y = np.gradient(n, axis=2), np.gradient(n, axis=1)
        cosine = (along_x * along_y).sum(0) / np.sqrt(
            (along_x**2).sum(0) * (along_y**2).sum(0)
        )
        worst = np.rad2deg(np.arcsin(np.quantile(np.abs(cosine), 0.99)))
        assert report.shape.skew_deg == pytest.approx(worst, rel=0.02)
        assert report.shape.skew_deg > 10

    def test_rounding_of_an_even_axis_is_taken_out_and_said(self):
        globe = Globe(
            "single",
            np.linspace(-90, 90, 181).astype("f4"),
            (0.1 + around(350)).astype("f4"),
        )
        report = xn.accuracy_report(empty(globe), accuracy=2, operators=["gradient"])
        (lon,) = report.roundings
        assert lon.dim == "longitude"
        assert lon.is_mended
        true = 0.1 + around(350)
        off = np.abs(true.astype("f4").astype(float) - true).max() / (360 / 350)
        assert lon.part_of_step == pytest.approx(off, rel=0.3)
        assert "it does no harm" in str(report)

    def test_rounding_of_an_uneven_axis_stays(self):
        globe = Globe("single", gaussian(64).astype("f4"), around(128).astype("f4"))
        report = xn.accuracy_report(empty(globe), accuracy=2, operators=["gradient"])
        (lat,) = [one for one in report.roundings if one.dim == "latitude"]
        assert not lat.is_mended
        # half a unit in the last place at 87.9 degrees, 2**-18, of a step of 2.79
        assert lat.part_of_step == pytest.approx(2**-18 / 2.7, rel=0.1)

    def test_packing_costs_its_step_over_two_grid_lengths(self):
        t = plain(25.0 * np.arange(20))
        t.encoding = {"scale_factor": 0.01, "dtype": np.dtype("i2")}
        report = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        assert report.storage.noise_per_km == pytest.approx(0.01 / 50.0)
        assert "packed as int16" in str(report)


class TestWhatItIs:
    @pytest.fixture(scope="class")
    @staticmethod
    def report():
        return xn.accuracy_report(empty(REGIONAL["polar sector"](60)))

    def test_it_prints_as_tables(self, report):
        text = str(report)
        assert repr(report) == text
        assert "grid length, the median of the longer one" in text
        assert text.count("\n  gradient 2 ") == 2
        assert "observed on the grid refined" in text
        assert all(ord(c) >= 32 or c == "\n" for c in text)

    def test_it_is_shown_in_a_notebook(self, report):
        html = report._repr_html_()
        assert html.count("<table>") == html.count("</table>") == 2
        assert "gradient 2" in html

    def test_hostile_names_do_no_harm(self):
        t = plain(25.0 * np.arange(20)).rename("<script>\x1b[2J")
        report = xn.accuracy_report(t, accuracy=2, operators=["gradient"])
        assert "<script>" not in report._repr_html_()
        assert "\x1b" not in str(report)

    def test_json_holds_all_numbers_and_no_nan(self, report):
        found = json.loads(report.to_json())
        assert len(found["errors"]) == report.errors["error_max"].size
        assert {"operator", "accuracy", "wavelength_km", "error_max"} <= set(
            found["errors"][0]
        )
        assert found["kind"] == "latitude-longitude"
        assert found["order"][0]["operator"] == "gradient"

    def test_it_is_a_table_too(self, report):
        frame = report.to_dataframe()
        assert len(frame) == report.errors["error_max"].size
        assert frame["error_max"].max() == float(report.errors["error_max"].max())

    def test_it_is_drawn(self, report, tmp_path):
        figure = report.plot()
        assert len(figure.axes) == 8
        lines = figure.axes[4].lines
        whole = report.errors.sel(operator="gradient", band="everywhere", accuracy=2)
        whole = whole.sortby("grid_lengths")["error_max"]
        np.testing.assert_allclose(lines[0].get_ydata(), whole)
        xn.plot.save_figure(figure, tmp_path / "a.png")
        assert (tmp_path / "a.png").stat().st_size > 20_000

    def test_a_plane_is_drawn_without_latitudes(self):
        report = xn.accuracy_report(plain(25.0 * np.arange(20)), accuracy=2)
        assert [a.get_xlabel() for a in report.plot().axes] == ["Points per wave"] * 4

    def test_the_picture_of_something_else_is_refused(self):
        with pytest.raises(xn.FieldError, match="no report of accuracy"):
            xn.plot.accuracy(xr.Dataset())


class TestNamedGrids:
    @pytest.mark.parametrize(
        ("name", "sizes", "north"),
        [
            ("2.5", (73, 144), 90.0),
            ("0.5x0.625", (361, 576), 90.0),
            ("73x144", (73, 144), 90.0),
            ("72 x 144", (72, 144), 88.75),
            # latitudes as ECMWF and NCEP publish them
            ("N80", (160, 320), 89.1416),
            ("T62", (94, 192), 88.5420),
            ("T42", (64, 128), 87.8638),
            ("T21", (32, 64), 85.7606),
            ("T106", (160, 320), 89.1416),
        ],
    )
    def test_on_the_globe(self, name, sizes, north):
        grid = named_grid(name)
        assert grid.sizes == sizes
        first = np.rad2deg(grid.axes["latitude"].line.points[0])
        assert first == pytest.approx(north, abs=1e-4)
        assert len(grid.poles) == 2

    def test_on_a_map(self):
        grid = named_grid("EPSG:3995 50 km -2000 2000 -1000 1500")
        assert grid.kind == "projected"
        assert grid.sizes == (51, 81)
        assert grid.earth.semi_major_m == 6378137.0
        wide = named_grid("EPSG:3995 100 km")
        assert wide.surface.poles_inside() == ["North Pole"]

    @pytest.mark.parametrize(
        "name",
        ["", "wibble", "0.7", "90", "T0", "3x3", "EPSG:4326 5 km", "EPSG:1 5 km",
         "N99999", "100000x100000", "EPSG:3995 0 km", "0"],
    )  # fmt: skip
    def test_what_names_none_is_refused(self, name):
        with pytest.raises((xn.OptionError, xn.GridError)):
            named_grid(name)


class TestRefusals:
    def test_of_a_field_that_is_not_horizontal(self):
        t = xr.DataArray(
            np.zeros(9), dims="time", coords={"time": ("time", np.arange(9.0))}
        )
        with pytest.raises(xn.GridError, match="horizontal grids"):
            xn.accuracy_report(t)

    def test_of_too_small_a_grid(self):
        t = plain(25.0 * np.arange(7))
        with pytest.raises(xn.GridError, match=r"too small for accuracy 6.*7 x 7"):
            xn.accuracy_report(t)
        assert xn.accuracy_report(t, accuracy=2).errors.sizes["accuracy"] == 1

    def test_of_several_grids_at_once(self):
        a = plain(25.0 * np.arange(20))
        b = empty(REGIONAL["polar sector"](60))
        ds = xr.Dataset({"a": a, "b": b})
        with pytest.raises(xn.GridError, match="2 horizontal grids"):
            xn.accuracy_report(ds)
        one = xn.accuracy_report(xr.Dataset({"a": a, "c": a}), accuracy=2)
        assert one.grid.kind == "plane"

    @pytest.mark.parametrize("accuracy", [3, (), (2, 5), True, 8])
    def test_of_an_accuracy_there_is_not(self, accuracy):
        with pytest.raises(xn.OptionError, match="Accuracy cannot be"):
            xn.accuracy_report("5", accuracy=accuracy)

    def test_of_an_operator_there_is_not(self):
        with pytest.raises(xn.OptionError, match="is not measured"):
            xn.accuracy_report("5", operators=["curl"])

    def test_of_what_is_no_grid(self):
        with pytest.raises(xn.FieldError, match="measured on a grid"):
            xn.accuracy_report(np.zeros((9, 9)))
        grid = xn.grid_of(empty(GLOBAL["pole rows"](20)))
        with pytest.raises(xn.GridError, match="already says its earth"):
            xn.accuracy_report(grid, earth="WGS84")
        refused = replace(grid, refusal=xn.GridError("as it is"))
        with pytest.raises(xn.GridError, match="as it is"):
            xn.accuracy_report(refused)


def test_a_grid_of_more_dimensions_is_judged_by_its_horizontal_ones():
    globe = Globe("g", with_poles(36), around(72))
    t = labelled(np.zeros((3, 37, 72)), globe, level=[1.0, 2.0, 3.0])
    a = xn.accuracy_report(t, accuracy=2, operators=["laplacian"])
    b = xn.accuracy_report("5", accuracy=2, operators=["laplacian"])
    c = xn.accuracy_report(
        t.transpose("longitude", "level", "latitude"),
        accuracy=2,
        operators=["laplacian"],
    )
    for other in (a, c):
        np.testing.assert_allclose(
            other.errors["error_max"].max("band"),
            b.errors["error_max"].max("band"),
            rtol=1e-9,
            atol=1e-15,
        )
