"""Files as they should not be but are: each a plain field with one thing odd.

The field is 280 K plus a kelvin for each degree of latitude, so that its gradient is
known wherever a file can be read: a kelvin in the length of a degree.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np

LAT, LON = np.linspace(-40, 40, 9), np.arange(0, 360, 30.0)


def plain(file: Any, lat=LAT, lon=LON, name="t", dtype="f8", **how: Any) -> Any:
    """Write axes and the field; return the field."""
    for axis, points, units in (
        ("lat", np.asarray(lat), "degrees_north"),
        ("lon", np.asarray(lon), "degrees_east"),
    ):
        file.createDimension(axis, points.size)
        made = file.createVariable(axis, points.dtype, (axis,))
        made[:], made.units = points, units
    t = file.createVariable(name, dtype, ("lat", "lon"), **how)
    t.set_auto_maskandscale(False)
    t.units = "K"
    t[:] = (280.0 + np.add.outer(np.float64(lat), 0.0 * lon)).astype(t.dtype)
    return t


def with_netcdf(change: Callable[[Any, Any], object], **how: Any) -> Any:
    """Return a maker of a file that the NetCDF library changes."""

    def make(path: Path) -> None:
        with netCDF4.Dataset(path, "w") as file:
            change(file, plain(file, **how))

    return make


def with_hdf5(change: Callable[[Any], object], **how: Any) -> Any:
    """Return a maker of a file that is changed behind the NetCDF library's back."""

    def make(path: Path) -> None:
        with netCDF4.Dataset(path, "w") as file:
            plain(file, **how)
        with h5py.File(path, "r+") as file:
            change(file)

    return make


def attributes(**values: Any) -> Any:
    """Give the field attributes."""
    return with_netcdf(lambda file, t: t.setncatts(values))


def raw_attributes(**values: Any) -> Any:
    """Give the field attributes that the NetCDF library would not write."""
    return with_hdf5(lambda file: file["t"].attrs.update(values))


def near_seam(file: Any, t: Any) -> None:
    t[:, -1] += 0.2


def curvilinear(path: Path) -> None:
    """Dimensions lat and lon, and 2-D coordinates of the same names."""
    lat, lon = np.meshgrid(LAT, LON, indexing="ij")
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("lat", 9)
        file.createDimension("lon", 12)
        for name, points, units in (
            ("lat", lat + 0.01 * lon / 30, "degrees_north"),
            ("lon", lon, "degrees_east"),
        ):
            made = file.createVariable(name, "f8", ("lat", "lon"))
            made[:], made.units = points, units
        t = file.createVariable("t", "f8", ("lat", "lon"))
        t[:], t.units = 280 + lat + 0.01 * lon / 30, "K"
        t.coordinates = "lat lon"


def time_axis(units: str, points: Any, **more: Any) -> Any:
    def change(file: Any, t: Any) -> None:
        size = np.size(points)
        file.createDimension("time", size or None)
        time = file.createVariable("time", "f8", ("time",))
        if size:
            time[:] = points
        time.setncatts({"units": units, **more})
        deep = file.createVariable("deep", "f8", ("time", "lat", "lon"))
        deep.units = "K"
        if size:
            deep[:] = t[:][None] + np.arange(size)[:, None, None]

    return with_netcdf(change)


def levels(units: str, **more: Any) -> Any:
    def change(file: Any, t: Any) -> None:
        file.createDimension("level", 3)
        level = file.createVariable("level", "f8", ("level",))
        level[:] = [1000, 850, 500]
        level.setncatts({"units": units, **more})
        deep = file.createVariable("deep", "f8", ("level", "lat", "lon"))
        deep[:], deep.units = t[:][None] + level[:][:, None, None], "K"

    return with_netcdf(change)


def kinds(file: Any, t: Any) -> None:
    """Compound, enumeration, lists, text in characters and in strings."""
    pair = file.createCompoundType(np.dtype([("a", "f8"), ("b", "i4")]), "pair")
    colour = file.createEnumType("u1", "colour", {"red": 0, "green": 1})
    ragged = file.createVLType("f4", "ragged")
    for name, kind in (("pairs", pair), ("colours", colour), ("lists", ragged)):
        file.createVariable(name, kind, ("lat", "lon"))
    file["pairs"][0, 0] = np.array((1.0, 2), pair.dtype)
    file["colours"][:] = 1
    file["lists"][0, 0] = np.arange(3, dtype="f4")
    words = file.createVariable("words", str, ("lat",))
    words[0] = "\x1b[2J"
    letters = file.createVariable("letters", "S1", ("lat", "lon"))
    letters[:] = b"a"


def opaque(file: Any) -> None:
    file.create_dataset("blob", (9, 12), dtype=np.dtype("V5"))
    file["blob"].dims[0].attach_scale(file["lat"])
    file["blob"].dims[1].attach_scale(file["lon"])


def named(name: str) -> Any:
    return with_netcdf(lambda file, t: None, name=name)


def classic_of_nothing(path: Path) -> None:
    """A classic file that holds nothing at all, by its bytes."""
    path.write_bytes(b"CDF\x01" + bytes(28))


def classic_of_a_record(path: Path) -> None:
    """One record variable without records, and a name that is a path."""
    text = b"../up"
    word = struct.pack(">i", len(text)) + text + b"\0" * (-len(text) % 4)
    dims = struct.pack(">iii", 10, 1, 4) + b"time" + struct.pack(">i", 0)
    body = word + struct.pack(">iiiiiii", 1, 0, 0, 0, 6, 8, 0)
    data = b"CDF\x01" + struct.pack(">i", 0) + dims + bytes(8)
    data += struct.pack(">ii", 11, 1) + body
    data = data[:-4] + struct.pack(">i", len(data))
    path.write_bytes(data)


def scalars(path: Path) -> None:
    with netCDF4.Dataset(path, "w") as file:
        file.createVariable("t", "f8", ()).units = "K"
        file.createVariable("word", str, ())


def bounds(path: Path) -> None:
    def change(file: Any, t: Any) -> None:
        file["lat"].bounds = "lat_bnds"
        file["lon"].bounds = "t"
        t.setncatts({"coordinates": "t no_such lat", "grid_mapping": "t"})
        t.ancillary_variables = "t"

    with_netcdf(change)(path)


def of_numbers(file: Any, t: Any) -> None:
    """Attributes of text that are numbers, and lists of them."""
    t.setncatts({"units": 1, "coordinates": 7, "grid_mapping": [1.0, 2.0]})
    t.setncatts({"standard_name": np.array([1, 2]), "long_name": 3})
    file["lat"].setncatts({"axis": 1, "positive": 2.0, "standard_name": 5})
    file.setncatts({"Conventions": 1.6, "history": np.arange(3), "title": 4})


def of_lists(file: Any, t: Any) -> None:
    t.setncattr_string("units", ["K", "m"])
    t.setncattr_string("long_name", ["a", "b"])
    file["lat"].setncattr_string("units", ["degrees_north", "degrees_south"])


def projected(**values: Any) -> Any:
    """Give x and y in metres, and a mapping that says nonsense."""

    def make(path: Path) -> None:
        with netCDF4.Dataset(path, "w") as file:
            for name, size in (("y", 9), ("x", 12)):
                file.createDimension(name, size)
                axis = file.createVariable(name, "f8", (name,))
                axis[:] = 1e4 * np.arange(size)
                axis.setncatts(
                    {"units": "m", "standard_name": f"projection_{name}_coordinate"}
                )
            file.createVariable("crs", "i4", ()).setncatts(values)
            t = file.createVariable("t", "f8", ("y", "x"))
            t.setncatts({"units": "K", "grid_mapping": "crs"})
            t[:] = np.add.outer(np.arange(9.0), np.arange(12.0))

    return make


def complex_numbers(file: Any) -> None:
    file.create_dataset("z", data=np.ones((9, 12), complex))


def self_referring(file: Any) -> None:
    file["loop"] = h5py.SoftLink("/loop")
    file["again"] = h5py.SoftLink("/t")
    file.create_group("deep")["up"] = file["/"]


def wide(file: Any, t: Any) -> None:
    """A hundred attributes and a thousand dimensions nobody uses."""
    for k in range(1000):
        file.createDimension(f"d{k}", 1)
    t.setncatts({f"a{k}": "x" * 1000 for k in range(100)})


FILES: dict[str, Any] = {
    "one_latitude": with_netcdf(lambda f, t: None, lat=LAT[:1]),
    "one_longitude": with_netcdf(lambda f, t: None, lon=LON[:1]),
    "one_point": with_netcdf(lambda f, t: None, lat=LAT[:1], lon=LON[:1]),
    "two_latitudes": with_netcdf(lambda f, t: None, lat=LAT[:2]),
    "nearly_closed": with_netcdf(near_seam, lon=np.arange(0, 361, 30.0)),
    "over_closed": with_netcdf(lambda f, t: None, lon=np.arange(0, 391, 30.0)),
    "equal_latitudes": with_netcdf(lambda f, t: None, lat=0 * LAT),
    "latitudes_beyond_90": with_netcdf(lambda f, t: None, lat=LAT * 3),
    "longitudes_of_nan": with_netcdf(lambda f, t: None, lon=LON * np.nan),
    "latitudes_of_integers": with_netcdf(lambda f, t: None, lat=LAT.astype("i2")),
    "latitudes_of_bytes": with_netcdf(lambda f, t: None, lat=LAT.astype("i1")),
    "latitudes_unsigned": with_netcdf(
        lambda f, t: None, lat=(LAT[:5] + 40).astype("u1")
    ),
    "curvilinear": curvilinear,
    "scale_as_text": attributes(scale_factor="0.01"),
    "scale_of_nothing": attributes(scale_factor=0.0),
    "scale_of_nan": attributes(scale_factor=np.nan),
    "scale_of_two": attributes(scale_factor=[1.0, 2.0]),
    "offset_of_infinity": attributes(add_offset=np.inf),
    "missing_as_text": attributes(missing_value="-999"),
    "missing_of_two": attributes(missing_value=[-1.0, -2.0]),
    "fill_of_nan_on_integers": with_hdf5(
        lambda f: f["t"].attrs.update({"_FillValue": np.nan}), dtype="i4"
    ),
    "fill_as_text": raw_attributes(_FillValue="x"),
    "fill_is_a_value": with_netcdf(lambda f, t: None, fill_value=280.0),
    "range_as_text": attributes(valid_range="0, 400"),
    "range_of_three": attributes(valid_range=[0.0, 1.0, 400.0]),
    "range_of_one": attributes(valid_min="low", valid_max=np.nan),
    "range_upside_down": attributes(valid_range=[400.0, 0.0]),
    "range_of_integers": attributes(valid_range=np.array([0, 400], "i8")),
    "flag_meanings": attributes(flag_values="a b", flag_meanings=3),
    "months": time_axis("months since 2000-01-01", np.arange(4)),
    "hour_of_year_zero": time_axis("hour since 0000-01-01", np.arange(4)),
    "calendar_of_mars": time_axis("days since 2000-01-01", [0, 1, 2], calendar="mars"),
    "calendar_is_a_number": time_axis("days since 2000-01-01", [0, 1, 2], calendar=3),
    "dates_without_end": time_axis("days since 2000-01-01", [0, 1e300, np.nan]),
    "dates_since_nonsense": time_axis("days since yesterday", [0, 1, 2]),
    "no_times": time_axis("days since 2000-01-01", []),
    "degrees_east_with_a_blank": with_netcdf(
        lambda f, t: f["lon"].setncatts({"units": "degrees east"})
    ),
    "radians": with_netcdf(lambda f, t: f["lat"].setncatts({"units": "radians"})),
    "latitude_in_kelvin": with_netcdf(lambda f, t: f["lat"].setncatts({"units": "K"})),
    "millibar": levels("mb"),
    "level_up_is_a_number": levels("hPa", positive=7),
    "kinds": with_netcdf(kinds),
    "opaque": with_hdf5(opaque),
    "complex": with_hdf5(complex_numbers),
    "links": with_hdf5(self_referring),
    "half": with_hdf5(
        lambda f: f.create_dataset("h", data=np.ones((9, 12), np.float16))
    ),
    "booleans": with_hdf5(lambda f: f.create_dataset("b", data=np.ones((9, 12), bool))),
    "long_name": named("n" * 255),
    "blanks": named("air temperature  2 m"),
    "umlauts": named("Lufttemperatur_ü_温度_🌡"),
    "unlike_utf8": raw_attributes(units=np.bytes_(b"K\xff"), title=b"\xfe\xff"),
    "null_bytes": raw_attributes(units=np.bytes_(b"K\0\0m")),
    "empty_attributes": raw_attributes(units=h5py.Empty("S1"), coordinates=""),
    "attributes_of_numbers": with_netcdf(of_numbers),
    "attributes_of_lists": with_netcdf(of_lists),
    "attributes_of_references": with_hdf5(
        lambda f: f["t"].attrs.update({"units": f["lat"].ref})
    ),
    "bounds_of_nobody": bounds,
    "mapping_of_nonsense": projected(grid_mapping_name="lambert_conformal_conic"),
    "mapping_of_text": projected(
        grid_mapping_name="polar_stereographic",
        latitude_of_projection_origin="north",
        straight_vertical_longitude_from_pole=[1.0, 2.0],
    ),
    "mapping_unknown": projected(grid_mapping_name="hyperbolic_pancake"),
    "mapping_of_wkt": projected(crs_wkt="PROJCS[" * 1000),
    "mapping_of_no_earth": projected(
        grid_mapping_name="mercator", earth_radius=-1.0, standard_parallel=0.0
    ),
    "integers_64": with_netcdf(lambda f, t: None, dtype="i8"),
    "integers_unsigned": with_netcdf(lambda f, t: None, dtype="u8"),
    "big_end": with_netcdf(lambda f, t: None, dtype=">f4", endian="big"),
    "classic_of_nothing": classic_of_nothing,
    "classic_of_a_record": classic_of_a_record,
    "scalars": scalars,
    "wide": with_netcdf(wide),
}
