"""The words and symbols of weather files, each with the pint unit it means."""

from __future__ import annotations

__all__ = [
    "AMBIGUOUS",
    "DERIVED",
    "LOGARITHMIC",
    "OTHER",
    "PHRASES",
    "PREFIXES",
    "SI",
    "SI_BARE_REFUSED",
    "WHOLE",
    "YEARS",
]

# UDUNITS is the referee: every row was compared with cf-units, and a unit on which
# pint and UDUNITS differ is either told in terms both share or refused.

PREFIXES = {
    "yotta": "Y", "zetta": "Z", "exa": "E", "peta": "P",
    "tera": "T", "giga": "G", "mega": "M", "kilo": "k", "hecto": "h", "deca": "da",
    "deci": "d", "centi": "c", "milli": "m", "micro": "u", "nano": "n", "pico": "p",
    "femto": "f", "atto": "a", "zepto": "z", "yocto": "y",
}  # fmt: skip

# pint name, symbol (case matters), words (case does not, a plural "s" may follow)
SI = (
    ("meter", "m", "meter metre"),
    ("gram", "g", "gram gramme"),
    ("second", "s", "second"),
    ("kelvin", "K", "kelvin"),
    ("ampere", "A", "ampere amp"),
    ("mole", "mol", "mole mol"),
    ("candela", "cd", "candela"),
    ("radian", "rad", "radian"),
    ("steradian", "sr", "steradian"),
    ("hertz", "Hz", "hertz"),
    ("newton", "N", "newton"),
    ("pascal", "Pa", "pascal"),
    ("joule", "J", "joule"),
    ("watt", "W", "watt"),
    ("coulomb", "C", "coulomb"),
    ("farad", "F", "farad"),
    ("volt", "V", "volt"),
    ("ohm", "ohm", "ohm"),
    ("siemens", "S", "siemens"),
    ("tesla", "T", "tesla"),
    ("weber", "Wb", "weber"),
    ("henry", "H", "henry"),
    ("lumen", "lm", "lumen"),
    ("lux", "lx", "lux"),
    ("becquerel", "Bq", "becquerel"),
    ("gray", "Gy", "gray"),
    ("liter", "L", "liter litre"),
    ("bar", "bar", "bar"),
    ("electron_volt", "eV", "electronvolt"),
    ("galileo", "Gal", "galileo"),
)
SI_BARE_REFUSED = frozenset({"C", "F"})  # degrees as often as coulomb and farad

# pint name, CF text, symbols (case matters), words (case does not, "s" may follow)
OTHER = (
    ("metric_ton", "t", "t", "tonne metricton"),
    ("megametric_ton", "Mt", "Mt", "megatonne"),
    ("gigametric_ton", "Gt", "Gt", "gigatonne"),
    ("minute", "min", "min", "minute min"),
    ("hour", "h", "h", "hour hr"),
    ("second", "s", "", "sec"),
    ("day", "day", "d", "day"),
    ("week", "week", "", "week"),
    ("fortnight", "fortnight", "", "fortnight"),
    # pint's year is 365.25 days, that of UDUNITS is tropical: 2.1e-5 shorter.
    ("month", "month", "", "month mon"),
    ("year", "year", "", "year yr"),
    # "decade" where the registry can be taught: see `_decade`.
    ("decayear", "decayear", "", "decade decayear"),
    ("degree", "degree", "°", "degree deg"),
    ("arcminute", "arcminute", "", "arcminute arcmin"),
    ("arcsecond", "arcsecond", "", "arcsecond arcsec"),
    (
        "degree_Celsius",
        "degC",
        "",
        "degreecelsius degc degreec celsius centigrade celsiusscale",
    ),
    ("degree_Fahrenheit", "degF", "", "degreefahrenheit degf degreef fahrenheit"),
    ("kelvin", "K", "", "degk degreek degreekelvin degkelvin kelvinscale"),
    ("percent", "%", "%", "percent"),
    ("ppm", "ppm", "ppm ppmv", "ppm ppmv"),
    ("count", "count", "", "count"),
    ("particle", "molecule", "", "molecule molec particle"),
    ("inch", "in", "in", "inch inches"),
    ("foot", "ft", "ft", "foot feet"),
    ("survey_foot", "US_survey_foot", "", "ussurveyfoot ussurveyfeet"),
    ("yard", "yard", "yd", "yard"),
    ("furlong", "furlong", "", "furlong"),
    ("mile", "mile", "mi", "mile"),
    ("nautical_mile", "nautical_mile", "nmi nmile", "nauticalmile"),
    ("angstrom", "angstrom", "Å", "angstrom"),
    ("micron", "micron", "", "micron"),
    ("acre", "acre", "", "acre"),
    ("hectare", "hectare", "ha", "hectare"),
    ("knot", "knot", "kt kts kn", "knot"),
    ("pound", "lb", "lb lbs", "pound"),
    ("millibar", "mbar", "mb", ""),
    ("standard_atmosphere", "atm", "atm", "standardatmosphere atmosphere"),
    ("millistandard_atmosphere", "matm", "matm", "milliatmosphere"),
    ("microstandard_atmosphere", "uatm", "uatm", "microatmosphere"),
    ("torr", "torr", "", "torr"),
    ("millimeter_Hg", "mmHg", "mmHg", "mmhg millimeterhg"),
    ("inch_Hg", "inHg", "inHg", "inhg inchhg incheshg"),
    ("pound_force_per_square_inch", "psi", "psi", "poundforcepersquareinch"),
    ("dyne", "dyne", "dyn", "dyne"),
    ("erg", "erg", "", "erg"),
    ("langley", "langley", "", "langley"),
    # Files here are geophysical: a flow of water, not a dose of radiation.
    ("sverdrup", "sverdrup", "Sv", "sverdrup"),
    ("sievert", "sievert", "", "sievert"),
)

# Words for which pint has no name, by the CF text they mean.
DERIVED = {
    "pvu": "1e-6 K m2 kg-1 s-1",
    # Practical salinity is a pure number close to g/kg; CF writes its unit 1e-3.
    "psu": "1e-3",
    "permil": "1e-3",
    "permille": "1e-3",
    "‰": "1e-3",
    "ppb": "1e-9",
    "ppbv": "1e-9",
    "pptv": "1e-12",
    "du": "4.462e-4 mol m-2",
    "dobson": "4.462e-4 mol m-2",
    # Geopotential metres and metres of height are one number, by their definition.
    "gpm": "m",
    "gpdm": "dam",
    "gpdam": "dam",
    "dagpm": "dam",
    "gpkm": "km",
    "mps": "m s-1",
    "mph": "mile h-1",
    "kph": "km h-1",
    "mileperhour": "mile h-1",
    "kilometerperhour": "km h-1",
    "deltadegc": "K",
    "deltadegreec": "K",
    "deltadegreecelsius": "K",
    "degr": "0.5555555555555556 K",
    "deltadegf": "0.5555555555555556 K",
    "deltadegreef": "0.5555555555555556 K",
    "deltadegreefahrenheit": "0.5555555555555556 K",
    "degreetrue": "degree",
    "degreet": "degree",
    "degreen": "degree",
    "degreenorth": "degree",
    "degreee": "degree",
    "degreeeast": "degree",
}

_ONE = (
    *("1", "-", "none", "unitless", "dimensionless", "nondimensional"),
    *("non-dimensional", "fraction", "proportion", "area/area"),
    *("0-1", "0 - 1", "0 to 1", "(0-1)", "(0 - 1)", "[0-1]"),
    *("level", "layer", "sigma_level"),  # CF's names of steps without a size
)

# Whole attributes, spaces and case aside.
PHRASES = {
    **dict.fromkeys(_ONE, "1"),
    **dict.fromkeys(
        [f"geopotential {m}{s}" for m in ("meter", "metre") for s in ("", "s")], "m"
    ),
    **dict.fromkeys(["geopotential_meter", "geopotential_meters", "gp m"], "m"),
    **dict.fromkeys(
        [
            f"{m} {z}"
            for m in ("m", "meters", "metres")
            for z in ("msl", "amsl", "asl", "agl", "above ground", "above sea level")
        ],
        "m",
    ),
    # ECMWF's unit of snow, runoff and evaporation: a depth.
    **dict.fromkeys(["m of water equivalent", "m of water"], "m"),
    **dict.fromkeys(["inches hg", "inches of mercury"], "inHg"),
    **dict.fromkeys(
        [
            f"{d} {way}"
            for d in ("degree", "degrees", "deg")
            for way in ("latitude", "longitude")
        ],
        "degree",
    ),
    "nautical mile": "nautical_mile",
    "nautical miles": "nautical_mile",
    "dobson unit": "dobson",
    "dobson units": "dobson",
}

# Whole attributes in the capitals of COARDS, GRIB and Ferret files: read letter by
# letter they are molars, siemens and megabytes, which no weather file holds.
WHOLE = {
    "C": "degC",
    "k": "K",
    "MB": "mbar",
    "MBAR": "mbar",
    **dict.fromkeys(["hpa", "Hpa", "HPa", "HPA"], "hPa"),
    **dict.fromkeys(["pa", "PA"], "Pa"),
    **dict.fromkeys(["KPA", "kpa"], "kPa"),
    **dict.fromkeys(["KT", "KTS"], "knot"),
    **dict.fromkeys(["M/S", "M/SEC"], "m s-1"),
    **dict.fromkeys(["W/M2", "W/M**2", "W/M^2"], "W m-2"),
    "CM": "cm",
    "KM": "km",
    "CM/S": "cm s-1",
    "KG/KG": "kg kg-1",
    **dict.fromkeys(["Kg/kg", "Kg/Kg", "Kg kg-1"], "kg kg-1"),
    "oC": "degC",
    "G/KG": "g kg-1",
    "GR/KG": "g kg-1",
    "M2/S2": "m2 s-2",
    "PA/S": "Pa s-1",
}

LOGARITHMIC = frozenset(
    {"db", "dbz", "dbw", "dbm", "dbu", "decibel", "bel", "np", "neper", "ph"}
    | {"decibelmilliwatt", "decibelmicrowatt", "decibelwatt"}
)

# What it could be; the reader must say which.
AMBIGUOUS = {
    "C": ("degC", "coulomb"),
    "F": ("degF", "farad"),
    "k": ("K", "1e3"),
    "M": ("m", "mol L-1"),
    "MM": ("mm", "month"),
    "a": ("year", "100 m2"),
    "e": ("1", "the elementary charge"),
    "b": ("mbar", "1e-28 m2"),
    "at": ("atm", "98066.5 Pa"),
    "cal": ("4.184 J", "4.1868 J"),
    "calorie": ("4.184 J", "4.1868 J"),
    "gal": ("Gal", "3.785411784 L"),
    "ton": ("tonne", "907.18474 kg"),
    "tons": ("tonne", "907.18474 kg"),
    "ppt": ("1e-3", "1e-12"),
    "mSv": ("1e-3 sverdrup", "1e-3 sievert"),
    "gauss": ("1e-4 T", "Gaussian units"),
    "gm": ("g", "g m"),
}

# Spans of years that UDUNITS has no name for: 0.1 K year-1 reads better than seconds.
YEARS = {"decade": 10, "decayear": 10, "century": 100, "millennium": 1000}
