"""Several tables made in one step are those that would be made one by one, and Django draws its picture of them once."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState, StateApps

from accounts.new_tables import CreateModels


def table(name: str, *, to: str = "") -> migrations.CreateModel:
    fields: list[tuple[str, models.Field]] = [("id", models.BigAutoField(primary_key=True))]
    if to:
        fields.append(("other", models.ForeignKey(f"accounts.{to}", models.PROTECT)))
    return migrations.CreateModel(name=name, fields=fields)


def drawn_state() -> ProjectState:
    """A state with one table, of which Django has drawn its picture."""
    state = ProjectState()
    table("Trunk").state_forwards("accounts", state)
    assert state.apps.get_model("accounts", "Trunk")
    return state


NEW = (table("Branch", to="Trunk"), table("Leaf", to="Branch"))


def test_the_state_is_that_of_the_single_steps_and_is_drawn_once() -> None:
    one_by_one, together = drawn_state(), drawn_state()
    for each in NEW:
        each.state_forwards("accounts", one_by_one)
    with patch.object(StateApps, "render_multiple", autospec=True, side_effect=StateApps.render_multiple) as drawn:
        CreateModels(*NEW).state_forwards("accounts", together)
        assert drawn.call_count == 0
        assert together.apps.get_model("accounts", "Leaf")._meta.get_field("other").related_model.__name__ == "Branch"
    assert drawn.call_count == 1
    assert together == one_by_one


@pytest.mark.django_db
def test_the_tables_are_made_and_taken_back() -> None:
    before, after, step = drawn_state(), drawn_state(), CreateModels(*NEW)
    step.state_forwards("accounts", after)
    made = {"accounts_branch", "accounts_leaf"}
    with connection.schema_editor() as editor:
        table("Trunk").database_forwards("accounts", editor, ProjectState(), before)
        step.database_forwards("accounts", editor, before, after)
    assert made <= set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        step.database_backwards("accounts", editor, after, before)
    assert not made & set(connection.introspection.table_names())
