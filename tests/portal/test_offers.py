"""“¿Es suyo este depósito?” on the customer's pages: what is shown, yes, no, and everybody who must not see it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.actors import Actor
from reconciliation.models import DepositOffer
from reconciliation.services import withdraw_offer
from reports.models import PaymentReport, ReportDraft
from tests.cast import client_of
from tests.factories import make_contact, make_user
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_offers import SECRETS, deposit, offered

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene(name="Hosting Andina")


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_home_and_its_page_show_what_is_needed_and_no_more(scene: Scene) -> None:
    offer = offered(scene)
    alice = client_of(scene.cast.alice)
    for name, args in (("portal:home", ()), ("portal:deposit", (offer.pk,))):
        html = text(alice.get(scene.cast.url(name, *args)))
        for words in ("¿Es suyo este depósito?", "81,20", "2442", str(scene.cast.account.title)):
            assert words in html
        for secret in (*SECRETS.values(), "45775572442", scene.cast.b.name, scene.cast.carol.user.name):
            assert secret not in html


def test_nobody_else_opens_it(scene: Scene) -> None:
    offer = offered(scene)
    for who, status in ((scene.cast.bob, 404), (scene.cast.nora, 403), (scene.cast.carol, 403)):
        client = client_of(who)
        assert client.get(scene.cast.url("portal:deposit", offer.pk)).status_code == status
        for act in ("portal:deposit_mine", "portal:deposit_not_mine"):
            assert client.post(scene.cast.url(act, offer.pk)).status_code == status
    assert client_of(scene.cast.alice).get(scene.cast.url("portal:deposit", offer.pk + 1)).status_code == 404
    assert "¿Es suyo" not in text(client_of(scene.cast.bob).get(scene.cast.url("portal:home")))
    assert "¿Es suyo" not in text(client_of(scene.cast.nora).get(scene.cast.url("portal:home")))
    assert DepositOffer.objects.get().state == "offered"


def test_yes_opens_the_form_filled_in_and_its_report_is_tied(scene: Scene) -> None:
    order = scene.order("81.20")
    offer = offered(scene)
    alice = client_of(scene.cast.alice)
    answer = alice.post(scene.cast.url("portal:deposit_mine", offer.pk))
    offer.refresh_from_db()
    assert answer.url == scene.cast.url("portal:report") + f"?draft={offer.report_key}"
    html = text(alice.get(answer.url))
    assert "81,20" in html
    assert offer.booked_on.isoformat() in html
    assert not PaymentReport.objects.exists()
    sent = {
        "key": str(offer.report_key), "orders": [str(order.pk)], f"allocation-{order.pk}": "",
        "t-0-method": str(scene.cast.deposit.pk), "t-0-account": str(scene.cast.account.pk), "t-0-amount": "81,20",
        "t-0-paid_on": offer.booked_on.isoformat(), "t-0-reference": "0045775572442", "confirm": [],
    }  # fmt: skip
    answer = alice.post(scene.cast.url("portal:report_check"), sent)
    offer.refresh_from_db()
    assert offer.report is not None, text(answer)[:3000]
    assert offer.report.ticket.number in text(alice.get(scene.cast.url("portal:deposit", offer.pk)))
    assert "¿Es suyo" not in text(alice.get(scene.cast.url("portal:home")))
    again = alice.post(scene.cast.url("portal:deposit_mine", offer.pk), follow=True)
    assert "Ya había dicho que este depósito es suyo" in text(again)
    assert PaymentReport.objects.count() == 1


def test_yes_again_keeps_what_was_typed_and_a_colleague_goes_on(scene: Scene) -> None:
    offer = offered(scene)
    alice = client_of(scene.cast.alice)
    alice.post(scene.cast.url("portal:deposit_mine", offer.pk))
    draft = ReportDraft.objects.get()
    draft.data["note"] = ["ya va"]
    draft.save()
    answer = alice.post(scene.cast.url("portal:deposit_mine", offer.pk), follow=True)
    assert "ya va" in text(answer)
    colleague = make_contact(scene.cast.a, make_user())
    other = client_of(Actor(merchant=scene.cast.merchant, user=colleague.user, contact=colleague))
    assert "Continuar con su reporte" in text(other.get(scene.cast.url("portal:home")))
    assert "81,20" in text(other.post(scene.cast.url("portal:deposit_mine", offer.pk), follow=True))
    no = alice.post(scene.cast.url("portal:deposit_not_mine", offer.pk))
    assert no.status_code == 409
    assert "ya fue respondida" in text(no)


def test_no_closes_it_with_a_note_and_keeps_a_note_that_is_too_long(scene: Scene) -> None:
    offer = offered(scene)
    alice = client_of(scene.cast.alice)
    url = scene.cast.url("portal:deposit_not_mine", offer.pk)
    long = alice.post(url, {"note": "x" * 201})
    assert long.status_code == 400
    assert "x" * 201 in text(long)
    assert "no es suyo" not in text(alice.get(scene.cast.url("portal:home")))
    assert "No volveremos a preguntar" in text(alice.post(url, {"note": "No fui yo"}, follow=True))
    assert "Ya había dicho que este depósito no es suyo" in text(alice.post(url, follow=True))
    html = text(alice.get(scene.cast.url("portal:deposit", offer.pk)))
    assert "81,20" not in html
    assert DepositOffer.objects.get().note == "No fui yo"


@pytest.mark.parametrize("end", ["withdrawn", "used", "late"])
def test_what_is_over_is_said_and_nothing_of_it_is_shown(scene: Scene, end: str) -> None:
    line = deposit(scene)
    offer = offered(scene, line)
    if end == "withdrawn":
        withdraw_offer(offer_id=offer.pk, by=scene.cast.carol)
    elif end == "used":
        scene.verify(scene.report("81.20", by=scene.cast.bob), line)
    else:
        DepositOffer.objects.update(expires_on=scene.today - dt.timedelta(days=1))
    alice = client_of(scene.cast.alice)
    for act in ("portal:deposit_mine", "portal:deposit_not_mine"):
        answer = alice.post(scene.cast.url(act, offer.pk))
        assert answer.status_code == 409
        assert "Ya no preguntamos por este depósito" in text(answer)
        assert "81,20" not in text(answer)
    assert not ReportDraft.objects.exists()
