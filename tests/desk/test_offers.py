"""Offering a deposit from the workbench, the list of what was offered, and taking a question back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.models import Letter
from reconciliation.models import DepositOffer
from reconciliation.services import claim_deposit, deny_deposit
from tests.reconciliation.scene import Scene
from tests.reconciliation.test_offers import deposit, offered, report_of_claim

pytestmark = pytest.mark.django_db


def page(scene: Scene, browse: Any, name: str, *args: Any, query: str = "", who: str = "carol") -> str:
    answer = browse(who).get(scene.cast.url(name, *args) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_from_the_list_of_unmatched_movements_one_customer_is_asked(scene: Scene, browse: Any, post: Any) -> None:
    scene.order("81.20")
    line = deposit(scene)
    assert scene.cast.url("desk:line_offer", line.pk) in page(scene, browse, "desk:workbench", query="?view=lines")
    html = page(scene, browse, "desk:line_offer", line.pk)
    for words in ("Es exactamente el monto de una de sus órdenes abiertas", "Todo lo que se le muestra", "2442"):
        assert words in html
    assert post("carol", "desk:line_offer", line.pk).status_code == 400
    assert post("carol", "desk:line_offer", line.pk, customer=scene.cast.a.pk).status_code == 302
    listed = page(scene, browse, "desk:workbench", query="?view=lines")
    assert f"Ofrecido a {scene.cast.a.name}" in listed
    assert scene.cast.url("desk:line_offer", line.pk) not in listed
    again = post("carol", "desk:line_offer", line.pk, customer=scene.cast.b.pk)
    assert again.status_code == 409
    assert "ya está ofrecido" in again.content.decode()
    assert Letter.objects.filter(kind="deposit_offered").count() == 1


def test_others_are_found_by_words(scene: Scene, browse: Any) -> None:
    line = deposit(scene)
    html = page(scene, browse, "desk:line_offer", line.pk, query="?q=nanez")
    assert scene.cast.b.name in html
    assert "Ningún cliente coincide" in page(scene, browse, "desk:line_offer", line.pk, query="?q=zzz%00zz")


def test_the_list_says_what_came_of_each(scene: Scene, browse: Any, post: Any) -> None:
    denied, claimed, silent = offered(scene), offered(scene), offered(scene)
    deny_deposit(offer_id=denied.pk, note="No <b>pagué</b>", by=scene.cast.alice)
    ticket = report_of_claim(scene, claimed)
    html = page(scene, browse, "desk:deposit_offers")
    for words in ("«No es mío»", "No &lt;b&gt;pagué&lt;/b&gt;", "«Es mío»", ticket.number, "Espera respuesta"):
        assert words in html
    assert ticket.number not in page(scene, browse, "desk:deposit_offers", query="?state=denied")
    assert browse("carol").get(scene.cast.url("desk:deposit_offers") + "?state=nothing").status_code == 400
    assert "Retirar<" not in page(scene, browse, "desk:deposit_offers", who="otto")
    assert post("sue", "desk:deposit_offer_withdraw", silent.pk).status_code == 403
    assert post("dan", "desk:deposit_offer_withdraw", silent.pk).status_code == 302
    late = post("dan", "desk:deposit_offer_withdraw", silent.pk)
    assert late.status_code == 409
    assert "ya no está ofrecido" in late.content.decode()
    assert DepositOffer.objects.get(pk=silent.pk).why == "staff"


def test_the_ticket_says_that_the_customer_claimed_the_deposit(scene: Scene, browse: Any) -> None:
    ticket = report_of_claim(scene, offered(scene))
    html = page(scene, browse, "desk:ticket", ticket.number)
    assert "El cliente dice que este depósito es suyo (ofrecido el" in html
    assert "Muy fuerte" not in html


def test_it_asks_as_often_for_many_as_for_few(scene: Scene, browse: Any) -> None:
    def count() -> int:
        page(scene, browse, "desk:deposit_offers")
        page(scene, browse, "desk:workbench", query="?view=lines")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(scene, browse, "desk:deposit_offers")
            page(scene, browse, "desk:workbench", query="?view=lines")
        return len(queries)

    claim_deposit(offer_id=offered(scene).pk, by=scene.cast.alice)
    few = count()
    for _each in range(4):
        offered(scene)
    assert count() == few
