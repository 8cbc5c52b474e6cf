"""Where results may go: refused before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xnabla.errors import FileError, OptionError, explain
from xnabla.files import check_target, expanded

_PICTURES = {".png", ".pdf", ".svg", ".jpg", ".jpeg"}


def check_targets(
    sources: Iterable[str],
    output: str | None,
    plot: str | None,
    *,
    overwrite: bool,
    append: str | None = None,
) -> str | None:
    """Refuse targets that cannot be written, or that would destroy the input.

    Returns
    -------
    str or None
        The format of the picture, if there is one.

    Raises
    ------
    FileError, OptionError
    """
    if output is not None and Path(output).suffix.lower() in _PICTURES:
        raise OptionError(
            explain(
                f"{output!r} is the name of a picture, and -o writes NetCDF",
                expected="a name such as 'gradient.nc'",
                hint=f"--plot {output}",
            )
        )
    places = []
    for target in (output, plot):
        if target is None:
            continue
        for source in sources:
            _check_not_source(source, target)
        grows = append is not None and target == output
        places.append(check_target(target, overwrite=overwrite or grows))
    if len(places) == 2 and places[0] == places[1]:
        raise OptionError(
            explain(
                "The file and the picture cannot have one name",
                expected="two names",
                got=f"{output!r} and {plot!r}",
                hint="-o gradient.nc --plot gradient.png",
            )
        )
    if plot is None:
        return None
    from xnabla.plot import picture_format

    return picture_format(plot)


def _check_not_source(source: str, target: str) -> None:
    """Refuse the input itself, also under another name."""
    try:
        same = expanded(target).samefile(expanded(source))
    except (OSError, ValueError):
        return  # one of them does not exist
    if same:
        raise FileError(
            explain(
                f"'{target}' is '{source}', the file it would be made from",
                expected="another name for the result",
                hint="another name for the output",
            )
        )
