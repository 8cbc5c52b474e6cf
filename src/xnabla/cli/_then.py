"""What is typed after ``--then``: the next step, up to the one after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xnabla.recipes import Step

THEN = "--then"


@dataclass(slots=True)
class Typed:
    """The words of a step, as they were typed.

    Attributes
    ----------
    words : list of str
        The operator and what is for it.
    """

    words: list[str] = field(default_factory=list)

    def step(self) -> Step:
        """Return the step that is meant.

        Raises
        ------
        OptionError
            If there is no such operator, option or value.
        """
        from xnabla.errors import OptionError, explain
        from xnabla.recipes import step_of

        if not self.words:
            raise OptionError(
                explain(
                    "--then has no operator after it",
                    hint="--then magnitude",
                )
            )
        name, *rest = self.words
        given: dict[str, Any] = {}
        bare: list[str] = []
        words = iter(rest)
        for word in words:
            key, mark, value = word.partition("=")
            if key.startswith("--"):
                key = key.removeprefix("--")
                value = value if mark else next(words, "")
            elif word.startswith("-") and not _begins_number(word):
                raise OptionError(
                    explain(
                        f"{word!r} is no option of a step",
                        expected="--name value, or name=value",
                    )
                )
            elif not mark:
                bare.append(word)
                continue
            if key in given and key in _several(name):
                given[key] = [*given[key], value]
                continue
            if key in given:
                raise OptionError(
                    explain(
                        f"{name} has got {key!r} twice", got=f"{given[key]!r} first"
                    )
                )
            given[key] = [value] if key in _several(name) else value
        return step_of(name, given, bare)


def _begins_number(word: str) -> bool:
    return word[1:2].isdigit() or (word[1:2] == "." and word[2:3].isdigit())


def _several(name: str) -> set[str]:
    """Return the parameters of an operator that may be given several times."""
    from xnabla.recipes import OPERATORS

    operator = OPERATORS.get(name.replace("-", "_"))
    parameters = () if operator is None else operator.parameters
    return {one.name for one in parameters if one.several}


def divided(
    args: Sequence[str], shared: Mapping[str, bool]
) -> tuple[list[str], list[Typed]]:
    """Return the words of the first command, and those of each step after it.

    Options that all steps share belong to the whole, wherever they stand; so do the
    words after ``--``, which are files.

    Parameters
    ----------
    args : sequence of str
        What was typed after the command.
    shared : mapping of option to bool
        The options of the whole, and whether a value follows.

    Examples
    --------
    >>> words = "t.nc --then smooth length_scale=9km -o out.nc --then magnitude"
    >>> first, steps = divided(words.split(), {"-o": True})
    >>> first, [step.words for step in steps]
    (['t.nc', '-o', 'out.nc'], [['smooth', 'length_scale=9km'], ['magnitude']])
    """
    first: list[str] = []
    steps: list[Typed] = []
    words = iter(args)
    for word in words:
        if word == "--":
            return [*first, word, *words], steps
        if word == THEN or word.startswith(f"{THEN}="):
            steps.append(Typed([name for name in [word[len(THEN) + 1 :]] if name]))
        elif not steps or _option(word, shared):
            first.append(word)
            if steps and shared.get(word, False):
                first += [value for value in [next(words, None)] if value is not None]
        else:
            steps[-1].words.append(word)
    return first, steps


def _option(word: str, shared: Collection[str]) -> bool:
    """Tell an option of the whole, also with its value: ``--plot=x``, ``-ox``."""
    if word.startswith("--"):
        return word.partition("=")[0] in shared
    return word.startswith("-") and word[:2] in shared
