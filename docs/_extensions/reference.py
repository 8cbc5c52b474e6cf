"""The pages of docs/reference/made, written from the package before each build.

One page for every public name, the lists of them, the table of operators and the text
of every command.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# Public names by what they are for. What is in none comes last, under "More".
GROUPS: dict[str, str] = {
    "Fields, grids and files": (
        "open open_dataset save grid_of Grid Earth accuracy_report AccuracyReport "
        "quantify dequantify Options get_options set_options"
    ),
    "Gradients and derivatives": (
        "gradient derivative laplacian hessian Components Parts destagger"
    ),
    "Wind": (
        "velocity_gradient divergence vorticity kinematics shearing_deformation "
        "stretching_deformation total_deformation advection material_derivative "
        "moisture_flux_divergence frontogenesis"
    ),
    "Balance and rotation": (
        "coriolis_parameter absolute_vorticity potential_vorticity geostrophic_wind "
        "ageostrophic_wind thermal_wind inertial_advective_wind q_vector "
        "montgomery_streamfunction"
    ),
    "Smoothing": (
        "smooth_gaussian smooth_n_point smooth_window smooth_rectangular "
        "smooth_circular"
    ),
    "Down a field": (
        "find_extrema critical_points Points basins closed_contours steepest_path "
        "persistence_diagram"
    ),
    "In every cell": (
        "trend regress harmonic_fit theil_sen fit_model predict detrend "
        "field_significance"
    ),
    "Over a field": (
        "poisson helmholtz fill_missing smooth analysis_2dvar minimize_field "
        "operator_matrix OperatorMatrix"
    ),
    "Of any function": (
        "descend check_gradient derivative_of gradient_of hessian_of turning_points "
        "propagate_uncertainty"
    ),
    "Whole jobs": "run_recipe",
    "Errors": (
        "XnablaError FieldError FileError GridError OptionError UnitsError "
        "FillValueWarning"
    ),
}


def write(app: Sphinx) -> None:
    """Write every page that is made from the package."""
    folder = Path(app.srcdir) / "reference" / "made"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "operators.md": _operators(),
        "commands.md": _commands(),
        **_names("xnabla", _grouped(), "functions"),
        **_names("xnabla.plot", {"Pictures": _public("xnabla.plot")}, "plot"),
    }
    for old in folder.iterdir():
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        page = folder / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def _public(module: str) -> list[str]:
    import importlib

    return sorted(importlib.import_module(module).__all__)


def _grouped() -> dict[str, list[str]]:
    """Return the public names by group, all of them; those in none come last."""
    groups = {title: names.split() for title, names in GROUPS.items()}
    listed = {name for names in groups.values() for name in names}
    public = set(_public("xnabla")) - {"plot"}
    if gone := sorted(listed - public):
        told = f"docs/_extensions/reference.py lists what xnabla has not: {gone}"
        raise ExtensionError(told)
    more = sorted(public - listed)
    return {**groups, **({"More": more} if more else {})}


def _names(module: str, groups: dict[str, list[str]], listing: str) -> dict[str, str]:
    """Return a page for each name of a module, and the page that lists them."""
    import importlib

    home = importlib.import_module(module)
    pages = {}
    lists: list[str] = []
    for title, names in groups.items():
        lists += ["", f"## {title}", "", "| | |", "|---|---|"]
        for name in names:
            thing = getattr(home, name)
            page = f"{module}.{name}"
            pages[f"{page}.rst"] = _page(module, name, thing)
            lists.append(f"| [`{name}`]({page}.rst) | {_summary(thing)} |")
        entries = [f"{name} <{module}.{name}>" for name in names]
        lists += ["", "```{toctree}", ":hidden:", "", *entries, "```"]
    pages[f"{listing}.md"] = "\n".join([f"# `{module}`", *lists]) + "\n"
    return pages


def _page(module: str, name: str, thing: Any) -> str:
    kind = "autoclass" if inspect.isclass(thing) else "autofunction"
    lines = [name, "=" * len(name), "", f".. currentmodule:: {module}", ""]
    lines += [f".. {kind}:: {name}"]
    if kind == "autoclass" and not issubclass(thing, Exception):
        lines += ["   :members:"]
    return "\n".join(lines) + "\n"


def _summary(thing: Any) -> str:
    told = inspect.getdoc(thing) or ""
    return " ".join(told.split("\n\n")[0].split()).replace("``", "`")


def _operators() -> str:
    """Return the table of the catalogue, as the command line lists it."""
    from xnabla.cli._sections import by_section
    from xnabla.descent import WHOLE

    lines = ["# Operators", ""]
    lines += [
        f"{len(WHOLE)} operators, each a function of labelled fields, a method of "
        "`field.nabla`, a command and a step of recipes, from one entry in the "
        "catalogue. This page is made from it. Units are those of the result without "
        "`units=`, `[f]` that of the field.",
    ]
    for title, names in by_section(WHOLE).items():
        lines += ["", f"## {title}", ""]
        lines += ["| operator | what it is | formula | unit |", "|---|---|---|---|"]
        for name in names:
            one = WHOLE[name]
            formula = one.formula.replace("|", "\\|")
            page = _function_page(one)
            shown = f"[`{name}`]({page})" if page else f"`{name}`"
            lines.append(f"| {shown} | {one.summary} | `{formula}` | {one.unit} |")
    return "\n".join(lines) + "\n"


def _function_page(operator: Any) -> str | None:
    """Return the page of an operator's function, whatever it is called in Python."""
    import xnabla

    # in Python some have a longer name, and more to ask for
    longer = {operator.name, f"find_{operator.name}", f"{operator.name}_missing"}
    for name in xnabla.__all__:
        if name in longer or getattr(xnabla, name) is operator.function:
            return f"xnabla.{name}.rst"
    return None


def _commands() -> str:
    """Return what each command says of itself."""
    import click

    from xnabla.cli._main import program
    from xnabla.cli._sections import by_section

    def help_of(command: click.Command, name: str) -> str:
        parent = click.Context(program, info_name="xnabla", max_content_width=88)
        own = click.Context(command, info_name=name, parent=parent)
        return command.get_help(own)

    top = click.Context(program, info_name="xnabla", max_content_width=88)
    lines = ["# Commands", "", "What each command says with `--help`.", ""]
    lines += ["```text", program.get_help(top), "```"]
    for title, names in by_section(program.commands).items():
        lines += ["", f"## {title}"]
        for name in names:
            text = help_of(program.commands[name], name)
            lines += ["", f"### {name}", "", "```text", text, "```"]
    return "\n".join(lines) + "\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when the builder is ready."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
