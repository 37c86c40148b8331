"""The same picture and nearly the same picture are found within a merchant, for staff alone."""

from __future__ import annotations

import io

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from files.models import StoredFile
from files.selectors import files_for, same_picture_as, similar_pictures
from tests.factories import customer_actor, make_customer, make_merchant, staff_actor
from tests.files import hostile
from tests.files.makers import make_file, make_ready_file

pytestmark = pytest.mark.django_db


def test_finds_the_same_bytes_of_another_customer_of_the_merchant_only() -> None:
    merchant = make_merchant()
    one = make_file(customer=make_customer(merchant))
    twin = make_file(customer=make_customer(merchant))
    make_file()
    make_file(hostile.jpeg(300, 300), customer=make_customer(merchant))
    assert same_picture_as(staff_actor(merchant), one) == [twin]


def test_finds_a_recompressed_picture_and_says_how_near_it_is() -> None:
    merchant = make_merchant()
    customer = make_customer(merchant)
    picture = hostile.picture(900, 1200, seed=5)
    one = make_ready_file(hostile.encoded(picture, "PNG"), customer=customer)
    again = make_ready_file(hostile.encoded(picture.resize((600, 800)), "JPEG", quality=55), customer=make_customer(merchant))
    make_ready_file(hostile.encoded(hostile.picture(900, 1200, seed=6), "PNG"), customer=customer)
    make_ready_file(hostile.encoded(picture, "WEBP"))
    found = similar_pictures(staff_actor(merchant), one)
    assert found == [again]
    ours, theirs = int(one.perceptual_hash, 16), int(again.perceptual_hash, 16)
    assert found[0].bits_apart == (ours ^ theirs).bit_count()  # type: ignore[attr-defined]
    assert similar_pictures(staff_actor(merchant), one, at_most=0) in ([], [again])


def test_blank_pictures_are_like_none() -> None:
    blank = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(blank, "PNG")
    other = io.BytesIO()
    Image.new("RGB", (310, 300), "white").save(other, "PNG")
    customer = make_customer()
    one = make_ready_file(blank.getvalue(), customer=customer)
    make_ready_file(other.getvalue(), customer=customer)
    assert one.perceptual_hash == ""
    assert similar_pictures(staff_actor(customer.merchant), one) == []


def test_customers_learn_nothing_of_others() -> None:
    customer = make_customer()
    one = make_ready_file(customer=customer)
    make_ready_file(customer=make_customer(customer.merchant))
    owner = customer_actor(customer)
    assert same_picture_as(owner, one) == []
    assert similar_pictures(owner, one) == []
    assert list(files_for(owner)) == [one]
    assert list(files_for(None)) == []


def test_a_file_cannot_belong_to_another_merchant_s_customer() -> None:
    file, elsewhere = make_file(), make_customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=file.pk).update(customer=elsewhere)
