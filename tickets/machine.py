"""The state field of tickets: protected on the instance, never on the class.

`FSMModelMixin.refresh_from_db` of django-fsm-2 switches protection off on the field itself, which all threads share, and
leaves it
off when the row is gone. Here the field is always protected; loading marks the one instance that is being loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import models
from django_fsm import FSMField, FSMFieldDescriptor

if TYPE_CHECKING:
    # What the mixin adds is not seen from outside; a model under an untyped base would lose its types.
    class ConcurrentTransitionMixin(models.Model):
        class Meta:
            abstract = True
else:
    from django_fsm import ConcurrentTransitionMixin

__all__ = ["ConcurrentTransitionMixin", "GuardedStateField", "loading_state"]

LOADING = "_loads_state"


@contextmanager
def loading_state(instance: models.Model) -> Iterator[None]:
    """Let `refresh_from_db` write the state of this one instance."""
    instance.__dict__[LOADING] = True
    try:
        yield
    finally:
        instance.__dict__.pop(LOADING, None)


class GuardedStateDescriptor(FSMFieldDescriptor):
    """Refuses assignment once the instance has a state, unless that instance is being loaded."""

    def __set__(self, instance: Any, value: Any) -> None:
        if self.field.name in instance.__dict__ and LOADING not in instance.__dict__:
            raise AttributeError(f"Direct {self.field.name} modification is not allowed")
        self.field.set_proxy(instance, value)
        self.field.set_state(instance, value)


class GuardedStateField(FSMField):
    """An `FSMField` whose protection cannot be switched off from outside."""

    descriptor_class = GuardedStateDescriptor

    @property
    def protected(self) -> bool:
        return True

    @protected.setter
    def protected(self, value: bool) -> None:
        """The library turns this off while it refreshes any instance: ignored."""
