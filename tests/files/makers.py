"""Kept files for tests."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actors import Actor
from accounts.models import Customer
from files.models import StoredFile
from files.services import process_stored_file, receive_file
from tests.factories import make_customer
from tests.files import hostile


def upload(content: bytes | None = None, name: str = "comprobante.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    """An upload as a request brings it."""
    return SimpleUploadedFile(name, hostile.jpeg() if content is None else content, content_type=kind)


def make_file(content: bytes | None = None, *, customer: Customer | None = None, name: str = "comprobante.jpg") -> StoredFile:
    """A file that was received and waits for its copies."""
    customer = customer or make_customer()
    return receive_file(
        merchant=customer.merchant,
        customer=customer,
        upload=upload(content, name),
        purpose=StoredFile.Purpose.RECEIPT,
        by=Actor.system(customer.merchant),
    )


def make_ready_file(
    content: bytes | None = None, *, customer: Customer | None = None, name: str = "comprobante.jpg"
) -> StoredFile:
    """A file whose job has run."""
    file = make_file(content, customer=customer, name=name)
    process_stored_file(file_id=file.pk)
    file.refresh_from_db()
    return file
