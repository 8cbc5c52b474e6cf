"""Constants of the atmosphere and the planet, with where they come from."""

from __future__ import annotations

# Rotation of the Earth, IAU/IERS nominal value; MetPy has the same.
EARTH_ROTATION_RAD_S = 7.292115e-5

# Standard gravity, CGPM 1901: the one geopotential height is defined with (WMO).
GRAVITY_M_S2 = 9.80665

# Dry air: the molar gas constant (CODATA 2018, exact) over the molar mass of dry air
# (CIPM-2007: Picard et al. 2008, Metrologia 45, 149), and 7/2 of it.
DRY_AIR_GAS_CONSTANT = 8.314462618 / 28.96546e-3
DRY_AIR_HEAT_CAPACITY = 3.5 * DRY_AIR_GAS_CONSTANT
