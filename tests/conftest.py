"""What all tests share: hypothesis that repeats itself, and no options left behind."""

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
