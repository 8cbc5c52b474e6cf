"""Large arrays in blocks along their outer axes, each small enough for the cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Values of one block: what a formula makes on the way then stays in the cache, and is
# large enough for the compiled engine.
_BLOCK = 1 << 20


def blocks(outer: tuple[int, ...], inner: int) -> Iterator[tuple[slice | int, ...]]:
    """Yield indices of blocks along the outer axes, each of about so many values."""
    if not outer:
        yield ()
        return
    per_index = inner * int(np.prod(outer[1:]))
    if per_index > _BLOCK and len(outer) > 1:
        for index in range(outer[0]):
            for rest in blocks(outer[1:], inner):
                yield (index, *rest)
        return
    step = max(1, _BLOCK // max(per_index, 1))
    for start in range(0, outer[0], step):
        yield (slice(start, start + step),)
