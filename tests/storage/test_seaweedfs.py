"""Private files on a real S3 server: kept, prepared, opened by signed addresses that end, and by nothing else."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.errors import Refused
from files.models import StoredFile
from files.services import sweep_orphans
from files.storage import signed_address
from tests.factories import customer_actor, make_customer
from tests.files import hostile
from tests.files.makers import make_file, make_ready_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("on_s3")]


def fetch(address: str, method: str = "GET") -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an address asked for without any credentials."""
    try:
        with urlopen(Request(address, method=method), timeout=20) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def plain(address: str) -> str:
    """The address without its signature."""
    return address.split("?")[0]


def asked(file: StoredFile, copy: str) -> str:
    """Where the product sends the customer who asks for a copy."""
    owner = customer_actor(file.customer)
    assert owner.user is not None
    client = Client()
    client.force_login(owner.user)
    response = client.get(f"/{file.merchant.slug}/files/{file.key}/{copy}")
    assert response.status_code == 302
    assert response["Cache-Control"] == "private, no-store"
    return response["Location"]


def test_a_receipt_goes_up_is_prepared_and_opens_by_a_signed_address_of_five_minutes() -> None:
    file = make_ready_file(hostile.jpeg_with_gps(), name="../<b>recibo.jpg")
    assert file.is_ready
    address = asked(file, "1.jpg?download=1")
    query = parse_qs(urlsplit(address).query)
    assert query["X-Amz-Expires"] == ["300"]
    status, body, headers = fetch(address)
    assert status == 200
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"] == f'attachment; filename="receipt-{str(file.key)[:8]}-1.jpg"'
    assert headers["Cache-Control"] == "private, no-store"
    assert Image.open(io.BytesIO(body)).size == (600, 800)
    assert b"Exif" not in body
    assert fetch(asked(file, "thumb.jpg"))[0] == 200


def test_nothing_opens_without_a_signature() -> None:
    file = make_ready_file()
    address = plain(asked(file, "1.jpg"))
    bucket = address[: address.index("/copies/")]
    raw = f"{bucket}/{file.raw_name}"
    for closed in (address, raw, bucket, f"{bucket}/?list-type=2", f"{bucket}/?list-type=2&prefix=raw/"):
        for method in ("GET", "HEAD"):
            assert fetch(closed, method)[0] == 403, closed
    for method in ("PUT", "DELETE"):
        assert fetch(address, method)[0] == 403
    assert default_storage.exists(file.copy_name("1"))


def test_a_signed_address_ends() -> None:
    file = make_ready_file()
    address = signed_address(file.copy_name("1"), content_type="image/jpeg", disposition="inline", expire_s=2)
    assert fetch(address)[0] == 200
    time.sleep(3.5)
    assert fetch(address)[0] == 403


def test_a_signed_address_opens_nothing_else() -> None:
    one, other = make_ready_file(), make_ready_file(hostile.jpeg(500, 500))
    address = asked(one, "1.jpg")
    assert fetch(address)[0] == 200
    tampered = [
        address.replace(one.copies_prefix, other.copies_prefix),
        address.replace(f"{one.copies_prefix}/1.jpg", one.raw_name),
        address.replace("X-Amz-Expires=300", "X-Amz-Expires=30000"),
        address.replace("image%2Fjpeg", "text%2Fhtml"),
        address[:-4] + "0000",
    ]
    for changed in tampered:
        assert changed != address
        assert fetch(changed)[0] == 403, changed
    assert fetch(address, "DELETE")[0] == 403


def test_another_secret_signs_nothing(on_s3: str) -> None:
    from config.environment import s3_options
    from tests.storage.conftest import BUCKET, client_of

    file = make_ready_file()
    stranger = client_of({**s3_options(on_s3), "secret_key": "another-secret"})
    address = stranger.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": file.copy_name("1")})
    assert fetch(address)[0] == 403


def test_preparing_again_writes_the_same_copies() -> None:
    file = make_ready_file()
    StoredFile.objects.filter(pk=file.pk).update(state=StoredFile.State.RECEIVED)
    from files.services import process_stored_file

    process_stored_file(file_id=file.pk)
    assert sorted(default_storage.listdir(file.copies_prefix)[1]) == ["1.jpg", "thumb.jpg"]


def test_what_no_row_knows_is_swept() -> None:
    kept, lost = make_file(), make_file()
    old = (timezone.now() - timedelta(days=3)).date()
    for file in (kept, lost):
        parts = file.raw_name.split("/")
        parts[2] = old.isoformat()
        with default_storage.open(file.raw_name) as raw:
            default_storage.save("/".join(parts), raw)
        StoredFile.objects.filter(pk=file.pk).update(raw_name="/".join(parts))
    names = list(StoredFile.objects.order_by("pk").values_list("raw_name", flat=True))
    StoredFile.objects.filter(pk=lost.pk)._raw_delete("default")
    assert sweep_orphans() == 1
    assert [default_storage.exists(name) for name in names] == [True, False]


def test_when_the_server_is_away_the_upload_is_refused_with_a_sentence(on_s3: str, settings: object) -> None:
    from config.environment import s3_options

    away = {**s3_options(on_s3), "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": away},
    }
    customer = make_customer()
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        make_file(customer=customer)
    assert refused.value.code == "storage"
    assert not StoredFile.objects.exists()
    assert time.monotonic() - began < 30
