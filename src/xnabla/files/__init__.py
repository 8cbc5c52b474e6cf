"""NetCDF in and out, with provenance: files are checked, and written whole or not."""

from xnabla.files._cluster import is_distributed
from xnabla.files._form import form_of
from xnabla.files._gather import gathered
from xnabla.files._open import open, open_dataset, open_uncut  # noqa: A004
from xnabla.files._path import expanded
from xnabla.files._pick import pick_variable
from xnabla.files._probe import probe_file
from xnabla.files._provenance import history_line
from xnabla.files._publish import check_target, publish
from xnabla.files._sniff import check_file
from xnabla.files._tally import (
    Tally,
    held,
    notes_of,
    tallies_of,
    warn_of,
    with_remarks,
)
from xnabla.files._write import save

__all__ = [
    "Tally",
    "check_file",
    "check_target",
    "expanded",
    "form_of",
    "gathered",
    "held",
    "history_line",
    "is_distributed",
    "notes_of",
    "open",
    "open_dataset",
    "open_uncut",
    "pick_variable",
    "probe_file",
    "publish",
    "save",
    "tallies_of",
    "warn_of",
    "with_remarks",
]
