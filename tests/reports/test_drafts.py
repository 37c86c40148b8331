"""Drafts: what was typed and uploaded survives an error, a closed page and a session that expired in the middle."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.errors import NotAllowed, Refused
from files.models import StoredFile
from reports.drafts import draft_data, draft_of, draft_token, files_by_position, latest_draft, rescue_draft
from reports.models import DraftFile, ReportDraft
from reports.services import discard_draft, forget_old_drafts, remove_draft_file, save_draft
from tests.cast import make_cast
from tests.factories import make_order
from tests.files import hostile
from tests.files.makers import upload
from tests.reports.conftest import Scene
from tests.reports.makers import form_of, typed


def save(scene: Scene, data: Any = None, **kw: Any) -> ReportDraft:
    kw.setdefault("key", uuid.uuid4())
    kw.setdefault("by", scene.cast.alice)
    return save_draft(customer=scene.customer, data=dict(data.lists()) if data else {}, **kw)


def test_what_was_typed_comes_back(scene: Scene) -> None:
    order = make_order(scene.customer)
    data = typed(scene, order, t_0_amount="mil", note="Hola")
    draft = save(scene, data, key=uuid.UUID(data["key"]))
    form = form_of(scene, draft_data(draft), draft=draft)
    form.skip_checks()
    assert form.transfers.forms[0]["amount"].value() == "mil"
    assert form["note"].value() == "Hola"
    assert form.ticked == {order.pk}
    assert not form.errors
    assert latest_draft(scene.customer, scene.cast.alice.user) == draft


def test_only_fields_of_the_form_are_kept(scene: Scene) -> None:
    strange = {name: ["7"] for name in ("csrfmiddlewaretoken", "amount_paid", "merchant", "t-0-value", "t-0-rate", "paid")}
    data = {"note": ["a\x00b"], "state": ["x" * 9000], **strange}
    draft = save_draft(customer=scene.customer, key=uuid.uuid4(), data=data, by=scene.cast.alice)
    assert sorted(draft.data) == ["note", "state"]
    assert draft.data["note"] == ["ab"]
    assert len(draft.data["state"][0]) == 4000


def test_uploads_stay_with_their_transfer_and_are_kept_once(scene: Scene) -> None:
    key = uuid.uuid4()
    save(scene, key=key, uploads={1: [upload()], 2: [upload(hostile.jpeg(40, 30))]})
    draft = save(scene, key=key, uploads={1: [upload()]})
    found = files_by_position(draft)
    assert {position: len(files) for position, files in found.items()} == {1: 1, 2: 1}
    assert StoredFile.objects.count() == 2
    with pytest.raises(Http404):
        remove_draft_file(customer=scene.customer, key=key, file_key=found[1][0].key, by=scene.cast.carol)
    remove_draft_file(customer=scene.customer, key=key, file_key=found[1][0].key, by=scene.cast.alice)
    assert list(files_by_position(draft)) == [2]


def test_too_many_files_for_a_transfer(scene: Scene) -> None:
    several = [upload(hostile.jpeg(40 + place, 30)) for place in range(6)]
    with pytest.raises(Refused) as refused:
        save(scene, uploads={1: several})
    assert (refused.value.code, refused.value.fields) == ("too_many_files", ("t-0-receipt",))
    assert not ReportDraft.objects.exists()


def test_a_form_that_was_sent_is_no_draft_again(scene: Scene) -> None:
    key = uuid.uuid4()
    ticket, _made = scene.submit(scene.content(make_order(scene.customer)), key=key)
    with pytest.raises(Refused) as refused:
        save(scene, key=key)
    assert refused.value.code == "already_sent"
    assert ticket.number in refused.value.message


def test_a_draft_belongs_to_who_typed_it(scene: Scene) -> None:
    draft = save(scene, typed(scene, make_order(scene.customer)))
    assert draft_of(scene.customer, scene.cast.sue.user, draft.key) is None
    assert latest_draft(scene.customer, scene.cast.sue.user) is None
    discard_draft(customer=scene.customer, key=draft.key, by=scene.cast.sue)
    assert ReportDraft.objects.exists()
    discard_draft(customer=scene.customer, key=draft.key, by=scene.cast.alice)
    discard_draft(customer=scene.customer, key=draft.key, by=scene.cast.alice)
    assert not ReportDraft.objects.exists()
    for stranger, error in ((scene.cast.bob, Http404), (make_cast().alice, Http404), (scene.cast.nora, NotAllowed)):
        with pytest.raises(error):
            save(scene, by=stranger)


def test_a_form_survives_a_session_that_expired(scene: Scene) -> None:
    order, key = make_order(scene.customer), uuid.uuid4()
    data = typed(scene, order, key=str(key))
    token = draft_token(key, scene.customer, scene.cast.alice.user)
    draft = rescue_draft(token, dict(data.lists()), {1: [upload()]}, merchant=scene.merchant)
    assert draft is not None
    assert (draft.user, draft.customer, draft.key) == (scene.cast.alice.user, scene.customer, key)
    form = form_of(scene, draft_data(draft), draft=draft)
    assert form.is_valid()
    assert form.content.file_keys == (DraftFile.objects.get().file.key,)


@pytest.mark.parametrize("case", ["forged", "another merchant", "old", "no longer a contact", "no permission", "empty"])
def test_a_token_is_for_one_person_who_still_may(scene: Scene, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scene.cast.alice.contact is not None
    token, merchant = draft_token(uuid.uuid4(), scene.customer, scene.cast.alice.user), scene.merchant
    if case == "forged":
        token = token[:-3] + "abc"
    elif case == "empty":
        token = ""
    elif case == "another merchant":
        merchant = make_cast().merchant
    elif case == "old":
        monkeypatch.setattr("reports.drafts.TOKEN_AGE_S", -1)
    elif case == "no longer a contact":
        scene.cast.alice.contact.delete()
    else:
        scene.cast.alice.contact.can_report = False
        scene.cast.alice.contact.save()
    assert rescue_draft(token, {"note": ["x"]}, merchant=merchant) is None
    assert not ReportDraft.objects.exists()


def test_drafts_are_forgotten_after_a_month(scene: Scene) -> None:
    old, new = save(scene), save(scene)
    ReportDraft.objects.filter(pk=old.pk).update(changed_at=timezone.now() - dt.timedelta(days=31))
    assert forget_old_drafts() == 1
    assert list(ReportDraft.objects.all()) == [new]


def test_files_named_in_a_form_must_be_the_customers_own(scene: Scene) -> None:
    theirs = save_draft(customer=scene.cast.b, key=uuid.uuid4(), data={}, uploads={1: [upload()]}, by=scene.cast.bob)
    key = files_by_position(theirs)[1][0].key
    data = typed(scene, make_order(scene.customer))
    data["t-0-files"] = str(key)
    form = form_of(scene, data, MultiValueDict())
    assert not form.is_valid()
    assert form.transfers.forms[0].errors.as_data()["receipt"][0].code == "file_unknown"
