"""The portal's tests stand on the scene of the reports room: Andina bills in dollars and Alice owes."""

from tests.reports.conftest import Scene, scene

__all__ = ["Scene", "scene"]
