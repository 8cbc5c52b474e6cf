"""Whole jobs, file to file, as plain data.

Reading order: a ``_step`` is an operator with the ``_values`` it is given; a ``_chain``
of them is checked before anything is read; a ``_job`` finds its ``_inputs`` in the
``_sources``, takes what ``_picks`` say, and has the steps done in ``_operate``.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.recipes._adaptors_catalogue import ADAPTORS, OPERATORS
    from xnabla.recipes._chain import Link, planned
    from xnabla.recipes._check import Check, check_lines
    from xnabla.recipes._info import info_lines
    from xnabla.recipes._job import Job, run
    from xnabla.recipes._memory import bytes_of
    from xnabla.recipes._step import (
        Step,
        operator_of,
        step_of,
    )
    from xnabla.recipes._storage import compression_of, fills_of
    from xnabla.recipes._summary import summary_lines, told_of
    from xnabla.recipes._values import alike, parameters_of, shown, value_of
    from xnabla.recipes.script import (
        Plan,
        RecipeError,
        Watch,
        carry_out,
        in_recipe,
        plan,
        plan_lines,
        read_recipe,
        reporting,
        run_recipe,
    )

__all__ = [
    "ADAPTORS",
    "OPERATORS",
    "Check",
    "Job",
    "Link",
    "Plan",
    "RecipeError",
    "Step",
    "Watch",
    "alike",
    "bytes_of",
    "carry_out",
    "check_lines",
    "compression_of",
    "fills_of",
    "in_recipe",
    "info_lines",
    "operator_of",
    "parameters_of",
    "plan",
    "plan_lines",
    "planned",
    "read_recipe",
    "reporting",
    "run",
    "run_recipe",
    "shown",
    "step_of",
    "summary_lines",
    "told_of",
    "value_of",
]

_HOMES = {
    "_adaptors_catalogue": "ADAPTORS OPERATORS",
    "_chain": "Link planned",
    "_check": "Check check_lines",
    "_info": "info_lines",
    "_job": "Job run",
    "_memory": "bytes_of",
    "_step": "Step operator_of step_of",
    "_storage": "compression_of fills_of",
    "_summary": "summary_lines told_of",
    "_values": "alike parameters_of shown value_of",
    "script": "Plan RecipeError Watch carry_out in_recipe plan plan_lines read_recipe "
    "reporting run_recipe",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
