"""What walks on a field, among the descents that are commands, as plain data.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from dataclasses import replace

from xnabla.operators import Input, Operator, Parameter

_GFS = "sample_data/gfs_20110115.nc"
_ROOM = "xnabla.descent.surface"

FIELD = Input("field", "The field.")

EARTH = Parameter(
    "earth",
    "Figure of the Earth: WGS84, GRS80, … or a radius in m.",
    default="what the file says, else a sphere of 6371229 m",
)
PERIODIC = Parameter(
    "periodic",
    "Whether longitudes close the circle.",
    "choice",
    (True, False),
    default="found out",
)
CRS = Parameter(
    "crs",
    "Map projection of x and y: EPSG:3995, a PROJ string, ….",
    default="what the file says",
)
PLACE = (EARTH, PERIODIC, CRS)

MIN_PERSISTENCE = Parameter(
    "min_persistence",
    "Least difference to the saddle that ends it, with its unit.",
    default="none: every one",
)
SMOOTH = Parameter(
    "smooth", "A length to smooth with before: '600 km'.", default="none"
)
KIND = Parameter(
    "kind",
    "Which: minima, maxima, or both.",
    "choice",
    ("both", "minimum", "maximum"),
    default="both",
)
REFINE = Parameter(
    "refine",
    "How places between grid points are found.",
    "choice",
    ("spline", "quadratic"),
    default="spline",
)
BOUNDARY = Parameter(
    "boundary",
    "What becomes of those at an edge or a gap.",
    "choice",
    ("flag", "drop"),
    default="flag",
)
_SEARCH = (MIN_PERSISTENCE, SMOOTH, *PLACE)


def _example(name: str, options: str) -> str:
    return f"xnabla {name} {_GFS} -v msl {options} -o {name}.nc --plot {name}.png"


SURFACE: tuple[Operator, ...] = (
    Operator(
        "extrema",
        (FIELD,),
        (KIND, REFINE, BOUNDARY, *_SEARCH),
        "Lows and highs: where, how deep, how persistent; a list of centres.",
        "grad f = 0; persistence = |f_saddle - f_extremum|",
        _example("extrema", "--min_persistence '2 hPa'"),
        _ROOM,
        gives="list",
        reach="map",
    ),
    Operator(
        "critical_points",
        (FIELD,),
        (REFINE, BOUNDARY, *_SEARCH),
        "Lows, highs and the cols between them: a list of points.",
        "grad f = 0; maxima - saddles + minima = 2 on the globe",
        _example("critical_points", "--min_persistence '4 hPa'"),
        _ROOM,
        gives="list",
        reach="map",
    ),
    Operator(
        "closed_contours",
        (FIELD,),
        (
            Parameter(
                "interval",
                "Levels that count, in a unit of the field: '4 hPa'.",
                default="any level, up to the saddle",
            ),
            KIND,
            BOUNDARY,
            *_SEARCH,
        ),
        "The last closed contour around each low and high: depth, area, outline.",
        "depth = |f_level - f_extremum|; area = pi radius^2",
        _example(
            "closed_contours",
            "--kind minimum --min_persistence '4 hPa' --interval '4 hPa'",
        ),
        _ROOM,
        gives="list",
        reach="map",
        unit="[f], km2, km",
    ),
    Operator(
        "steepest_path",
        (FIELD,),
        (
            Parameter(
                "start",
                "Where a path begins: 45,-30 or 45N,30W, latitude first; y,x in m on "
                "a plane. As many as wanted.",
                "place",
                required=True,
                several=True,
            ),
            Parameter(
                "direction",
                "Down to a minimum, or up to a maximum.",
                "choice",
                ("descent", "ascent"),
                default="descent",
            ),
            Parameter(
                "max_length",
                "Where to stop: '5000 km'.",
                default="half way around the Earth",
            ),
            Parameter(
                "tol",
                "Error of a step, in steps of the grid.",
                "number",
                default="1e-4",
            ),
            Parameter(
                "max_steps", "The most steps of a path.", "integer", default="2000"
            ),
            *PLACE,
        ),
        "Steepest paths from places: where they go, how far, where they end.",
        "dp/ds = -grad f / |grad f|",
        _example("steepest_path", "--start 45,-50 --start -35,100"),
        _ROOM,
        gives="list",
        reach="map",
        unit="[f], km",
    ),
    Operator(
        "persistence_diagram",
        (FIELD,),
        (
            replace(KIND, default="minimum"),
            MIN_PERSISTENCE,
            *PLACE,
        ),
        "At which value each extremum is born, and at which it joins a deeper one.",
        "persistence = |death - birth|",
        _example("persistence_diagram", "--kind both --min_persistence '1 hPa'"),
        _ROOM,
        gives="list",
        reach="map",
    ),
    Operator(
        "basins",
        (FIELD,),
        (
            Parameter(
                "direction",
                "Basins of minima, or hills of maxima.",
                "choice",
                ("down", "up"),
                default="down",
            ),
            *_SEARCH,
        ),
        "Basins: the minimum that the steepest path of each cell ends in.",
        "dp/ds = -grad f / |grad f|",
        _example("basins", "--min_persistence '2 hPa'"),
        _ROOM,
        gives="fields",
        reach="map",
        unit="1, a number each",
    ),
)
