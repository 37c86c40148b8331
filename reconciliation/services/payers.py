"""Saying that one payer pays for several customers, and taking it back. It moves no money; history is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Customer, User
from reconciliation.models import PayerGroup, PayerGroupMember

LEAST_MEMBERS = 2
MOST_MEMBERS = 200
LONGEST_NAME, LONGEST_TAX_ID = 120, 30


def make_payer_group(*, name: str, customer_ids: Iterable[int], payer_tax_id: str = "", by: Actor) -> PayerGroup:
    """One payer for these customers of the merchant.

    Raises `Refused`: `payer_needs_name`, `payer_needs_two`, `payer_too_many`, `customer_unknown` (another merchant's, too),
    `customer_in_group`.
    """
    person = _person(by)
    name, payer_tax_id = _tidy(name, LONGEST_NAME), _tidy(payer_tax_id, LONGEST_TAX_ID)
    keys = sorted(set(customer_ids))
    if not name:
        raise Refused(_("Write who pays."), code="payer_needs_name", fields=("name",))
    if len(keys) < LEAST_MEMBERS:
        raise Refused(_("A payer group needs at least two customers."), code="payer_needs_two", fields=("customer",))
    _require_room(len(keys))
    with transaction.atomic():
        _lock_outsiders(keys, by)
        group = PayerGroup.objects.create(merchant=by.merchant, name=name, payer_tax_id=payer_tax_id, made_by=person)
        PayerGroupMember.objects.bulk_create(
            [PayerGroupMember(merchant=by.merchant, group=group, customer_id=key, added_by=person) for key in keys]
        )
        return group


def add_customer(*, group_id: int, customer_id: int, by: Actor) -> PayerGroupMember:
    """One more customer for whom the payer pays. Raises as `make_payer_group`, `Stale(payer_group_ended)`, `Http404`."""
    person = _person(by)
    with transaction.atomic():
        group = _lock(group_id, by)
        _lock_outsiders([customer_id], by)
        _require_room(len(_live(group)) + 1)
        return PayerGroupMember.objects.create(merchant=by.merchant, group=group, customer_id=customer_id, added_by=person)


def remove_customer(*, group_id: int, customer_id: int, by: Actor) -> PayerGroupMember:
    """The payer no longer pays for this customer; what was settled stays.

    Raises `Refused(payer_needs_two)`, `Stale(payer_group_ended, not_in_group)`, `Http404`.
    """
    person = _person(by)
    with transaction.atomic():
        group = _lock(group_id, by)
        live = _live(group)
        member = next((each for each in live if each.customer_id == customer_id), None)
        if member is None:
            raise Stale(_("This customer is not in the group any more."), code="not_in_group")
        if len(live) <= LEAST_MEMBERS:
            raise Refused(_("A payer group needs at least two customers: end the group instead."), code="payer_needs_two")
        member.removed_by, member.removed_at = person, timezone.now()
        member.save(update_fields=["removed_by", "removed_at"])
        return member


def end_group(*, group_id: int, by: Actor) -> PayerGroup:
    """Nobody pays for these customers together any more. Raises `Stale(payer_group_ended)`, `Http404`."""
    person = _person(by)
    with transaction.atomic():
        group = _lock(group_id, by)
        group.ended_by, group.ended_at = person, timezone.now()
        group.save(update_fields=["ended_by", "ended_at"])
        group.members.filter(removed_at__isnull=True).update(removed_by=person, removed_at=group.ended_at)
        return group


def remember_payer(*, name: str, customer_ids: Collection[int], by: Actor) -> PayerGroup:
    """The group of these customers: made, or the one in which some of them are, with the others added to it.

    Raises as `make_payer_group`, and `Refused(two_groups)`.
    """
    known = PayerGroupMember.objects.filter(merchant=by.merchant, customer__in=customer_ids, removed_at__isnull=True)
    members = {member.customer_id: member.group_id for member in known}
    groups = set(members.values())
    if not groups:
        return make_payer_group(name=name, customer_ids=customer_ids, by=by)
    if len(groups) > 1:
        raise Refused(_("These customers belong to different payer groups: change the groups first."), code="two_groups")
    (group_id,) = groups
    with transaction.atomic():
        for key in sorted(set(customer_ids) - set(members)):
            add_customer(group_id=group_id, customer_id=key, by=by)
    return PayerGroup.objects.get(pk=group_id)


def _person(by: Actor) -> User:
    by.require(by.can_decide)
    if by.user is None:
        raise NotAllowed
    return by.user


def _tidy(text: str, most: int) -> str:
    return " ".join(text.replace("\x00", " ").split())[:most]


def _lock(group_id: int, by: Actor) -> PayerGroup:
    group = PayerGroup.objects.select_for_update(of=("self",)).filter(merchant=by.merchant, pk=group_id).first()
    if group is None:
        raise Http404
    if group.ended_at is not None:
        raise Stale(_("This payer group has ended already."), code="payer_group_ended")
    return group


def _live(group: PayerGroup) -> list[PayerGroupMember]:
    return list(group.members.filter(removed_at__isnull=True))


def _lock_outsiders(keys: Collection[int], by: Actor) -> None:
    """Lock customers, by pk, so that nobody else takes one of them into a group; refuse those that are in one."""
    found = Customer.objects.select_for_update(of=("self",), no_key=True).filter(merchant=by.merchant, pk__in=keys).order_by("pk")
    if len(list(found)) != len(set(keys)):
        raise Refused(_("This customer does not exist."), code="customer_unknown", fields=("customer",))
    taken = PayerGroupMember.objects.filter(customer__in=keys, removed_at__isnull=True).select_related("customer", "group")
    one = taken.order_by("pk").first()
    if one is not None:
        raise Refused(
            _("%(customer)s is in the payer group %(group)s already.") % {"customer": one.customer.name, "group": one.group.name},
            code="customer_in_group",
            fields=("customer",),
        )


def _require_room(size: int) -> None:
    if size > MOST_MEMBERS:
        raise Refused(
            _("A payer group has at most %(count)d customers.") % {"count": MOST_MEMBERS},
            code="payer_too_many",
            fields=("customer",),
        )
