"""Recipes: jobs of many steps in a TOML file, checked, planned, resumed and reported.

Reading order: ``_read`` makes the ``_parts`` of a text (``_schema``, ``_steps`` and the
``_lines`` of keys help); ``_check`` and ``_sketch`` look at all they refer to without
reading data; ``_plan`` says what is to be made, by the ``_state`` of earlier runs;
``_make`` makes it on a ``_bench``; ``_report`` and ``_page`` tell of it.
"""

from xnabla.recipes.script._faults import Fault, RecipeError, in_recipe
from xnabla.recipes.script._make import Watch
from xnabla.recipes.script._plan import Plan, plan, plan_lines
from xnabla.recipes.script._read import read_recipe, reporting
from xnabla.recipes.script._run import carry_out, run_recipe

__all__ = [
    "Fault",
    "Plan",
    "RecipeError",
    "Watch",
    "carry_out",
    "in_recipe",
    "plan",
    "plan_lines",
    "read_recipe",
    "reporting",
    "run_recipe",
]
