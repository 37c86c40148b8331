"""Payer groups: which customers one payer pays for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Customer, Merchant
from accounts.selectors import customers_for
from reconciliation.models import PayerGroup, PayerGroupMember

MOST_FOUND = 20


@dataclass(frozen=True, kw_only=True)
class Found:
    """A customer found by words; `group` when they are in one already."""

    customer: Customer
    group: PayerGroup | None


def groups_for(actor: Actor, *, ended: bool = False) -> QuerySet[PayerGroup]:
    """The merchant's payer groups, the newest first, each with its members (`members`, of all times). Staff only."""
    _require_staff(actor)
    members = PayerGroupMember.objects.select_related("customer", "added_by", "removed_by").order_by("customer__name", "pk")
    groups = PayerGroup.objects.filter(merchant=actor.merchant, ended_at__isnull=not ended)
    return groups.select_related("made_by", "ended_by").prefetch_related(Prefetch("members", queryset=members)).order_by("-pk")


def group_for(actor: Actor, pk: int) -> PayerGroup:
    """One group, ended or not. `Http404` when it is not there."""
    _require_staff(actor)
    found = PayerGroup.objects.filter(merchant=actor.merchant, pk=pk).select_related("made_by", "ended_by").first()
    if found is None:
        raise Http404
    return found


def members_of(group: PayerGroup) -> list[PayerGroupMember]:
    """Members of all times, those of today first."""
    members = group.members.select_related("customer", "added_by", "removed_by").order_by("customer__name", "pk")
    return sorted(members, key=lambda each: each.removed_at is not None)


def group_of_customer(actor: Actor, customer: Customer) -> PayerGroup | None:
    """The live group of a customer. Staff only."""
    _require_staff(actor)
    return live_groups(actor.merchant, [customer.pk]).get(customer.pk)


def live_groups(merchant: Merchant, customer_ids: Collection[int]) -> Mapping[int, PayerGroup]:
    """Customer → the live group in which they are; those without one are left out. One query."""
    members = PayerGroupMember.objects.filter(merchant=merchant, customer__in=customer_ids, removed_at__isnull=True)
    return {member.customer_id: member.group for member in members.select_related("group")}


def one_payer(merchant: Merchant, customer_ids: Collection[int]) -> PayerGroup | None:
    """The live group to which all these customers belong."""
    found = live_groups(merchant, customer_ids)
    groups = {group.pk: group for group in found.values()}
    return next(iter(groups.values())) if len(groups) == 1 and set(found) == set(customer_ids) else None


def customers_to_add(actor: Actor, text: str) -> list[Found]:
    """Customers found by words. Staff only; two queries."""
    _require_staff(actor)
    customers = list(customers_for(actor, text.replace("\x00", " ")[:100]).filter(is_active=True)[:MOST_FOUND])
    groups = live_groups(actor.merchant, [customer.pk for customer in customers])
    return [Found(customer=customer, group=groups.get(customer.pk)) for customer in customers]


def customers_chosen(actor: Actor, keys: Collection[int]) -> list[Customer]:
    """Those of these customers that the actor may see, by name. Staff only."""
    _require_staff(actor)
    return list(customers_for(actor).filter(pk__in=keys))


def _require_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotAllowed
