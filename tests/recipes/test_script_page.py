"""The page about a run: whole, safe whatever files say, and seen by a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import xarray as xr
from recipes.scripts import SMALL, small

from xnabla.recipes import Watch, carry_out, plan, read_recipe

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOSTILE = "</td><script>document.title='owned'</script><img src=x onerror=alert(1)>'\"&"
REPORT = '\n[report]\nfile = "report.html"\n'
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def run(path, **how):
    todo = plan(read_recipe(path), began=BEGAN, **how)
    carry_out(todo, Watch(), "xnabla run small.toml")
    return path.with_name("report.html")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The page of a run in which everything that can be is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    name = "<img src=x onerror=alert(2)>.nc"
    text = SMALL.replace("A small recipe", HOSTILE.replace('"', '\\"'))
    text = text.replace('"air.nc"', f'"{name}"').replace("grad.png", "<b>&grad.png")
    text = text.replace("[recipe]", f"# {HOSTILE}\n[recipe]\ndescription = '<i>x</i>'")
    text = text.replace("n = 9", f"n = 9  # {HOSTILE}")
    path = small(folder, text + REPORT)
    with xr.open_dataset(folder / "air.nc", engine="netcdf4") as opened:
        ds = opened.load()
    ds["t"].attrs["long_name"] = HOSTILE
    ds.attrs["title"] = HOSTILE
    ds.to_netcdf(folder / name, engine="netcdf4")
    return run(path)


class Tags(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def test_whatever_files_and_recipes_say_is_text(hostile):
    page = Tags(hostile)
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "iframe", "object", "i", "b"}
    sources = [one["src"] for one in page.all("img")]
    assert all(one.startswith("data:image/png;base64,") for one in sources)
    assert not any(name.startswith("on") for _, a in page.found for name in a)
    assert not any("style" in a or "href" in a for _, a in page.found)
    assert HOSTILE in "".join(page.text)


def test_the_policy_allows_our_style_and_pictures_only(hostile):
    (policy,) = (
        one["content"]
        for one in Tags(hostile).all("meta")
        if one.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_it_tells_variables_steps_assumptions_and_provenance(tmp_path):
    page = run(small(tmp_path, SMALL + REPORT))
    told = json.loads((tmp_path / "report.json").read_text())
    with xr.open_dataset(tmp_path / "grad.nc", engine="netcdf4") as made:
        expected = {n: (float(v.min()), float(v.max())) for n, v in made.items()}
        mean = float(made["dt_dy"].astype(float).mean())
    (grad,) = (one for one in told["targets"] if one["name"] == "outputs.grad")
    rows = {row["name"]: row for row in grad["variables"]}
    assert {n: (row["min"], row["max"]) for n, row in rows.items()} == expected
    assert rows["dt_dy"]["mean"] == pytest.approx(mean, abs=1e-12)
    assert rows["dt_dy"]["units"] == "K km-1"
    assert rows["dt_dy"]["missing"] == 0
    assert [one["name"] for one in told["steps"]] == ["smooth", "grad"]
    assert all(one["seconds"] > 0 for one in told["steps"])
    assert told["grids"][0]["assumed"] == ["the Earth is a sphere of radius 6371229 m"]
    assert told["recipe_text"] == SMALL + REPORT
    assert told["command"] == "xnabla run small.toml"
    assert re.fullmatch(r"[0-9a-f]{40}", told["inputs"][0]["hash"])
    text = "".join(Tags(page).text)
    for word in ("K km⁻¹", "assum", "small.toml", told["inputs"][0]["hash"], "numpy"):
        assert word in text


def test_a_resumed_run_tells_what_was_left_as_it_is(tmp_path):
    path = small(tmp_path, SMALL + REPORT)
    run(path)
    page = run(path, resume=True)
    told = json.loads((tmp_path / "report.json").read_text())
    assert {one["status"] for one in told["targets"]} == {"unchanged"}
    assert told["targets"][0]["variables"]
    assert "0 of 3" in "".join(Tags(page).text)


def test_missing_values_are_counted(tmp_path):
    path = small(tmp_path, SMALL[: SMALL.index("[plots")] + REPORT)
    with xr.open_dataset(tmp_path / "air.nc", engine="netcdf4") as opened:
        ds = opened.load()
    ds["t"][0, 0] = float("nan")
    ds.to_netcdf(tmp_path / "air.nc", engine="netcdf4")
    run(path)
    told = json.loads((tmp_path / "report.json").read_text())
    (row,) = (r for r in told["targets"][0]["variables"] if r["name"] == "dt_dy")
    with xr.open_dataset(tmp_path / "grad.nc", engine="netcdf4") as made:
        assert row["missing"] == int(made["dt_dy"].isnull().sum()) > 0


PROBE = """<!DOCTYPE html><meta charset=utf-8><title>probe</title><body><script>
const frame = document.createElement("iframe");
frame.src = "report.html"; frame.width = WIDTH; frame.height = 3000;
frame.onload = () => {
  const page = frame.contentDocument, images = [...page.images];
  const all = [...page.querySelectorAll("body *")];
  const out = document.createElement("pre"); out.id = "told";
  out.textContent = JSON.stringify({
    title: page.title, images: images.map(i => [i.complete, i.naturalWidth]),
    wide: page.documentElement.scrollWidth, color: frame.contentWindow
      .getComputedStyle(page.querySelector("header")).borderBottomWidth,
    scripts: page.scripts.length });
  document.body.append(out);
};
document.body.append(frame);
</script>"""


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_it_without_a_complaint(hostile, tmp_path, width):
    for name in ("report.html",):
        shutil.copy(hostile, tmp_path / name)
    (tmp_path / "probe.html").write_text(PROBE.replace("WIDTH", str(width)))
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=10000",
            "--dump-dom",
            f"file://{tmp_path / 'probe.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    complaints = [line for line in done.stderr.split("\n") if "CONSOLE" in line]
    assert complaints == []
    matched = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    import html

    told = json.loads(html.unescape(matched[1]))
    assert told["title"] == HOSTILE
    assert told["images"]
    assert all(complete and wide > 300 for complete, wide in told["images"])
    assert told["wide"] <= width  # no page wider than the screen
    assert told["color"] == "3px"  # the style was let through
    assert told["scripts"] == 0
