"""Where commands stand in the help: a heading, and the names below it."""

from __future__ import annotations

from collections.abc import Iterable

from xnabla.descent import CATALOGUE as DESCENT


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What is in none stands with the gradients.
_SECTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Gradients and derivatives", frozenset()),
    (
        "Wind",
        _words(
            "velocity_gradient divergence vorticity kinematics shearing_deformation "
            "stretching_deformation total_deformation advection material_derivative "
            "moisture_flux_divergence frontogenesis destagger"
        ),
    ),
    (
        "Balance and rotation",
        _words(
            "coriolis_parameter absolute_vorticity potential_vorticity "
            "geostrophic_wind ageostrophic_wind thermal_wind inertial_advective_wind "
            "q_vector montgomery_streamfunction"
        ),
    ),
    (
        "Smoothing",
        _words(
            "smooth_gaussian smooth_n_point smooth_window smooth_rectangular "
            "smooth_circular"
        ),
    ),
    ("Descent", frozenset(DESCENT)),
    ("After --then", _words("magnitude direction select mean max min std")),
    ("Recipes", _words("run")),
    ("Files", _words("info check operators completion")),
)


def by_section(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of commands under the headings they stand under.

    Examples
    --------
    >>> by_section(["gradient", "vorticity", "info"])["Wind"]
    ['vorticity']
    """
    homes = {name: title for title, own in _SECTIONS for name in own}
    found: dict[str, list[str]] = {title: [] for title, _ in _SECTIONS}
    for name in names:
        found[homes.get(name, _SECTIONS[0][0])].append(name)
    return {title: own for title, own in found.items() if own}
