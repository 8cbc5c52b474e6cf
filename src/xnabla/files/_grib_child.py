"""Decode a GRIB file, in a process that does nothing else.

ecCodes and pyproj end a process they are both in, so this program is started by its
path, imports nothing of xnabla, and leaves arrays and their description in a folder:
``python _grib_child.py REQUEST.json``. The request names the file, the folder and the
keys of messages to take.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Decode what is asked for; return its description, or what is wrong."""
    try:
        from cfgrib import dataset, messages
    except Exception as error:
        return {"missing": f"{type(error).__name__}: {error}"}
    select = request["select"]
    stream = messages.FileStream(request["path"], errors="raise")
    keys = dataset.compute_index_keys(filter_by_keys=select)
    whole = dataset.open_fileindex(stream, "", keys)
    chosen = {}
    for key, value in select.items():
        known = list(whole.get(key, []))
        # words from a command line are texts, and keys of messages may be numbers
        fitting = [one for one in known if str(one) == str(value)]
        if not fitting:
            return {"nothing": key, "known": [str(one) for one in known]}
        chosen[key] = fitting[0]
    index = whole.subindex(**chosen)
    if not len(index.header_values.get("paramId", [])):
        return {"nothing": " and ".join(select), "known": []}
    folder = Path(request["folder"])
    fields: list[dict[str, Any]] = []
    left: list[str] = []
    for cube in _cubes(index):
        try:
            _, field, coords = dataset.build_variable_components(
                cube, ("parameter", "time", "geography", "vertical"), errors="raise"
            )
        except Exception as error:
            first = cube.first()
            text = str(error).splitlines()[0]
            left.append(f"'{first['shortName']}' of {first['typeOfLevel']}: {text}")
            continue
        fields.append(_written(field, coords, folder, len(fields)))
    return {"fields": fields, "left": left}


def _cubes(index: Any) -> list[Any]:
    """Return the messages of one variable on one kind of level, for each."""
    found = []
    for param in index["paramId"]:
        own = index.subindex(paramId=param)
        for level in own["typeOfLevel"]:
            alike = own.subindex(typeOfLevel=level)
            # what is summed up is not what is the case at that time
            found += [alike.subindex(stepType=kind) for kind in alike["stepType"]]
    return found


def _written(field: Any, coords: Any, folder: Path, number: int) -> dict[str, Any]:
    """Write the values of a field and its coordinates; return what they are."""
    attributes = dict(field.attributes)
    name = attributes.get("GRIB_cfVarName", "unknown")
    if name in ("undef", "unknown"):
        name = attributes.get("GRIB_shortName", "unknown")
    if name in ("undef", "unknown"):
        name = f"paramId_{attributes.get('GRIB_paramId', number)}"
    file = folder / f"{number}.npy"
    np.save(file, field.data.build_array())
    return {
        "name": str(name),
        "level": str(attributes.get("GRIB_typeOfLevel", "")),
        "step": str(attributes.get("GRIB_stepType", "")),
        "dims": list(field.dimensions),
        "file": file.name,
        "attrs": _plain(attributes),
        "coords": {
            key: {
                "dims": list(c.dimensions),
                "values": np.asarray(c.data).tolist(),
                "attrs": _plain(c.attributes),
            }
            for key, c in coords.items()
        },
    }


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        str(k): v.tolist() if hasattr(v, "tolist") else v
        for k, v in attributes.items()
        if isinstance(v, (str, int, float, list, np.ndarray, np.generic))
    }


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        answer = main(asked)
    except Exception as caught:
        answer = {"error": f"{type(caught).__name__}: {caught}"}
    temporary = Path(asked["folder"]) / "answer.tmp"
    temporary.write_text(json.dumps(answer), encoding="utf-8")
    temporary.rename(Path(asked["folder"]) / "answer.json")
    # at its exit the library may crash, when all is done
    os._exit(0)
