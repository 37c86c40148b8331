"""Every page of the portal, of the door and of the installation: in both languages, on a phone and at a desk."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from accounts.invitations import invite, token_of
from config.demo.people import PASSWORD
from letters.models import Letter
from tests.browser.person import Person
from tests.browser.scenery import Scenery, grow_more
from tests.browser.town import Town
from tests.browser.visits import PORTAL_TARGET, Page, go_round, nothing_wrong
from tickets.mail.tokens import rating_token
from tickets.models import Conversation

pytestmark = pytest.mark.timeout(900)


def press_send(who: Person) -> None:
    """A form sent with nothing in it shows its sentences."""
    who.page.locator("main form button.btn-primary").first.click()
    who.page.locator(".error-summary, .field--error").first.wait_for()


def confirm_password(who: Person) -> None:
    """The door asks again before a delicate page."""
    if "reauthenticate" in who.page.url:
        who.fill("password", PASSWORD)
        who.page.locator("main button.btn-primary").click()


def rating_of(number: str) -> str:
    """The token with which a conversation is rated."""
    talk = Conversation.objects.get(number=number)
    return rating_token(talk.merchant_id, talk.pk)


def to_check_page(who: Person) -> None:
    """Fill the correction of a rejected report in, as far as its check page."""
    who.page.locator(".form-end button.btn-primary").click()
    who.page.wait_for_url(lambda address: "/check/" in address)


def portal_pages(full: Scenery) -> list[Page]:
    orders = full.town.orders
    ticked = "&orders=".join(str(orders[tail].pk) for tail in ("4401", "4455"))
    asked, rejected = full.number("asked"), full.number("rejected")
    states = ("in_review", "verified", "rejected", "withdrawn", "reversed", "decision")
    return [
        Page(name="portal:home"),
        Page(name="portal:about"),
        *[Page(name="portal:orders", query={"state": state}) for state in ("", "paid", "void")],
        Page(name="portal:orders", query={"q": "nada-de-esto"}),
        *[Page(name="portal:order", args=(number,)) for number in (orders["4401"].number, full.old.number, full.void.number)],
        Page(name="portal:account_statement"),
        Page(name="portal:deposit", args=(full.offer.pk if full.offer else 0,)),
        Page(name="portal:order_print", args=(orders["4401"].number,)),
        Page(name="portal:order_credit", args=(orders["4401"].number,)),
        Page(name="portal:report", query={"orders": ticked}),
        Page(name="portal:report", act=lambda who: (who.page.locator(".form-end button.btn-primary").click(),
                                                    who.page.locator(".error-summary").wait_for())),
        Page(name="portal:report", query={"orders": ticked}, act=fill_and_check),
        Page(name="portal:report_sent", args=(full.number("decision"),)),
        Page(name="portal:tickets"),
        Page(name="portal:ticket", args=(asked,)),
        Page(name="portal:ticket", args=(asked,), act=lambda who: (
            who.page.fill("[name=t-0-paid_on]", ""), who.press("Send answer"), who.page.locator(".error-summary").wait_for())),
        *[Page(name="portal:ticket", args=(full.number(state),)) for state in states],
        Page(name="portal:ticket_withdraw", args=(full.number("in_review"),)),
        Page(name="portal:ticket_correct", args=(rejected,)),
        Page(name="portal:ticket_correct", args=(rejected,), act=to_check_page),
        Page(name="portal:support_new"),
        Page(name="portal:support_new", act=press_send),
        Page(name="portal:conversation", args=(full.talk,)),
        Page(name="portal:rating", args=(rating_of(full.talk),)),
        Page(name="portal:profile"),
        Page(name="portal:customer_data"),
        Page(name="portal:privacy"),
        Page(name="portal:services"),
        Page(name="portal:addresses"),
        Page(name="portal:letters"),
        Page(name="portal:letter", args=(letter_of(full),)),
        Page(name="portal:contacts"),
        Page(name="portal:contact_invite"),
        Page(name="portal:contact_invite", act=press_send),
        Page(name="portal:contact", args=(manager_of(full),)),
        Page(name="portal:contact_remove", args=(manager_of(full),)),
        Page(name="portal:choose"),
        Page(name="portal:help"),
        Page(name="portal:help", query={"q": "banco"}),
        Page(name="portal:article", args=("report-a-payment",)),
        Page(name="portal:article", args=("ticket-states",)),
    ]  # fmt: skip


def manager_of(full: Scenery) -> int:
    """Alicia as a contact of her customer."""
    contact = full.town.andina.contacts[full.town.customer.pk].contact
    assert contact is not None
    return int(contact.pk)


def letter_of(full: Scenery) -> int:
    """An e-mail that Alicia got."""
    letter = Letter.objects.filter(user=full.town.andina.contacts[full.town.customer.pk].user, is_secret=False).latest("pk")
    words = {"subject": "AP-10482: recibimos su reporte", "text": "Recibimos su reporte\n\n--\nAndina\n"}
    Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=timezone.now(), **words)
    return int(letter.pk)


def invitation_of(town: Town) -> str:
    """The key in the link of an invitation that waits."""
    by = town.andina.contacts[town.customer.pk]
    return token_of(invite(customer=town.customer, email="nueva@perez.example", name="Nueva Persona", can_report=True, by=by))


def fill_and_check(who: Person) -> None:
    """From a filled form to the check page."""
    who.page.fill('[name="t-0-reference"]', "0045775572442")
    option = who.page.locator('[name="t-0-origin_bank"] option', has_text="0134").first
    who.page.select_option('[name="t-0-origin_bank"]', value=option.get_attribute("value"))
    to_check_page(who)


@pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_pages_of_the_portal_are_sound(scenery: Scenery, thoroughly: bool) -> None:
    full, found = grow_more(scenery), []
    for language in ("es", "en"):
        alicia = full.town.alicia(language=language, phone=False)
        found += go_round(alicia, portal_pages(full), target=PORTAL_TARGET, thoroughly=thoroughly)
    nothing_wrong(found + full.town.close())


def ask_code(who: Person) -> None:
    who.fill("email", "nobody@perez.example")
    who.press("Send the code")
    who.page.wait_for_url(lambda address: "/confirm/" in address)


def to_register_code(who: Person) -> None:
    """Ask to register, as far as the page of the code."""
    email = f"nueva-{uuid.uuid4().hex}@perez.example"
    who.page.fill("[name=email]", email)
    who.page.locator("main button.btn-primary").click()
    who.page.wait_for_url(lambda address: "/register/code/" in address)


def to_register_details(who: Person) -> None:
    """Give the code too."""
    to_register_code(who)
    code = Letter.objects.filter(to_email__startswith="nueva-").latest("pk").context["code"]
    who.page.fill("[name=code]", code)
    who.page.locator("main button.btn-primary").click()
    who.page.wait_for_url(lambda address: "/register/details/" in address)


def make_codes(who: Person) -> None:
    """New recovery codes, shown once."""
    who.page.locator("main button.btn-primary, main button.btn-danger").first.click()
    who.wait_for("mfa_view_recovery_codes")


DOOR = [
    Page(name="portal:home"),
    Page(name="portal:help"),
    Page(name="account_login"),
    Page(name="account_login", act=press_send),
    Page(name="account_request_login_code"),
    Page(name="account_request_login_code", act=press_send),
    Page(name="account_request_login_code", act=ask_code),
    Page(name="account_reset_password"),
    Page(name="account_reset_password_done"),
    Page(name="account_reset_password_from_key", args=("1", "no-such-key")),
    Page(name="account_reset_password_from_key_done"),
    Page(name="account_signup"),
    Page(name="portal:register"),
    Page(name="portal:register", act=press_send),
    Page(name="portal:register", act=to_register_code),
    Page(name="portal:register", act=to_register_details),
    Page(name="account_inactive"),
]
OWN = [
    Page(name="account_email", act=confirm_password),
    Page(name="account_change_password"),
    Page(name="account_change_password", act=press_send),
    Page(name="mfa_index"),
    Page(name="mfa_activate_totp"),
    Page(name="mfa_activate_totp", act=press_send),
    Page(name="usersessions_list"),
    Page(name="account_logout"),
    Page(name="account_reauthenticate"),
]
CODES = [
    Page(name="mfa_deactivate_totp", act=confirm_password),
    Page(name="mfa_generate_recovery_codes"),
    Page(name="mfa_generate_recovery_codes", act=make_codes),
]


@pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_pages_of_the_door_are_sound(town: Town, thoroughly: bool) -> None:
    found = []
    door = [*DOOR, Page(name="portal:invitation", args=(invitation_of(town),))]
    for language in ("es", "en"):
        found += go_round(town.person(None, language=language), door, target=PORTAL_TARGET, thoroughly=thoroughly)
        found += go_round(town.alicia(language=language, phone=False), OWN, target=PORTAL_TARGET, thoroughly=thoroughly)
        found += go_round(town.staff("Carmen", language=language), CODES, target=PORTAL_TARGET, thoroughly=thoroughly)
    nothing_wrong(found + town.close())
