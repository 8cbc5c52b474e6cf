"""A recipe as plain data: inputs, steps, outputs, plots, and how they refer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from xnabla.recipes._memory import DEFAULT_MEMORY
from xnabla.recipes._picks import Pick
from xnabla.recipes.script._lines import Where

__all__ = [
    "InputPart",
    "OutputPart",
    "PlotPart",
    "Recipe",
    "Reference",
    "StepPart",
    "Target",
]


@dataclass(frozen=True, slots=True)
class Reference:
    """A field by name: of a file, ``inputs.gfs.t``, or of a step, ``grad.magnitude``.

    Attributes
    ----------
    kind : {"input", "step"}
    name : str
        Of the input or the step.
    part : str or None
        The variable of the file, or the part of the result.
    where : tuple
        Where it stands in the recipe.
    """

    kind: Literal["input", "step"]
    name: str
    part: str | None
    where: Where = field(compare=False, default=())

    def __str__(self) -> str:
        """Return it as it is written."""
        words = ["inputs"] * (self.kind == "input") + [self.name]
        return ".".join([*words, self.part] if self.part is not None else words)


@dataclass(frozen=True, slots=True)
class InputPart:
    """Files to read from.

    Attributes
    ----------
    name : str
    paths : tuple of str
        As they are written; ``*`` and ``?`` stand for names that are there.
    variable : str or None
        The one variable that is meant.
    picks : tuple of Pick
        What is selected first: a level, a time, a region.
    fill : mapping
        Numbers that mean missing where the files do not say so, by the variable.
    """

    name: str
    paths: tuple[str, ...]
    variable: str | None = None
    picks: tuple[Pick, ...] = ()
    fill: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """Where it stands in the recipe."""
        return ("inputs", self.name)


@dataclass(frozen=True, slots=True)
class StepPart:
    """An operator on fields.

    Attributes
    ----------
    name : str
    operator : str
        A name of the catalogue.
    fields : mapping of str to tuple of Reference
        By the name of the argument.
    parameters : mapping of str to Any
        As the function takes them.
    """

    name: str
    operator: str
    fields: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """Where it stands in the recipe."""
        return ("steps", self.name)

    def references(self) -> Iterator[Reference]:
        """Yield what it is made of."""
        for several in self.fields.values():
            yield from several

    def __str__(self) -> str:
        """Return it as a call."""
        fields = {k: ", ".join(map(str, v)) for k, v in self.fields.items()}
        values = {k: repr(v) for k, v in self.parameters.items()}
        words = ", ".join(f"{k}={v}" for k, v in {**fields, **values}.items())
        return f"{self.operator}({words})"


@dataclass(frozen=True, slots=True)
class OutputPart:
    """A file to write.

    Attributes
    ----------
    name : str
    file : str
    variables : tuple of pair of (str or None, Reference)
        What it holds, and under which names; ``None`` keeps a name.
    compression : bool or str
    picks : tuple of Pick
        What is cut out last.
    """

    name: str
    file: str
    variables: tuple[tuple[str | None, Reference], ...]
    compression: Any = True
    picks: tuple[Pick, ...] = ()

    @property
    def where(self) -> Where:
        """Where it stands in the recipe."""
        return ("outputs", self.name)

    def references(self) -> Iterator[Reference]:
        """Yield what it is made of."""
        yield from (one for _, one in self.variables)


@dataclass(frozen=True, slots=True)
class PlotPart:
    """A picture to draw.

    Attributes
    ----------
    name : str
    file : str
    step : Reference
        What is drawn: a step as its command draws it, or a part of it as a map.
    contours : Reference or None
        A field drawn over it as lines.
    arrows : tuple of Reference
        The two parts of a wind, or none.
    options : mapping of str to Any
        ``title``, ``crs``.
    picks : tuple of Pick
        What is cut out last.
    """

    name: str
    file: str
    step: Reference
    contours: Reference | None = None
    arrows: tuple[Reference, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    picks: tuple[Pick, ...] = ()

    @property
    def where(self) -> Where:
        """Where it stands in the recipe."""
        return ("plots", self.name)

    def references(self) -> Iterator[Reference]:
        """Yield what it is made of."""
        yield self.step
        if self.contours is not None:
            yield self.contours
        yield from self.arrows


Target: TypeAlias = OutputPart | PlotPart


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to do, as plain data.

    Attributes
    ----------
    called : str
        What messages call it: the name of its file.
    text : str
        What was read.
    folder : Path
        What its paths are relative to: the folder it lies in.
    title, description : str
    memory : int
        Bytes it may take, all in all.
    inputs, steps, outputs, plots : mapping of str to part
    report : str or None
        The page to write about a run; the same as JSON lies beside it.
    lines : mapping of Where to int
        The line of every key.
    """

    called: str
    text: str
    folder: Path
    title: str = ""
    description: str = ""
    memory: int = DEFAULT_MEMORY
    inputs: Mapping[str, InputPart] = field(default_factory=dict)
    steps: Mapping[str, StepPart] = field(default_factory=dict)
    outputs: Mapping[str, OutputPart] = field(default_factory=dict)
    plots: Mapping[str, PlotPart] = field(default_factory=dict)
    report: str | None = None
    lines: Mapping[Where, int] = field(default_factory=dict)

    @property
    def targets(self) -> tuple[Target, ...]:
        """All files it makes, in its order."""
        return (*self.outputs.values(), *self.plots.values())

    def path(self, written: str) -> Path:
        """Return the place that a path of the recipe means."""
        from xnabla.files import expanded

        return self.folder / expanded(written)

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return Path(self.called).stem or "recipe"
