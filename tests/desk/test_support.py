"""Support at the desk: the list, hand-over, people, links, answers that are ready, mails that are held, set-up (S1-32)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from helpdesk.models import Ticket as HelpdeskTicket

from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from reports.services import take_mail
from tests.cast import client_of
from tests.factories import make_order
from tests.reconciliation.scene import Scene
from tests.tickets.mails import a_mail, answer_address, make_mailbox
from tickets import services
from tickets.models import CannedReply, Conversation, ConversationEvent, Department, IncomingMail, Mailbox, Topic
from tickets.support import ConversationFilters, list_conversations, support_figures

pytestmark = pytest.mark.django_db


def talk_of(scene: Scene, subject: str = "Mi dominio", **kw: Any) -> Conversation:
    cast = scene.cast
    kw.setdefault("by", cast.alice)
    return services.open_conversation(merchant=cast.merchant, customer=cast.a, subject=subject, text="No abre", **kw)


def department(scene: Scene, name: str = "Ventas", **kw: Any) -> Department:
    data = services.DepartmentData(name_es=name, name_en=f"{name} (en)", **kw)
    return services.save_department(merchant=scene.cast.merchant, data=data, by=scene.cast.ada)


def shown(browse: Any, scene: Scene, who: str = "sue", **query: Any) -> str:
    answer = browse(who).get(scene.cast.url("desk:conversations"), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_list_shows_who_waits_and_finds_by_words(scene: Scene, browse: Any, post: Any) -> None:
    first, second = talk_of(scene, "Mi dominio vence"), talk_of(scene, "Factura equivocada")
    post("sue", "desk:conversation", first.number, text="Ya lo vemos", kind="public")
    html = shown(browse, scene)
    assert ("Factura equivocada" in html, "Mi dominio vence" in html) == (True, False)
    assert "Mi dominio vence" in shown(browse, scene, show="open")
    post("sue", "desk:conversation_act", second.number, act="take")
    assert "Factura equivocada" in shown(browse, scene, show="mine")
    assert "Factura" not in shown(browse, scene, who="carol", show="mine")
    found = shown(browse, scene, show="all", q="DOMINIO vénce")
    assert ("Mi dominio vence" in found, "Factura equivocada" in found) == (True, False)
    assert first.number in shown(browse, scene, show="all", q=first.number[-5:])
    assert "No se encontró nada" in shown(browse, scene, show="all", q="% _")
    payments = Department.objects.get(merchant=scene.cast.merchant, key="payments")
    assert "No se encontró nada" in shown(browse, scene, department=payments.pk)
    for odd in ({"after": "x"}, {"after": "MjAyNnww"}, {"department": "x"}, {"show": "x"}, {"q": "\x00"}):
        assert browse("sue").get(scene.cast.url("desk:conversations"), odd).status_code in (200, 404)


def many(scene: Scene, count: int) -> None:
    """Conversations in bulk, half of them waiting, a second apart; every third at the very same moment as the one before."""
    cast, now = scene.cast, timezone.now()
    support = services.open_conversation(merchant=cast.merchant, customer=cast.a, subject="x", text="x", by=cast.alice).department
    rows = HelpdeskTicket.objects.bulk_create([HelpdeskTicket(title="x", queue_id=support.queue_id) for _ in range(count)])
    Conversation.objects.bulk_create(
        Conversation(
            merchant=cast.merchant, customer=cast.a, department=support, helpdesk_ticket=row, number=f"N-{place}",
            subject=f"Asunto {place}", changed_at=now - dt.timedelta(seconds=place - (place % 3 == 2)), awaits_us=place % 2 == 0,
        )
        for place, row in enumerate(rows)
    )  # fmt: skip


def test_pages_follow_each_other_without_gap_and_cost_the_same(scene: Scene) -> None:
    many(scene, 120)
    filters, seen = ConversationFilters(view="open"), []
    costs = set()
    while True:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = list_conversations(scene.cast.sue, filters, page_size=25)
        costs.add(len(queries))
        seen += [row.pk for row in page.rows]
        if not page.following:
            break
        filters = ConversationFilters(view="open", after=page.following)
    assert (len(seen), len(set(seen)), costs) == (121, 121, {1})


def test_the_lists_order_comes_from_an_index(scene: Scene) -> None:
    many(scene, 3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_conversation")
    for view in ("waiting", "open", "all"):
        with CaptureQueriesContext(connection) as queries:
            list_conversations(scene.cast.sue, ConversationFilters(view=view))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {queries[0]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        # Of the list itself: how the last message of one is found depends on what is known of an almost empty table.
        order = plan.partition("SubPlan")[0]
        assert "Index Scan using conversation_" in order, plan
        assert "Sort" not in order, plan


def test_the_list_costs_the_same_with_many_rows(scene: Scene, browse: Any) -> None:
    talk_of(scene)
    shown(browse, scene, show="all")
    with CaptureQueriesContext(connection) as few:
        shown(browse, scene, show="all")
    many(scene, 60)
    with CaptureQueriesContext(connection) as lots:
        shown(browse, scene, show="all")
    assert len(lots) == len(few)


def test_a_conversation_is_handed_over_with_a_note_and_the_customer_is_told(scene: Scene, browse: Any, post: Any) -> None:
    talk, sales = talk_of(scene), department(scene)
    post("sue", "desk:conversation_act", talk.number, act="take")
    Letter.objects.all().delete()
    answer = post("sue", "desk:conversation_act", talk.number, act="move", department=sales.pk, note="Quiere otro plan")
    assert answer.status_code == 302
    talk.refresh_from_db()
    assert (talk.department, talk.assigned_to) == (sales, None)
    event = ConversationEvent.objects.get(act="move")
    assert (event.source, event.target, event.note, event.by) == ("Soporte", "Ventas", "Quiere otro plan", scene.cast.sue.user)
    assert Letter.objects.get().kind == "conversation_moved"
    assert "Quiere otro plan" in browse("carol").get(scene.cast.url("desk:conversation", talk.number)).content.decode()
    same = post("sue", "desk:conversation_act", talk.number, act="move", department=sales.pk, note="Otra vez")
    assert same.status_code == 400
    assert "Otra vez" in same.content.decode()
    assert post("otto", "desk:conversation_act", talk.number, act="move", department=sales.pk).status_code == 403
    assert post("sue", "desk:conversation_act", talk.number, act="dance").status_code == 400


def test_who_gets_a_conversation_hears_of_it_and_of_each_answer(scene: Scene, post: Any) -> None:
    talk = talk_of(scene)
    carol = scene.cast.carol.user
    assert carol is not None
    post("sue", "desk:conversation_act", talk.number, act="assign", person=carol.pk)
    assert Letter.objects.get(kind="conversation_assigned").to_email == carol.email
    services.post_message(conversation_id=talk.pk, text="¿Y entonces?", by=scene.cast.alice)
    assert Letter.objects.get(kind="conversation_answered").to_email == carol.email
    otto = scene.cast.otto.user
    assert otto is not None
    assert post("sue", "desk:conversation_act", talk.number, act="assign", person=otto.pk).status_code == 400
    post("sue", "desk:conversation_act", talk.number, act="assign", person="")
    assert Conversation.objects.get(pk=talk.pk).assigned_to is None


def test_reports_stay_with_accounting(scene: Scene) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    talk, sue = ticket.conversation, scene.cast.sue
    acts: tuple[Any, ...] = (
        lambda: services.move_conversation(conversation_id=talk.pk, department_id=department(scene).pk, by=sue),
        lambda: services.assign_conversation(conversation_id=talk.pk, user_id=None, by=sue),
        lambda: services.reopen_conversation(conversation_id=talk.pk, by=sue),
    )
    for act in acts:
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "is_report"
    assert not ConversationEvent.objects.exists()


def test_a_conversation_is_linked_to_what_it_is_about(scene: Scene, browse: Any, post: Any) -> None:
    talk, order = talk_of(scene), make_order(scene.cast.a, "12.00")
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    for number in (order.number, ticket.number, order.number):
        assert post("sue", "desk:conversation_act", talk.number, act="link", topic=number).status_code == 302
    assert Topic.objects.count() == 2
    html = browse("otto").get(scene.cast.url("desk:conversation", talk.number)).content.decode()
    assert scene.cast.url("desk:order", order.number) in html
    theirs = make_order(scene.cast.b, "13.00")
    refused = post("sue", "desk:conversation_act", talk.number, act="link", topic=theirs.number)
    assert (refused.status_code, theirs.number in refused.content.decode()) == (400, True)
    post("sue", "desk:conversation_act", talk.number, act="unlink", link=Topic.objects.first().pk)  # type: ignore[union-attr]
    assert Topic.objects.count() == 1
    with pytest.raises(NotAllowed):
        services.remove_topic(conversation_id=talk.pk, topic_id=1, by=scene.cast.alice)


def test_an_answer_that_is_ready_is_filled_in_and_sent_by_hand(scene: Scene, browse: Any, post: Any) -> None:
    talk = talk_of(scene, "Plan {agent}")
    said = {
        "name": "Saludo",
        "department": "",
        "text_es": "Hola {customer}: {subject}",
        "text_en": "Hello {customer}",
        "is_active": "on",
    }
    url = scene.cast.url("desk:canned_reply", 0)
    bad = browse("ada").post(url, {**said, "text_en": "Hi {password} {nobody}"})
    assert bad.status_code == 400
    assert "{password}, {nobody}" in bad.content.decode()
    seen = browse("ada").post(url, {**said, "preview": "1"})
    assert "Hola Panadería El Ávila: Mi dominio" in seen.content.decode()
    assert not CannedReply.objects.exists()
    assert browse("ada").post(url, said).status_code == 302
    assert browse("ada").post(url, said).status_code == 400  # the name is taken
    assert browse("sue").get(url).status_code == 403
    reply = CannedReply.objects.get()
    html = browse("sue").get(scene.cast.url("desk:conversation", talk.number), {"canned": reply.pk}).content.decode()
    assert f"Hola {scene.cast.a.name}: Plan {{agent}}</textarea>" in html
    assert browse("sue").get(scene.cast.url("desk:conversation", talk.number), {"canned": "9" * 30}).status_code == 200
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    own = browse("carol").get(scene.cast.url("desk:ticket", ticket.number), {"canned": reply.pk}).content.decode()
    assert reply.name in own
    assert f"Hola {scene.cast.a.name}" in own.partition('id="id_text"')[2].partition("</textarea>")[0]
    assert reply.name not in browse("otto").get(scene.cast.url("desk:ticket", ticket.number)).content.decode()


def test_departments_are_the_merchants_own(scene: Scene, browse: Any) -> None:
    url = scene.cast.url("desk:department", 0)
    said = {
        "name_es": "Técnica",
        "name_en": "Technical",
        "email": "TECNICA@andina.example",
        "is_offered": "on",
        "is_active": "on",
        "position": "3",
    }
    assert browse("ada").post(url, {**said, "name_en": ""}).status_code == 400
    assert browse("ada").post(url, said).status_code == 302
    made = Department.objects.get(key="tecnica")
    assert (made.email, made.queue.slug) == ("tecnica@andina.example", f"{scene.cast.merchant.slug}-tecnica")
    assert browse("ada").post(url, said).status_code == 400  # the address is taken
    support = Department.objects.get(merchant=scene.cast.merchant, key="support")
    change = scene.cast.url("desk:department", support.pk)
    off = browse("ada").post(change, {**said, "email": "", "is_active": ""})
    assert (off.status_code, "no se puede desactivar" in off.content.decode()) == (400, True)
    support.refresh_from_db()
    assert support.is_active
    assert browse("ada").get(scene.cast.url("desk:department", 10**9)).status_code == 404
    assert browse("dan").post(url, said).status_code == 403
    html = browse("otto").get(scene.cast.url("desk:support")).content.decode()
    assert "Técnica" in html


def test_the_mailbox_is_set_up_and_its_password_never_shown(scene: Scene, browse: Any) -> None:
    url = scene.cast.url("desk:mailbox")
    said = {
        "address": "soporte@andina.example", "host": "imap.andina.example", "port": "993", "security": "tls",
        "username": "soporte", "password": "clave-secreta", "folder": "INBOX",
    }  # fmt: skip
    assert browse("ada").post(url, said).status_code == 302
    assert not Mailbox.objects.get().is_active
    assert "clave-secreta" not in browse("ada").get(url).content.decode()
    bad = browse("ada").post(url, {**said, "is_active": "on", "host": "127.0.0.1"})
    assert (bad.status_code, "clave-secreta" in bad.content.decode()) == (400, False)
    assert "red privada" in bad.content.decode()
    assert Mailbox.objects.get().host == "imap.andina.example"


def test_held_mails_are_listed_until_somebody_has_dealt_with_them(scene: Scene, browse: Any, post: Any) -> None:
    mailbox = make_mailbox(scene.cast.merchant)
    mail = IncomingMail.objects.create(
        merchant=scene.cast.merchant, mailbox=mailbox, key="a" * 64, from_email="x@otra.example", from_name="<b>X</b>",
        subject="Quiero pagar", text="<script>1</script>", outcome="held", reason="unknown",
    )  # fmt: skip
    html = browse("otto").get(scene.cast.url("desk:mails")).content.decode()
    assert ("Quiero pagar" in html, "<script>1" in html) == (True, False)
    assert post("otto", "desk:mails", mail=mail.pk).status_code == 403
    assert post("sue", "desk:mails", mail="x").status_code == 404
    assert post("sue", "desk:mails", mail=mail.pk).status_code == 302
    assert "Quiero pagar" not in browse("sue").get(scene.cast.url("desk:mails")).content.decode()


def test_a_held_mail_becomes_a_conversation_of_the_customer_whose_it_is(scene: Scene, browse: Any, post: Any) -> None:
    cast = scene.cast
    mail = IncomingMail.objects.create(
        merchant=cast.merchant, mailbox=make_mailbox(cast.merchant), key="a" * 64, from_email="alicia@casa.example",
        subject="Mi factura", text="No la encuentro", outcome="held", reason="unknown",
    )  # fmt: skip
    said = {"mail": mail.pk, "act": "open"}
    wrong = post("sue", "desk:mails", **said, customer="K-nobody")
    assert (wrong.status_code, "K-nobody" in wrong.content.decode()) == (400, True)
    assert post("otto", "desk:mails", **said, customer=cast.a.number).status_code == 403
    assert not Conversation.objects.filter(subject="Mi factura").exists()
    Letter.objects.all().delete()
    answer = post("sue", "desk:mails", **said, customer=cast.a.number)
    talk = Conversation.objects.get(subject="Mi factura")
    assert answer["Location"].endswith(f"/{talk.number}/")
    assert (talk.customer, talk.awaits_us) == (cast.a, True)
    assert not Letter.objects.exists()  # who wrote needs not be told
    assert "No la encuentro" in client_of(cast.alice).get(cast.url("portal:conversation", talk.number)).content.decode()
    page = browse("sue").get(cast.url("desk:conversation", talk.number)).content.decode()
    assert "alicia@casa.example" in page
    assert "Mi factura" not in browse("sue").get(cast.url("desk:mails")).content.decode()
    assert post("sue", "desk:mails", **said, customer=cast.a.number).status_code == 409


def test_figures_of_support(scene: Scene) -> None:
    cast = scene.cast
    talks = [talk_of(scene, f"Asunto {count}") for count in range(4)]
    services.post_message(conversation_id=talks[0].pk, text="Sí", by=cast.sue)
    for talk, rating in ((talks[1], "good"), (talks[2], "bad")):
        services.close_conversation(conversation_id=talk.pk, by=cast.sue)
        services.rate_conversation(conversation_id=talk.pk, rating=rating, by=cast.alice)
    with CaptureQueriesContext(connection) as queries:
        figures = support_figures(cast.sue)
    assert len(queries) == 3
    assert (figures.open, figures.waiting_for_us, figures.waiting_for_customer, figures.unassigned) == (2, 1, 1, 2)
    assert (figures.good, figures.bad, figures.satisfied_per_cent) == (1, 1, 50)


def test_a_mail_held_at_a_report_says_so_in_its_history(scene: Scene, browse: Any) -> None:
    cast, mailbox = scene.cast, make_mailbox(scene.cast.merchant)
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    to = answer_address(mailbox, ticket.conversation, cast.alice.user.pk if cast.alice.user else 0)
    take_mail(mailbox=mailbox, raw=a_mail("x@otra.example", to, "Soy el dueño"))
    html = browse("carol").get(cast.url("desk:ticket", ticket.number)).content.decode()
    assert "Correo retenido de x@otra.example; el cliente no lo ve" in html
    assert "Soy el dueño" in html
    own = client_of(cast.alice).get(cast.url("portal:ticket", ticket.number)).content.decode()
    assert ("Soy el dueño" in own, "otra.example" in own) == (False, False)
