"""The workbench's addresses: whose work each is, and a body with which its act succeeds."""

from __future__ import annotations

from typing import Any

from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Data, Page, Table
from tests.safety.world_bench import FEE


def proposal(name: str) -> Any:
    return lambda world: (world.andina.bench.proposals[name].pk,)


def line(world: World) -> tuple[int]:
    return (world.andina.alice.lines["free"].pk,)


def transfer(world: World) -> tuple[int]:
    return (world.andina.alice.transfer("in_review").pk,)


def offered(world: World) -> tuple[int]:
    return (world.andina.bench.offers[world.andina.alice.customer.pk].pk,)


def filters(world: World) -> Data:
    return {
        "account": str(world.andina.scene.cast.account.pk), "month": f"{world.andina.scene.today:%Y-%m}", "view": "lines",
        "sort": "newest", "q": world.andina.alice.canaries.word, "page": "1",
    }  # fmt: skip


def rule(world: World) -> Data:
    """As the page showed it: one movement."""
    return {
        "pattern": FEE, "reason": "bank_fee",
        "account": str(world.andina.scene.cast.account.pk), "shown_count": "1", "shown_until": str(2**40),
    }  # fmt: skip


def shown_rule(world: World) -> Data:
    return {key: value for key, value in rule(world).items() if not key.startswith("shown")}


def act(args: Any, **more: Any) -> Page:
    return Page(who="staff:decide", args=args, **{"get": NO_WAY, "post": 302, "by": "carol", **more})


WORKBENCH: Table = {
    "desk:workbench": Page(who="staff", query=filters),
    "desk:workbench_certain": act(
        lambda _: (), get=200, data=lambda world: {"proposal": [str(world.andina.bench.proposals["certain"].pk)]}
    ),
    "desk:workbench_propose": act(lambda _: (), data=lambda world: {"account": str(world.andina.scene.cast.account.pk)}),
    "desk:workbench_log": Page(who="staff"),
    "desk:proposal": Page(who="staff", args=proposal("open")),
    "desk:proposal_accept": act(proposal("open")),
    "desk:proposal_dismiss": act(proposal("open")),
    "desk:proposal_restore": act(proposal("dismissed")),
    "desk:pick_reports": act(
        line, get=200, data=lambda world: {"pick": [str(transfer(world)[0])], "q": ""},
        query=lambda world: {"pick": str(transfer(world)[0]), "q": world.andina.alice.canaries.digits},
    ),
    "desk:pick_lines": act(
        transfer, get=200, data=lambda world: {"pick": [str(line(world)[0])], "q": ""},
        query=lambda world: {"pick": str(line(world)[0]), "q": world.andina.alice.canaries.digits},
    ),
    "desk:line_ignore": act(
        lambda world: (world.andina.bench.fee.pk,), get=200, data=lambda _: {"reason": "other", "note": "Cheque devuelto"}
    ),
    "desk:line_offer": act(
        lambda world: (world.andina.bench.unasked.pk,), get=200, query=lambda world: {"q": world.andina.alice.canaries.word},
        data=lambda world: {"customer": str(world.andina.alice.customer.pk)},
    ),
    "desk:deposit_offers": Page(who="staff", query=lambda _: {"state": "denied", "page": "1"}),
    "desk:deposit_offer_withdraw": act(offered),
    "desk:line_restore": act(lambda world: (world.andina.bench.ignored.pk,)),
    "desk:ignore_rules": act(lambda _: (), get=200, data=rule, query=shown_rule),
    "desk:payer_groups": Page(who="staff", query=lambda _: {"ended": "1", "page": "1"}),
    "desk:payer_group_new": act(
        lambda _: (), get=200,
        query=lambda world: {"q": world.andina.alice.canaries.word, "customer": str(world.andina.bob.customer.pk)},
        data=lambda world: {
            "name": "Inversiones Roble", "payer_tax_id": "J-1", "q": "",
            "customer": [str(who.customer.pk) for who in (world.andina.alice, world.andina.bob)],
        },
    ),
    "desk:payer_group": act(
        lambda world: (world.andina.bench.payers.pk,), get=200, query=lambda world: {"q": world.andina.alice.canaries.word},
        data=lambda world: {"act": "add", "customer": str(world.andina.alice.customer.pk), "q": ""},
    ),
    "desk:runs": Page(who="staff"),
    "desk:run_undo": Page(
        who="staff:sign", args=lambda world: (world.andina.bench.run.pk,), post=302, by="dan", writes=False,
        data=lambda world: {"reason": str(world.andina.reason("verified_by_mistake")), "note": "Salió mal"},
    ),
    "desk:automatic": Page(
        who="staff:administer", get=NO_WAY, post=302, by="ada", data=lambda _: {"is_on": "on", "limit": "150.00"}
    ),
    "desk:stop_lift": Page(who="staff:administer", get=NO_WAY, post=302, by="ada"),
    "desk:ignore_rule_end": act(lambda world: (world.andina.bench.rule.pk,)),
}  # fmt: skip
