"""How the site is built: ``sphinx -W --keep-going -n -j 2 docs docs/_build/html``.

Every cell of every page is executed while it is built; a cell that fails, a link that
leads nowhere, a formula that cannot be read fail the build. Nothing is fetched, neither
while it is built nor when it is read.

``XNABLA_DOCS_EXECUTE=cache`` executes only the pages whose cells changed, ``off`` none:
for those who write.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as _version_of
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent / "src")]

# What the kernels of the pages see: our commands, the sample data, their own folder.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(HERE.parent / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
)
os.environ["IPYTHONDIR"] = str(HERE / "_ipython")
os.environ["XNABLA_CHECKOUT"] = str(HERE.parent)
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
os.environ["COLUMNS"] = "88"

project = "xnabla"
author = "The xnabla developers"
copyright = author  # noqa: A001
release = version = _version_of("xnabla")

extensions = [
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "mathml",
    "side_by_side",
    "reference",
]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = [
    "_build",
    "_ipython",
    "_extensions",
    "tests",
    "README.md",
    "gallery/README.md",
    "examples",
]
nitpicky = True
# Other projects' inventories would need a network; types of theirs are plain text.
nitpick_ignore_regex = [("py:.*", r"(?!xnabla).*")]

# -- pages with cells
nb_execution_mode = {"cache": "cache", "off": "off"}.get(
    os.environ.get("XNABLA_DOCS_EXECUTE", ""), "force"
)
nb_execution_show_tb = True  # a cell that fails is a warning, and so an error with -W
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_output_stderr = "warn"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 4
myst_links_external_new_tab = True
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# -- from docstrings
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# -- how it looks: nothing from elsewhere
html_theme = "pydata_sphinx_theme"
html_title = "xnabla"
html_static_path = ["_static"]
html_favicon = "_static/nabla.svg"
html_css_files = ["xnabla.css"]
html_math_renderer = "mathml"
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"index": [], "ten-minutes": []}
html_theme_options = {
    "logo": {"text": "∇ xnabla"},
    "navbar_align": "left",
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "pygments_light_style": "tango",
}
# Addresses are checked with ``-b linkcheck`` where there is a network.
linkcheck_timeout = 20
linkcheck_workers = 4
