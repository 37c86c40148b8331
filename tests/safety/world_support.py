"""What support has at a merchant: a department, an answer that is ready, a mailbox with a held mail, a closed conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.services import link_topic
from tests.tickets.mails import make_mailbox
from tickets import services as tickets
from tickets.models import CannedReply, Conversation, Department, IncomingMail

if TYPE_CHECKING:
    from tests.safety.world import House


class Support:
    """`department` is offered to customers, `reply` is ready, `mail` is held, `closed` waits to be rated."""

    department: Department
    reply: CannedReply
    mail: IncomingMail
    closed: Conversation


def support_of(house: House) -> Support:
    """Furnish the support of a merchant, with its slug or Alice's word in every text."""
    cast, word, merchant = house.scene.cast, house.alice.canaries.word, house.merchant
    made, mark = Support(), f"zq{house.merchant.slug}"
    made.department = tickets.save_department(
        merchant=merchant, data=tickets.DepartmentData(name_es=f"Ventas {mark}", name_en=f"Sales {mark}", position=9), by=cast.ada
    )
    made.reply = tickets.save_canned_reply(
        merchant=merchant, by=cast.ada,
        data=tickets.ReplyData(
            name=mark, text_es=f"Hola {mark}", text_en=f"Hello {mark}", department_id=made.department.pk
        ),
    )  # fmt: skip
    mailbox = make_mailbox(merchant, is_active=False)
    made.mail = IncomingMail.objects.create(
        merchant=merchant, mailbox=mailbox, key="f" * 64, from_email=f"{mark}@otra.example", from_name=mark, subject=mark,
        text=f"Quiero pagar {mark}", outcome="held", reason="unknown",
    )  # fmt: skip
    made.closed = tickets.open_conversation(
        merchant=merchant, customer=house.alice.customer, subject=f"Cerrada {word}", text=f"Hola {word}", by=house.alice.actor
    )
    link_topic(conversation_id=made.closed.pk, number=house.alice.tickets["submitted"].number, by=cast.sue)
    link_topic(conversation_id=house.alice.conversation.pk, number=house.alice.orders["open"].number, by=cast.sue)
    tickets.move_conversation(conversation_id=made.closed.pk, department_id=made.department.pk, note=f"Nota {word}", by=cast.sue)
    tickets.assign_conversation(
        conversation_id=made.closed.pk, user_id=cast.carol.user.pk if cast.carol.user else None, by=cast.sue
    )
    tickets.close_conversation(conversation_id=made.closed.pk, by=cast.sue)
    IncomingMail.objects.create(
        merchant=merchant, mailbox=mailbox, key="e" * 64, from_email=f"{word}@mail.example", subject=word, outcome="posted",
        conversation=made.closed, message=made.closed.messages.get(),
    )  # fmt: skip
    return made
