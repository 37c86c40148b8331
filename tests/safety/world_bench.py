"""What stands at a merchant's workbench: proposals in each state, a movement set aside, a rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from django.utils import timezone

from files.storage import keep
from reconciliation import services as money
from reconciliation.models import (
    AutomaticStop,
    DepositOffer,
    ExportFile,
    IgnoredLine,
    IgnoreReason,
    IgnoreRule,
    MatchRun,
    PayerGroup,
    Proposal,
    RunInputs,
    StatementLine,
    Tolerance,
)
from reports.models import Transfer
from tests.factories import make_customer
from tests.reconciliation.bench import make_proposal

if TYPE_CHECKING:
    from tests.safety.world import House

FEE = "COMISION"


class Bench:
    """By name: `open` and `dismissed` of Alice, `certain`; a `fee` that nobody set aside, `ignored`, and the `rule`.

    `offers`: customer → a deposit that they are asked about; `unasked`: one that nobody is asked about. `export`: a large table.
    `payers`: two branches for which somebody pays.
    """

    run: MatchRun
    proposals: dict[str, Proposal]
    fee: StatementLine
    ignored: IgnoredLine
    rule: IgnoreRule
    offers: dict[int, DepositOffer]
    unasked: StatementLine
    export: ExportFile
    payers: PayerGroup
    tolerance: Tolerance


def bench_of(house: House) -> Bench:
    """Furnish the workbench of a merchant, with Alice's reports and her word in every text."""
    scene, alice, by = house.scene, house.alice, house.scene.cast.carol

    def transfer(state: str) -> Transfer:
        return Transfer.objects.select_related("report__customer").get(report__ticket=alice.tickets[state], until_revision=None)

    def deposit() -> StatementLine:
        alice.serial += 1
        return scene.line(
            alice.canaries.amount, reference=alice.canaries.reference(alice.serial), text=f"TRF {alice.canaries.word}"
        )

    bench = Bench()
    bench.proposals = {
        "open": make_proposal(transfer("in_review"), alice.lines["free"], why_not=["margin"]),
        "certain": make_proposal(transfer("submitted"), deposit(), is_automatic=True),
        "dismissed": make_proposal(
            transfer("waiting_for_bank"), deposit(), state=Proposal.State.DISMISSED, settled_at=timezone.now(), settled_by=by.user
        ),
    }
    bench.run = bench.proposals["open"].run
    bench.fee = scene.line("-1.25", text=f"{FEE} {alice.canaries.word}")
    aside = scene.line("-2.50", text=f"CARGO {alice.canaries.word}")
    bench.ignored = money.ignore_line(line_id=aside.pk, reason=IgnoreReason.OTHER, note=f"Por {alice.canaries.word}", by=by)
    bench.rule = IgnoreRule.objects.create(
        merchant=house.merchant,
        account=scene.cast.account,
        pattern=f"CARGO {alice.canaries.word}",
        reason=IgnoreReason.BANK_FEE,
        created_by=by.user,
    )
    bench.tolerance = money.set_tolerance(
        account_id=scene.cast.account.pk, reason="bank_fee", less=Decimal("0.05"), note=alice.canaries.word, by=scene.cast.ada
    )
    wrong = bench.proposals["dismissed"]
    MatchRun.objects.filter(pk=wrong.run_id).update(account=wrong.account_id)
    RunInputs.objects.create(run=wrong.run, merchant=house.merchant, packed=b"-")
    AutomaticStop.objects.create(merchant=house.merchant, proposal=wrong, stopped_by=by.user, note=f"No: {alice.canaries.word}")
    theirs = scene.line(house.bob.canaries.amount, text=f"TRF {house.bob.canaries.word}")
    bench.offers = {
        who.customer.pk: money.offer_deposit(line_id=line.pk, customer_id=who.customer.pk, by=by)
        for who, line in ((alice, deposit()), (house.bob, theirs))
    }
    denied = money.offer_deposit(line_id=deposit().pk, customer_id=alice.customer.pk, by=by)
    money.deny_deposit(offer_id=denied.pk, note=f"No: {alice.canaries.word}", by=scene.cast.alice)
    bench.unasked = scene.line("3.33", text=f"NADIE {alice.canaries.word}")
    branches = [make_customer(house.merchant, name=f"Sucursal {which} {alice.canaries.word}") for which in ("norte", "sur")]
    bench.payers = money.make_payer_group(
        name=f"Paga {alice.canaries.word}", customer_ids=[branch.pk for branch in branches], by=by
    )  # fmt: skip
    place, now = f"exports/{house.merchant.pk}/test", timezone.now()
    keep(place, BytesIO(f"Texto\n{alice.canaries.word}\n".encode()))
    bench.export = ExportFile.objects.create(
        merchant=house.merchant, asked_by=by.user, table="entries", format="csv", language="es", account=scene.cast.account,
        since=scene.today, until=scene.today, state=ExportFile.State.READY, rows=1, done=1, place=place, finished_at=now,
        expires_at=now + dt.timedelta(days=7),
    )  # fmt: skip
    return bench
