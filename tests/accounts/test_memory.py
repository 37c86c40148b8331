"""The collector sleeps while very many objects are made, and wakes whatever happens."""

from __future__ import annotations

import gc

import pytest

from accounts.memory import without_collector


@without_collector()
def _sleeping() -> bool:
    with without_collector():
        pass
    return not gc.isenabled()


def test_the_collector_sleeps_and_wakes_again() -> None:
    assert gc.isenabled()
    assert _sleeping()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), without_collector():
        _ = 1 / 0
    assert gc.isenabled()


def test_one_who_found_it_asleep_leaves_it_so() -> None:
    gc.disable()
    try:
        assert _sleeping()
        assert not gc.isenabled()
    finally:
        gc.enable()
