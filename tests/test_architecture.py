"""What importing does and does not do, and the shape of the source."""

import ast
import importlib
import inspect
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest
from timing import child_seconds

import xnabla as xn
import xnabla.operators

SOURCE = Path(xn.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
NAMES = [str(file.relative_to(SOURCE)) for file in FILES]
PUBLIC = [name for name in xn.__all__ if callable(getattr(xn, name))]
FUNCTIONS = [name for name in PUBLIC if inspect.isfunction(getattr(xn, name))]


def python(code):
    """Run code in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("name", xn.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(xn, name) is not None


def test_the_public_names_are_on_one_screen():
    assert len((SOURCE / "__init__.py").read_text().splitlines()) <= 80


def test_the_public_names_are_sorted_and_listed_by_dir():
    assert sorted(set(xn.__all__)) == sorted(xn.__all__)
    assert set(xn.__all__) <= set(dir(xn))


def test_type_checkers_see_every_public_name():
    tree = ast.parse((SOURCE / "__init__.pyi").read_text())
    imports = (n for n in tree.body if isinstance(n, ast.ImportFrom))
    seen = {a.asname for n in imports for a in n.names}
    assert seen == set(xn.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = xn.nonsense


@pytest.mark.parametrize(
    "room", ["descent", "operators", "grid", "labels", "numerics", "units", "files"]
)
def test_the_names_a_room_offers_exist(room):
    module = importlib.import_module(f"xnabla.{room}")
    for name in module.__all__:
        assert getattr(module, name) is not None


HEAVY = [
    "dask",
    "numba",
    "matplotlib",
    "scipy",
    "pyproj",
    "netCDF4",
    "xarray",
    "pint",
    "pandas",
    "numpy",
]


def test_importing_xnabla_imports_nothing_heavy():
    loaded = python(f"""
        import sys, xnabla
        print([name for name in {HEAVY} if name in sys.modules])
    """)
    assert loaded == "[]"


def test_importing_xnabla_with_xarray_imports_no_more_than_xarray_does():
    loaded = python("""
        import sys, xarray, pint
        before = set(sys.modules)
        import xnabla
        heavy = {"dask", "numba", "matplotlib", "scipy", "pyproj", "netCDF4"}
        print(sorted(heavy & (set(sys.modules) - before)))
    """)
    assert loaded == "[]"


def test_a_small_gradient_loads_nothing_heavy_of_its_own():
    """What pint and xarray load with a quantity in a DataArray is theirs."""
    loaded = python("""
        import sys, numpy as np, xarray as xr, pint
        f = xr.DataArray(np.zeros((3, 4)), dims=("lat", "lon"), attrs={"units": "K"},
            coords={"lat": ("lat", [0., 1., 2.], {"units": "degrees_north"}),
                    "lon": ("lon", [0., 1., 2., 3.], {"units": "degrees_east"})})
        repr(f.copy(data=pint.Quantity(f.values, "K")))
        before = set(sys.modules)
        import xnabla
        f.nabla.gradient()
        heavy = {"numba", "dask.array", "matplotlib", "pyproj", "scipy", "netCDF4"}
        print(sorted(heavy & (set(sys.modules) - before)))
    """)
    assert loaded == "[]"


def test_importing_leaves_the_application_registry_of_pint_alone():
    same = python("""
        import pint
        before = pint.get_application_registry().get()
        autoconvert = before.autoconvert_offset_to_baseunit
        import xnabla, xarray as xr
        f = xr.DataArray([1., 2., 4.], dims="x", attrs={"units": "degC"},
                         coords={"x": ("x", [0., 1., 2.], {"units": "km"})})
        f.nabla.gradient(units="K/km")
        after = pint.get_application_registry().get()
        print(after is before, after.autoconvert_offset_to_baseunit == autoconvert)
    """)
    assert same == "True True"


@pytest.mark.parametrize(
    "imports", ["xnabla, xarray", "xarray, xnabla", "xarray, xnabla, xarray"]
)
def test_the_accessor_is_there_in_whatever_order_one_imports(imports):
    out = python(f"""
        import {imports}
        print(callable(xarray.DataArray([1.0]).nabla.gradient))
    """)
    assert out == "True"


def test_reloading_xnabla_does_not_warn_of_a_second_accessor():
    assert (
        python("""
        import warnings; warnings.simplefilter("error")
        import importlib, xarray, xnabla
        importlib.reload(xnabla)
        print("fine")
    """)
        == "fine"
    )


def test_importing_before_xarray_leaves_its_module_as_it_was():
    out = python("""
        import xnabla, sys, xarray
        print(type(xarray.__spec__.loader).__name__, type(xarray.__loader__).__name__,
              any("Waiting" in type(f).__name__ for f in sys.meta_path))
    """)
    assert out == "SourceFileLoader SourceFileLoader False"


def test_importing_a_part_of_xarray_first_registers_the_accessor():
    out = python("""
        import xnabla
        from xarray.core.dataarray import DataArray
        print(hasattr(DataArray, "nabla"))
    """)
    assert out == "True"


def test_xnabla_imports_where_xarray_is_missing():
    """The waiting hook must leave an ImportError an ImportError."""
    out = python("""
        import sys, xnabla
        class Hide:
            def find_spec(self, name, path, target=None):
                if name == "xarray":
                    raise ModuleNotFoundError("no xarray", name="xarray")
        sys.meta_path.insert(0, Hide())
        try:
            import xarray
        except ModuleNotFoundError:
            print("fine")
    """)
    assert out == "fine"


def test_importing_costs_little_beside_xarray_and_pint():
    """The design asks for 1.2; a busy machine gets 1.4."""
    commands = "import xarray, pint", "import xarray, pint, xnabla"
    pairs = [
        [child_seconds(partial(python, code)) for code in commands] for _ in range(3)
    ]
    without, ours = map(min, zip(*pairs, strict=True))
    assert ours < 1.4 * without


def test_numerics_knows_arrays_only():
    loaded = python("""
        import sys, xnabla.numerics
        print([n for n in ("xarray", "pint", "pandas", "netCDF4") if n in sys.modules])
    """)
    assert loaded == "[]"


FORBIDDEN = {"numerics": {"xarray", "pint", "pandas", "netCDF4", "matplotlib"}}


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("numerics")])
def test_no_file_of_numerics_imports_labels_or_units(name):
    assert not imports_of(SOURCE / name) & FORBIDDEN["numerics"]


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("units")])
def test_only_units_imports_pint(name):
    assert "pint" not in imports_of(SOURCE / name)


def imports_of(file):
    """Return the packages a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_at_most_400_lines(name):
    assert len((SOURCE / name).read_text().splitlines()) <= 400


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_in_one_sentence_what_it_is(name):
    text = ast.get_docstring(ast.parse((SOURCE / name).read_text()))
    assert text
    summary = text.split("\n\n")[0].split("\n")[0]
    assert summary.endswith((".", "…"))
    assert len(summary) <= 88


@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("cli")])
def test_no_file_reads_the_environment_evaluates_text_or_unpickles(name):
    tree = ast.parse((SOURCE / name).read_text())
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"eval", "exec", "__import__"}
    assert "pickle" not in imports_of(SOURCE / name)
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    if name != "files/_grib.py":  # which Python decodes GRIB is the machine's to say
        assert not attributes & {"environ", "getenv"}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_thing_has_a_docstring(name):
    assert len(inspect.getdoc(getattr(xn, name)) or "") > 20


SECTIONS = ["Parameters", "Returns", "Raises", "Examples"]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_tells_parameters_returns_raises_and_examples(name, section):
    function = getattr(xn, name)
    if section == "Parameters" and not inspect.signature(function).parameters:
        return
    if section == "Raises" and name == "get_options":
        return
    text = inspect.getdoc(function)
    assert f"{section}\n{'-' * len(section)}" in text


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_docstring_names_every_parameter(name):
    function = getattr(xn, name)
    text = inspect.getdoc(function)
    for parameter in inspect.signature(function).parameters:
        assert parameter in text


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert xn.__version__ == version("xnabla")


def test_the_package_is_typed():
    assert (SOURCE / "py.typed").exists()
