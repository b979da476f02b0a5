"""A pytest plugin for `make`: the processes of a test run start with less work."""

import gc
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Import without garbage collection; let the process that only starts the workers import nothing."""
    gc.disable()
    options = early_config.known_args_namespace
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if (
        options.numprocesses and not is_worker and not options.hypothesis_profile
    ):  # conftest.py has the profiles
        options.noconftest = True


def pytest_collection_finish() -> None:
    """Collect garbage from now on."""
    gc.enable()
