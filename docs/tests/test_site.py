"""The built site in a browser: pages, figures, search, navigation, on any window."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# A phone shows the page's links behind buttons.
PHONE = 600


def complaints(browser) -> list[str]:
    """Return what the console holds against a page: errors, what did not load."""
    log = browser.get_log("browser")
    return [one["message"] for one in log if one["level"] in {"SEVERE", "WARNING"}]


def pages_of(site: Path) -> list[str]:
    """Return the addresses of all pages, without those made for every name."""
    every = (page.relative_to(site).as_posix() for page in sorted(site.rglob("*.html")))
    return [
        page
        for page in every
        if "/made/xnabla." not in page and not page.startswith("_")
    ]


def wait(browser, condition, why: str):
    return WebDriverWait(browser, 15).until(lambda _: condition(), why)


def results(browser):
    """Return what a search found, when it has ended: until then the list moves."""
    told = (By.CSS_SELECTOR, "#search-results .search-summary")
    wait(
        browser,
        lambda: any("finished" in one.text for one in browser.find_elements(*told)),
        "the search does not end",
    )
    return browser.find_elements(By.CSS_SELECTOR, "#search-results li a")


def test_every_page_loads_with_its_figures_and_fits_the_window(browser, address, site):
    wrong = []
    for page in pages_of(site):
        browser.get(f"{address}/{page}")
        # pictures far below load when they are scrolled to; here all must
        dead = browser.execute_async_script(
            """const done = arguments[0];
            const every = [...document.images];
            every.forEach(one => { one.loading = 'eager'; });
            Promise.allSettled(every.map(one => one.decode())).then(() => done(
                every.filter(one => !one.naturalWidth).map(one => one.src)));"""
        )
        wrong += [f"{page}: no picture {one}" for one in dead]
        wrong += [f"{page}: {one}" for one in complaints(browser)]
        wide, window = browser.execute_script(
            "return [document.documentElement.scrollWidth, window.innerWidth]"
        )
        if wide > window:
            wrong.append(f"{page}: {wide} px wide in a window of {window}")
        # a formula too wide for its box is shown from its beginning
        cut = browser.execute_script(
            """return [...document.querySelectorAll('div.math math')].filter(
                one => [...one.querySelectorAll('*')].some(
                    part => part.getBoundingClientRect().left
                        < one.parentElement.getBoundingClientRect().left - 2)).length"""
        )
        if cut:
            wrong.append(f"{page}: {cut} formulas begin outside their box")
        if not browser.find_elements(By.CSS_SELECTOR, "h1"):
            wrong.append(f"{page}: no heading")
    assert not wrong, "\n".join(wrong)


def test_search_finds_a_function_and_a_guide(browser, address):
    browser.get(f"{address}/search.html?q=frontogenesis")
    found = [one.get_attribute("href") for one in results(browser)]
    assert any("xnabla.frontogenesis" in one for one in found), found
    assert any("/gallery/fronts.html" in one for one in found), found
    assert not complaints(browser)


def test_search_from_the_button_leads_to_a_result(browser, address):
    browser.get(f"{address}/index.html")
    buttons = browser.find_elements(By.CSS_SELECTOR, ".search-button__button")
    next(one for one in buttons if one.is_displayed()).click()
    field = browser.find_element(By.CSS_SELECTOR, "dialog input[type=search]")
    wait(browser, field.is_displayed, "the field to search in does not show")
    field.send_keys("helmholtz", Keys.ENTER)
    wait(browser, lambda: "search.html" in browser.current_url, "nothing is searched")
    first = results(browser)[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", first)
    first.click()
    wait(browser, lambda: "search.html" not in browser.current_url, "it leads nowhere")
    assert "helmholtz" in browser.page_source.lower()
    assert not complaints(browser)


def test_navigation_leads_from_the_first_page_to_every_part(browser, address):
    for part in ("guides", "gallery", "mathematics", "reference", "project"):
        browser.get(f"{address}/index.html")
        wide = browser.execute_script("return window.innerWidth")
        if wide < PHONE:
            browser.find_element(By.CSS_SELECTOR, ".primary-toggle").click()
        links = browser.find_elements(
            By.CSS_SELECTOR, f"a[href='{part}/index.html'].nav-link"
        )
        shown = wait(
            browser,
            lambda links=links: [one for one in links if one.is_displayed()],
            f"no way to {part} is shown",
        )
        shown[0].click()
        wait(browser, lambda part=part: f"/{part}/" in browser.current_url, part)
        assert not complaints(browser)


def test_tabs_show_python_or_the_command_line(browser, address):
    browser.get(f"{address}/ten-minutes.html")
    python, shell = browser.find_elements(By.CSS_SELECTOR, ".sd-tab-set")[
        0
    ].find_elements(By.CSS_SELECTOR, ".sd-tab-content")
    assert python.is_displayed()
    assert not shell.is_displayed()
    label = browser.find_element(By.XPATH, "//label[contains(., 'Command line')]")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
    label.click()
    wait(browser, shell.is_displayed, "the command line does not show")
    assert "xnabla info" in shell.text
    assert "%%bash" not in shell.text


def test_it_can_be_read_from_a_folder(browser, site):
    """No server: search works from file:// too."""
    browser.get((site / "search.html").as_uri() + "?q=vorticity")
    assert results(browser)


REFERENCE = re.compile(r"""(?:src|href)=["']([^"']+)["']|url\(["']?([^"')]+)["']?\)""")


@pytest.mark.parametrize("kind", ["html", "css"])
def test_nothing_is_fetched_from_elsewhere(site: Path, kind):
    """Links that a reader may click lead out; scripts, styles and fonts never do."""
    outside = []
    for page in site.rglob(f"*.{kind}"):
        text = page.read_text(encoding="utf-8")
        if kind == "html":
            text = " ".join(re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", text))
        for pair in REFERENCE.findall(text):
            target = pair[0] or pair[1]
            if urlsplit(target).netloc:
                outside.append(f"{page.relative_to(site)}: {target}")
    assert not outside, "\n".join(outside[:20])


def test_addresses_of_other_sites_are_whole(site: Path):
    """They are reached only with ``-b linkcheck``; here they must be well formed."""
    wrong = []
    for page in site.rglob("*.html"):
        for target in re.findall(
            r'<a [^>]*href="(https?:[^"]*)"', page.read_text("utf-8")
        ):
            parts = urlsplit(target)
            if parts.scheme != "https" or "." not in parts.netloc or " " in target:
                wrong.append(f"{page.relative_to(site)}: {target}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_one_half_is_one_over_two(site: Path):
    """TeX takes one digit each for what is over and under the line of a fraction."""
    twelve = re.compile(r"<mfrac[^>]*>\s*<mn>\d\d</mn>")
    pages = {page: page.read_text("utf-8") for page in site.rglob("*.html")}
    assert "<mfrac" in pages[site / "guides" / "descent.html"]
    wrong = [str(page) for page, text in pages.items() if twelve.search(text)]
    assert not wrong, wrong


def test_what_a_shell_prints_is_not_broken(site: Path):
    page = (site / "project" / "add-an-operator.html").read_text("utf-8")
    assert "okubo_weiss:coordinates" in page
    assert re.search(r"\d passed", page)
