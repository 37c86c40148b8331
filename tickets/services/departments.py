"""Departments and canned answers: the merchant's own data, edited by an administrator."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Merchant
from tickets.canned import unknown_words
from tickets.models import CannedReply, Department, Mailbox
from tickets.services.merchants import make_department

MOST_DEPARTMENTS = 30
MOST_REPLIES = 300
LONGEST_REPLY = 5000


@dataclass(frozen=True, kw_only=True)
class DepartmentData:
    """What an administrator says of a department. `email` may be empty; names are wanted in both languages."""

    name_es: str
    name_en: str
    email: str = ""
    is_offered: bool = True
    is_active: bool = True
    position: int = 0


@transaction.atomic
def save_department(*, merchant: Merchant, data: DepartmentData, department_id: int | None = None, by: Actor) -> Department:
    """Add or change a department. `Refused`: `name_required`, `email_taken`, `department_fixed` (the two that the program needs
    stay), `too_many`."""
    by.require(by.can_administer and by.merchant.pk == merchant.pk)
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    if not data.name_es.strip() or not data.name_en.strip():
        raise Refused(_("Write the name in both languages."), code="name_required", fields=("name_es", "name_en"))
    email = data.email.strip().lower()
    if email and Mailbox.objects.filter(address=email).exclude(merchant=merchant).exists():
        raise _taken()
    fields = {
        "name_es": data.name_es.strip(),
        "name_en": data.name_en.strip(),
        "email": email,
        "is_offered": data.is_offered,
        "is_active": data.is_active,
        "position": data.position,
    }
    try:
        with transaction.atomic():
            if department_id is None:
                return _add(merchant, fields)
            return _change(merchant, department_id, fields)
    except IntegrityError as error:
        if "department_email_unique" in str(error):
            raise _taken() from error
        raise


def _taken() -> Refused:
    return Refused(_("Another department has this e-mail address."), code="email_taken", fields=("email",))


def _add(merchant: Merchant, fields: dict[str, object]) -> Department:
    keys = set(Department.objects.filter(merchant=merchant).values_list("key", flat=True))
    if len(keys) >= MOST_DEPARTMENTS:
        raise Refused(_("There are thirty departments already. Change one of them."), code="too_many")
    wanted = slugify(str(fields["name_es"]))[:16] or "department"
    key = next(each for each in (wanted, *(f"{wanted}-{count}" for count in range(2, 99))) if each not in keys)
    return make_department(merchant, key, **fields)


def _change(merchant: Merchant, department_id: int, fields: dict[str, object]) -> Department:
    department = Department.objects.select_for_update().filter(merchant=merchant, pk=department_id).first()
    if department is None:
        raise Http404
    if department.is_fixed and not fields["is_active"]:
        raise Refused(
            _("%(name)s cannot be switched off: the program itself needs it.") % {"name": department.name},
            code="department_fixed",
            fields=("is_active",),
        )
    for name, value in fields.items():
        setattr(department, name, value)
    department.save(update_fields=list(fields))
    return department


@dataclass(frozen=True, kw_only=True)
class ReplyData:
    """What an administrator says of a canned answer: its words in both languages, with variables in braces."""

    name: str
    text_es: str
    text_en: str
    department_id: int | None = None
    is_active: bool = True


@transaction.atomic
def save_canned_reply(*, merchant: Merchant, data: ReplyData, reply_id: int | None = None, by: Actor) -> CannedReply:
    """Add or change a canned answer. `Refused`: `reply_incomplete`, `reply_too_long`, `reply_variable` (one that does not exist,
    named), `reply_name_taken`, `department`, `too_many`."""
    by.require(by.can_administer and by.merchant.pk == merchant.pk)
    name, texts = " ".join(data.name.split()), {"text_es": data.text_es.strip(), "text_en": data.text_en.strip()}
    if not name or not all(texts.values()):
        raise Refused(_("Write a name, and the answer in both languages."), code="reply_incomplete", fields=("name",))
    for field, text in texts.items():
        if len(text) > LONGEST_REPLY:
            raise Refused(_("Please write at most 5,000 characters."), code="reply_too_long", fields=(field,))
        unknown = unknown_words(text)
        if unknown:
            raise Refused(
                _("There is no variable called %(names)s.") % {"names": ", ".join(f"{{{each}}}" for each in unknown)},
                code="reply_variable",
                fields=(field,),
            )
    department = None
    if data.department_id is not None:
        department = Department.objects.filter(merchant=merchant, pk=data.department_id).first()
        if department is None:
            raise Refused(_("Please choose a department from the list."), code="department", fields=("department",))
    others = CannedReply.objects.filter(merchant=merchant).exclude(pk=reply_id or 0)
    if others.filter(name__iexact=name).exists():
        raise Refused(_("Another answer has this name."), code="reply_name_taken", fields=("name",))
    if reply_id is None:
        if others.count() >= MOST_REPLIES:
            raise Refused(_("There are three hundred answers already. Change one of them."), code="too_many")
        reply = CannedReply(merchant=merchant)
    else:
        found = CannedReply.objects.select_for_update().filter(merchant=merchant, pk=reply_id).first()
        if found is None:
            raise Http404
        reply = found
    reply.name, reply.department, reply.is_active = name, department, data.is_active
    reply.text_es, reply.text_en = texts["text_es"], texts["text_en"]
    reply.save()
    return reply
