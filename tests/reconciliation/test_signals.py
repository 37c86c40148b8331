"""Signals of fraud: facts told to staff, by whose they are, and nothing decided by them."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.errors import NotAllowed
from files.models import StoredFile
from files.services import receive_file
from orders.models import Order
from reconciliation.selectors.fraud_signals import Signal, signals_for
from reports.content import ReportContent, TransferContent
from reports.selectors import report_of
from reports.services import submit_report
from tests.files.hostile import jpeg
from tests.reconciliation.scene import Scene, make_scene
from tests.safety.world import upload
from tickets.models import State, Ticket

pytestmark = pytest.mark.django_db

JPEG_A, JPEG_B = jpeg(80, 120), jpeg(90, 130)


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def sent(scene: Scene, who: Actor, amount: str = "40.00", *, picture: bytes | None = None, hash_: str = "", **kw: Any) -> Ticket:
    """A report with a receipt (if `picture`) of these bytes and this perceptual hash."""
    assert who.customer is not None
    keys: tuple[uuid.UUID, ...] = ()
    if picture is not None:
        file = receive_file(
            merchant=scene.cast.merchant,
            customer=who.customer,
            upload=upload(content=picture),
            purpose=StoredFile.Purpose.RECEIPT,
            by=who,
        )
        StoredFile.objects.filter(pk=file.pk).update(perceptual_hash=hash_)
        keys = (file.key,)
    transfer = TransferContent(
        method_id=scene.cast.deposit.pk,
        account_id=scene.cast.account.pk,
        amount=Decimal(amount),
        paid_on=kw.get("paid_on", scene.today - dt.timedelta(days=1)),
        reference_raw=kw.get("reference", uuid.uuid4().int.__str__()[:9]),
        file_keys=keys,
    )
    order: Order = kw.get("order") or scene.order(amount, customer=who.customer)
    content = ReportContent(transfers=(transfer,), orders=(order.pk,))
    ticket, _made = submit_report(
        merchant=scene.cast.merchant, customer=who.customer, key=uuid.uuid4(), content=content, by=who
    )  # fmt: skip
    return ticket


def told(scene: Scene, ticket: Ticket, *, verified_before: int = 1) -> list[Signal]:
    carol = scene.cast.carol
    return list(signals_for(carol, report_of(carol, ticket), verified_before=verified_before).found)


def test_an_ordinary_report_has_none(scene: Scene) -> None:
    sent(scene, scene.cast.bob, picture=JPEG_B, hash_="f" * 256)
    assert told(scene, sent(scene, scene.cast.alice, picture=JPEG_A, hash_="0" * 256)) == []


def test_the_same_picture_of_another_customer_is_grave(scene: Scene) -> None:
    other = sent(scene, scene.cast.bob, picture=JPEG_A)
    (one,) = told(scene, sent(scene, scene.cast.alice, picture=JPEG_A))
    assert (one.kind, one.is_grave, list(one.tickets)) == ("same_picture", True, [other])


def test_the_same_picture_of_the_same_customer_is_told_apart(scene: Scene) -> None:
    other = sent(scene, scene.cast.alice, picture=JPEG_A)
    (one,) = told(scene, sent(scene, scene.cast.alice, picture=JPEG_A))
    assert (one.kind, one.is_grave, list(one.tickets)) == ("same_picture", False, [other])


def test_a_picture_that_looks_the_same_is_told(scene: Scene) -> None:
    other = sent(scene, scene.cast.bob, picture=JPEG_A, hash_="0" * 255 + "7")
    (one,) = told(scene, sent(scene, scene.cast.alice, picture=JPEG_B, hash_="0" * 256))
    assert (one.kind, one.is_grave, list(one.tickets)) == ("alike_picture", True, [other])


def test_a_reference_is_told_with_its_amount_and_owner(scene: Scene) -> None:
    theirs = sent(scene, scene.cast.bob, "40.00", reference="0045775572")
    own = sent(scene, scene.cast.alice, "12.00", reference="45775572")
    grave, mild = told(scene, sent(scene, scene.cast.alice, "40.00", reference="45775572"))
    assert (grave.kind, grave.is_grave, list(grave.tickets)) == ("reference_used", True, [theirs])
    assert "mismo monto" in grave.sentence
    assert (mild.is_grave, list(mild.tickets)) == (False, [own])
    assert "otro monto" in mild.sentence


def test_money_older_than_its_order_is_told(scene: Scene) -> None:
    order = scene.order("40.00")
    before = order.issued_on - dt.timedelta(days=2)
    (one,) = told(scene, sent(scene, scene.cast.alice, order=order, paid_on=before))
    assert one.kind == "paid_before_order"
    assert order.number in one.sentence


def test_a_large_first_payment_is_told_until_one_was_verified(scene: Scene) -> None:
    ticket = sent(scene, scene.cast.alice, "90000.00")
    assert [each.kind for each in told(scene, ticket, verified_before=0)] == ["first_large"]
    assert told(scene, ticket, verified_before=1) == []


def test_signals_decide_nothing_and_customers_read_none(scene: Scene) -> None:
    sent(scene, scene.cast.bob, picture=JPEG_A, reference="45775572")
    ticket = sent(scene, scene.cast.alice, picture=JPEG_A, reference="45775572")
    assert len(told(scene, ticket)) == 2
    ticket.refresh_from_db()
    assert ticket.state == State.SUBMITTED
    alice = scene.cast.alice
    with pytest.raises(NotAllowed):
        signals_for(alice, report_of(alice, ticket), verified_before=0)


def test_another_merchants_picture_is_none_of_ours(scene: Scene, django_assert_max_num_queries: Any) -> None:
    far = make_scene()
    sent(far, far.cast.alice, picture=JPEG_A, reference="45775572")
    ticket = sent(scene, scene.cast.alice, picture=JPEG_A, reference="45775572")
    carol = scene.cast.carol
    view = report_of(carol, ticket)
    with django_assert_max_num_queries(4):
        assert list(signals_for(carol, view, verified_before=1).found) == []
