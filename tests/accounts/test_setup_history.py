"""The set-up's history has a name for every area and field that is noted."""

from __future__ import annotations

import ast

import pytest

from accounts.models import Role
from accounts.policy import HouseFields, LookFields, RuleFields
from accounts.setup_history import AREAS, FIELDS
from banking.services import AccountData, MethodData
from orders.service_acts import OFFER_FIELDS, POLICY_FIELDS
from reports.reminders import PolicyFields
from tests.cast import client_of, house_url
from tests.factories import staff_actor
from tests.house.tree import ROOT
from tickets.services.reasons import TEXTS
from webhooks.kinds import Kind
from webhooks.services import add_endpoint, switch_endpoint


def noted() -> tuple[set[str], set[str]]:
    """Areas and fields that stand as words in calls of `note_setup`, and in what is handed to it."""
    areas, fields = set(), set()
    for path in ROOT.glob("*/**/*.py"):
        if path.is_relative_to(ROOT / "tests") or ".local" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("note_setup", "facts_of"):
                if node.func.id == "note_setup" and isinstance(node.args[0], ast.Constant):
                    areas.add(str(node.args[0].value))
                for argument in node.args[1:]:
                    names = argument.keys if isinstance(argument, ast.Dict) else getattr(argument, "elts", [])
                    fields |= {str(name.value) for name in names if isinstance(name, ast.Constant)}
    return areas, fields


def test_what_is_noted_has_a_name() -> None:
    """Seen to fail: services, reminders and a webhook's description were shown by their names in the code."""
    areas, fields = noted()
    assert {"webhook", "services", "privacy"} <= areas
    assert {"description", "auto_accept"} <= fields
    typed = (HouseFields, LookFields, RuleFields, PolicyFields)
    fields |= {name for each in typed for name in each.__annotations__}
    fields |= {*AccountData.__dataclass_fields__, *MethodData.__dataclass_fields__} - {"bank_id"}
    fields |= {"bank", *OFFER_FIELDS, *POLICY_FIELDS, *TEXTS}
    assert not areas - set(AREAS)
    assert not fields - set(FIELDS)


@pytest.mark.django_db
def test_what_was_switched_off_is_in_use_no_more() -> None:
    """Seen to fail: a webhook was offered, as if it were a method of payment."""
    pedro = staff_actor(role=Role.ADMINISTRATOR)
    endpoint, _secret = add_endpoint(url="https://hooks.example/", kinds=[Kind.ORDER_PAID], by=pedro)
    switch_endpoint(endpoint_id=endpoint.pk, is_on=False, by=pedro)
    html = client_of(pedro).get(house_url(pedro.merchant, "desk:setup_history")).content.decode()
    assert "<strong>En uso</strong>" in html
    assert "Ofrecid" not in html
