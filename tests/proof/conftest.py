"""What the proofs share: the launcher, which takes seconds to start, and the worlds around it."""

from collections.abc import Iterator

import pytest

from tests.proof.program import Program


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """The program, ready to be started any number of times."""
    program = Program().open()
    yield program
    program.close()
