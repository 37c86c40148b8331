"""Setting movements aside: one by one, by a rule as it was shown, taken back; never with money on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from reconciliation.models import IgnoredLine, IgnoreRule
from reconciliation.selectors import candidates_for
from reconciliation.selectors.ignoring import preview_rule, rules_for
from reconciliation.services import drop_rule, ignore_by_rule, ignore_line, restore_line
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def apply(scene: Scene, pattern: str = "comision", **kw: Any) -> tuple[IgnoreRule, int]:
    shown = preview_rule(scene.cast.carol, pattern, None)
    given: dict[str, Any] = {
        "pattern": pattern, "reason": "bank_fee", "account_id": None, "shown_count": shown.count, "shown_until": shown.until,
        "by": scene.cast.carol,
    }  # fmt: skip
    return ignore_by_rule(**given | kw)


def test_a_movement_is_set_aside_and_taken_back(scene: Scene) -> None:
    line = scene.line("-1.25", text="COMISION")
    ignored = ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)
    assert (ignored.by, ignored.taken_back_at) == (scene.cast.carol.user, None)
    with pytest.raises(Refused) as refused:
        ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)
    assert refused.value.code == "ignored_already"
    restore_line(ignored_id=ignored.pk, by=scene.cast.dan)
    with pytest.raises(Stale):
        restore_line(ignored_id=ignored.pk, by=scene.cast.dan)
    ignore_line(line_id=line.pk, reason="own_transfer", by=scene.cast.carol)
    assert IgnoredLine.objects.filter(line=line).count() == 2


def test_another_reason_needs_words(scene: Scene) -> None:
    line = scene.line("-1.25")
    for reason, note, code in (("other", " ", "note_required"), ("gift", "x", "reason_invalid")):
        with pytest.raises(Refused) as refused:
            ignore_line(line_id=line.pk, reason=reason, note=note, by=scene.cast.carol)
        assert refused.value.code == code
    assert not IgnoredLine.objects.exists()
    ignore_line(line_id=line.pk, reason="other", note="Devolución de un cheque", by=scene.cast.carol)


def test_money_that_is_used_is_not_set_aside(scene: Scene) -> None:
    _ticket, line = scene.paid("10.00", scene.order("10.00"))
    with pytest.raises(Refused) as refused:
        ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)
    assert refused.value.code == "line_has_money"
    assert preview_rule(scene.cast.carol, line.reference_raw, None).count == 0


def test_a_rule_takes_what_it_showed(scene: Scene) -> None:
    fees = [scene.line("-1.25", text="COMISIÓN TRF"), scene.line("-2.00", payer_name="comision bancaria")]
    other = scene.line("-3.00", text="PAGO A PROVEEDOR")
    shown = preview_rule(scene.cast.carol, "comision", None)
    assert {line.pk for line in shown.lines} == {line.pk for line in fees}
    assert shown.credits == 0
    rule, count = apply(scene)
    assert count == 2
    assert not IgnoredLine.objects.filter(line=other).exists()
    assert preview_rule(scene.cast.carol, "comision", None).count == 0
    scene.line("-4.00", text="COMISION NUEVA")
    assert [(known.rule, known.fresh) for known in rules_for(scene.cast.carol)] == [(rule, 1)]
    assert apply(scene)[0] == rule
    drop_rule(rule_id=rule.pk, by=scene.cast.carol)
    assert rules_for(scene.cast.carol) == []
    assert IgnoredLine.objects.count() == 3


def test_what_came_after_the_look_is_not_taken(scene: Scene) -> None:
    first = scene.line("-1.25", text="COMISION")
    shown = preview_rule(scene.cast.carol, "comision", None)
    scene.line("-9.00", text="COMISION QUE NADIE VIO")
    _rule, count = apply(scene, shown_count=shown.count, shown_until=shown.until)
    assert count == 1
    assert IgnoredLine.objects.get().line == first


def test_what_changed_since_the_look_is_not_taken(scene: Scene) -> None:
    lines = [scene.line("-1.25", text="COMISION"), scene.line("-1.50", text="COMISION")]
    shown = preview_rule(scene.cast.carol, "comision", None)
    ignore_line(line_id=lines[0].pk, reason="own_transfer", by=scene.cast.dan)
    with pytest.raises(Stale):
        apply(scene, shown_count=shown.count, shown_until=shown.until)
    assert IgnoredLine.objects.count() == 1
    assert not IgnoreRule.objects.exists()


def test_a_rule_means_something(scene: Scene) -> None:
    scene.line("-1.25", text="COMISION")
    for pattern in ("", "co", " .- ", "x" * 81, "%%%"):
        with pytest.raises(Refused) as refused:
            apply(scene, pattern=pattern)
        assert refused.value.code == "pattern_invalid"
    with pytest.raises(Refused):
        apply(scene, pattern="NADA DE ESTO")
    assert not IgnoredLine.objects.exists()


def test_only_accounting_and_only_its_own(scene: Scene) -> None:
    line, far = scene.line("-1.25", text="COMISION"), make_scene()
    with pytest.raises(NotAllowed):
        ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.otto)
    with pytest.raises(Http404):
        ignore_line(line_id=line.pk, reason="bank_fee", by=far.cast.carol)
    ignored = ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol)
    with pytest.raises(Http404):
        restore_line(ignored_id=ignored.pk, by=far.cast.carol)
    assert preview_rule(far.cast.carol, "comision", None).count == 0


def test_what_is_set_aside_is_no_candidate_and_pays_nothing(scene: Scene) -> None:
    ticket, line = scene.report("10.00", orders=[scene.order("10.00")]), scene.line("10.00")
    assert [each.line for each in candidates_for(scene.cast.carol, ticket)] == [line]
    ignored = ignore_line(line_id=line.pk, reason="own_transfer", by=scene.cast.carol)
    assert candidates_for(scene.cast.carol, ticket) == []
    with pytest.raises(Refused) as refused:
        scene.verify(ticket, line)
    assert refused.value.code == "line_ignored"
    assert scene.balance(line).reserved == 0
    restore_line(ignored_id=ignored.pk, by=scene.cast.carol)
    assert scene.verify(ticket, line).kind == "verified"
