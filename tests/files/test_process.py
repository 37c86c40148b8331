"""Preparing copies: once, again without harm, never for ever; and sweeping what nobody owns."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from files import services
from files.limited import ChildInterrupted
from files.models import StoredFile
from files.services import MAX_ATTEMPTS, process_stored_file, requeue_forgotten, sweep_orphans
from tests.files import hostile
from tests.files.makers import make_file, make_ready_file

pytestmark = pytest.mark.django_db


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'files.jobs.process_file' AND status = 'todo'")
        return int(cursor.fetchone()[0])


def test_a_ready_file_knows_its_size_pages_and_hash() -> None:
    file = make_ready_file(hostile.jpeg(2000, 1000))
    assert (file.state, file.width, file.height, file.page_count, file.copy_count) == ("ready", 1600, 800, 1, 1)
    assert len(file.perceptual_hash) == 256
    assert file.processed_at is not None
    assert list(file.pages) == [1]


def test_pages_that_are_not_drawn_are_counted() -> None:
    file = make_ready_file(hostile.pdf(14))
    assert (file.page_count, file.copy_count, file.pages_left_out) == (14, 10, 4)


def test_running_twice_changes_nothing() -> None:
    file = make_ready_file()
    before = StoredFile.objects.values().get(pk=file.pk)
    with mock.patch.object(services, "prepared_copies") as child:
        process_stored_file(file_id=file.pk)
        child.assert_not_called()
    assert StoredFile.objects.values().get(pk=file.pk) == before


def test_a_run_that_was_cut_off_after_its_copies_is_done_again_over_them() -> None:
    file = make_ready_file()
    StoredFile.objects.filter(pk=file.pk).update(state="received", processed_at=None)
    process_stored_file(file_id=file.pk)
    assert sorted(default_storage.listdir(file.copies_prefix)[1]) == ["1.jpg", "thumb.jpg"]
    assert StoredFile.objects.get(pk=file.pk).is_ready


def test_a_file_that_is_gone_is_no_failure() -> None:
    process_stored_file(file_id=987_654_321)


def test_a_child_that_dies_is_a_refusal_and_not_tried_again() -> None:
    file = make_file()
    with mock.patch("files.limited.CHILD", "/nonexistent/child.py"):
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert (file.state, file.refused_code) == ("refused", "crashed")


def test_a_child_that_is_interrupted_is_tried_again_and_then_given_up() -> None:
    file = make_file()
    with mock.patch.object(services, "prepared_copies", side_effect=ChildInterrupted("wall time")):
        for _ in range(MAX_ATTEMPTS - 1):
            with pytest.raises(ChildInterrupted):
                process_stored_file(file_id=file.pk)
            file.refresh_from_db()
            assert file.state == "received"
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert (file.state, file.refused_code) == ("refused", "too_heavy")


def test_a_file_that_kills_the_worker_is_given_up_too() -> None:
    file = make_file()
    StoredFile.objects.filter(pk=file.pk).update(attempts=MAX_ATTEMPTS)
    with mock.patch.object(services, "prepared_copies") as child:
        process_stored_file(file_id=file.pk)
        child.assert_not_called()
    file.refresh_from_db()
    assert file.state == "refused"


def test_a_storage_that_is_away_leaves_the_file_waiting_without_an_attempt() -> None:
    file = make_file()
    with mock.patch.object(default_storage._wrapped, "open", side_effect=OSError), pytest.raises(OSError):  # noqa: PT011
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert (file.state, file.attempts) == ("received", 0)
    process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert file.is_ready


def test_a_storage_that_goes_away_between_copies_does_not_make_the_file_ready() -> None:
    file = make_file()
    with mock.patch.object(services, "keep", side_effect=OSError), pytest.raises(OSError):  # noqa: PT011
        process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    assert file.state == "received"


def test_forgotten_files_get_a_job_again_but_never_two() -> None:
    file, fresh = make_file(), make_file()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    StoredFile.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert requeue_forgotten() == 1
    assert requeue_forgotten() == 1
    assert waiting_jobs() == 1
    assert fresh.state == "received"


def test_the_sweep_deletes_what_no_row_knows_and_nothing_younger_than_a_day() -> None:
    kept = make_file()
    today = timezone.now().date()
    young = kept.raw_name.rsplit("/", 1)[0] + "/young-orphan"
    folder = f"raw/{kept.merchant_id}/{today - timedelta(days=3)}"
    owned, orphan = f"{folder}/owned", f"{folder}/orphan"
    for name in (young, owned, orphan):
        with default_storage.open(kept.raw_name) as raw:
            default_storage.save(name, raw)
    StoredFile.objects.filter(pk=kept.pk).update(raw_name=owned)
    assert sweep_orphans() == 1
    assert [default_storage.exists(name) for name in (young, owned, orphan)] == [True, True, False]
