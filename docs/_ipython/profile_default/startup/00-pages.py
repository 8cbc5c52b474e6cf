"""Set up the kernel of a page: it stands at the top of a checkout, as readers do."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

_checkout = Path(os.environ["XNABLA_CHECKOUT"])
for _name in ("sample_data", "docs", "benchmarks"):
    if not Path(_name).exists():
        Path(_name).symlink_to(_checkout / _name, target_is_directory=True)
# as the tests do: what we show gives no warning
warnings.simplefilter("error", RuntimeWarning)


def _as_png(figure):
    from IPython.core.pylabtools import print_figure

    return print_figure(figure, fmt="png", dpi=110, bbox_inches="tight", base64=True)


# as ``%matplotlib inline`` would, without loading pyplot into every page
get_ipython().display_formatter.formatters["image/png"].for_type_by_name(  # noqa: F821
    "matplotlib.figure", "Figure", _as_png
)


def _bash(line, cell):
    """Run a cell in bash and print what it says at once.

    IPython's own prints as it comes, in pieces, and myst-nb puts each on a line.
    """
    run = subprocess.run(["bash", "-c", cell], capture_output=True, text=True)  # noqa: PLW1510
    sys.stdout.write(run.stdout)
    sys.stderr.write(run.stderr)
    run.check_returncode()


get_ipython().register_magic_function(_bash, "cell", "bash")  # noqa: F821
