"""What all tests share: random numbers that repeat themselves, no options left."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import xnabla as xn

settings.register_profile(
    "laws",
    max_examples=40,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",  # for --hypothesis-profile=long
    max_examples=400,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("laws")


@pytest.fixture(autouse=True)
def _same_options_after_as_before():
    before = xn.get_options()
    yield
    assert xn.get_options() == before


# Where the random numbers of each module begin, once all are imported.
_BEGINNINGS = {}


def pytest_collection_finish(session):
    for module in {item.module for item in session.items if hasattr(item, "module")}:
        for value in vars(module).values():
            if isinstance(value, np.random.Generator):
                _BEGINNINGS.setdefault(module, []).append(
                    (value, value.bit_generator.state)
                )


@pytest.fixture(autouse=True)
def _same_numbers_whatever_ran_before(request):
    """Tests come to workers in any order, and draw what they would draw alone."""
    for generator, state in _BEGINNINGS.get(request.module, ()):
        generator.bit_generator.state = state
