"""Every error xnabla raises, and the one shape of their messages."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "FieldError",
    "FileError",
    "FillValueWarning",
    "GridError",
    "OptionError",
    "UnitsError",
    "XnablaError",
    "explain",
    "printable",
    "together",
]


class XnablaError(Exception):
    """Anything xnabla refuses to do; the message is a sentence for people.

    Examples
    --------
    >>> import xnabla
    >>> try:
    ...     xnabla.set_options(accuracy=3)
    ... except xnabla.XnablaError as fault:
    ...     print(f"{type(fault).__name__}: {fault}")
    OptionError: Option 'accuracy' cannot be 3. Expected one of 2, 4, 6. Try: accuracy=2
    """


class GridError(XnablaError, ValueError):
    """The coordinates do not describe a grid that can be differentiated."""


class UnitsError(XnablaError, ValueError):
    """A unit is missing, unknown, or of the wrong dimension."""


class FieldError(XnablaError, TypeError):
    """The values of a field are of a kind that has no derivative."""


class OptionError(XnablaError, ValueError):
    """An option has a value it cannot have."""


class FileError(XnablaError, OSError):
    """A file cannot be read, or must not be written."""


class FillValueWarning(UserWarning):
    """Values are taken as missing, or as values, and the file does not say which.

    Attributes
    ----------
    facts : dict
        The variable, the value and the points, for a program.
    """

    def __init__(self, text: str, facts: dict[str, object] | None = None) -> None:
        super().__init__(text)
        self.facts = facts or {}


def explain(
    wrong: str,
    *,
    expected: object = None,
    got: object = None,
    hint: str | None = None,
) -> str:
    """Build a message: what is wrong, what was expected, what was found, what to type.

    Parameters
    ----------
    wrong : str
        What is wrong, with the name of the thing.
    expected, got : object, optional
        The rule, and the value that breaks it.
    hint : str, optional
        What to type.

    Returns
    -------
    str
        One line of text, control characters escaped.

    Examples
    --------
    >>> explain("Coordinate 'lat' has no units", expected="'degrees_north'",
    ...         got="nothing", hint="field['lat'].attrs['units'] = 'degrees_north'")
    "Coordinate 'lat' has no units. Expected 'degrees_north'; got nothing. \
Try: field['lat'].attrs['units'] = 'degrees_north'"
    """
    parts = [wrong.rstrip(".") + "."]
    facts = [f"expected {expected}"] if expected is not None else []
    facts += [f"got {got}"] if got is not None else []
    if facts:
        sentence = "; ".join(facts)
        parts.append(sentence[0].upper() + sentence[1:] + ".")
    if hint is not None:
        parts.append(f"Try: {hint}")
    return printable(" ".join(parts))


def together(faults: Iterable[XnablaError]) -> XnablaError:
    """Return one error that tells all faults of one input.

    The class is that of the first fault; nothing is said twice.
    """
    unique = list({str(fault): fault for fault in faults}.values())
    if len(unique) == 1:
        return unique[0]
    return type(unique[0])(" | ".join(str(fault) for fault in unique))


def printable(text: str) -> str:
    r"""Escape control characters, which a file's names may carry to a terminal.

    Examples
    --------
    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
