"""Make src/xnabla/plot/coastlines.npz: python make_coastlines.py land-50m.json.

The input is the 1:50m land of Natural Earth 4.1 (public domain,
naturalearthdata.com) as the npm package world-atlas 2.0.2 repackages it in TopoJSON.
The output holds `points`, int16 hundredths of a degree (longitude, latitude), and
`offsets`: line k is points[offsets[k]:offsets[k + 1]].
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

ROOM = Path(__file__).parents[1] / "src" / "xnabla" / "plot"


def lines_of(topology: dict) -> list[np.ndarray]:
    """Decode the arcs of a TopoJSON file to hundredths of a degree."""
    scale, translate = (np.array(topology["transform"][k]) for k in _TRANSFORM)
    lines = []
    for arc in topology["arcs"]:
        degrees = np.cumsum(arc, axis=0) * scale + translate
        whole = np.rint(degrees * 100).astype(int)
        lines += pieces(whole)
    return lines


_TRANSFORM = ("scale", "translate")


def pieces(line: np.ndarray) -> list[np.ndarray]:
    """Cut a line where it is no coast: the 180° meridian, the pole edge, a jump."""
    moved = np.r_[True, (np.diff(line, axis=0) != 0).any(axis=1)]
    line = line[moved]
    lon, lat = line.T
    seam = (np.abs(lon[1:]) >= 17999) & (np.abs(lon[:-1]) >= 17999)
    pole = (lat[1:] <= -8990) & (lat[:-1] <= -8990)
    jump = np.abs(np.diff(lon)) > 18000
    cuts = np.flatnonzero(seam | pole | jump) + 1
    return [piece for piece in np.split(line, cuts) if len(piece) > 1]


def main() -> None:
    """Write the file the plot room reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="land-50m.json of world-atlas 2.0.2")
    parser.add_argument("-o", "--out", type=Path, default=ROOM / "coastlines.npz")
    options = parser.parse_args()
    lines = lines_of(json.loads(options.source.read_text()))
    offsets = np.cumsum([0] + [len(line) for line in lines]).astype(np.int32)
    points = np.concatenate(lines).astype(np.int16)
    np.savez_compressed(options.out, points=points, offsets=offsets)
    print(
        f"{options.out.name}: {len(lines)} lines, {len(points)} points, "
        f"{options.out.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
