"""The cast that all tests share stands as it says."""

from tests.cast import Cast, client_of


def test_the_cast_knows_what_each_may_do(cast: Cast, far: Cast) -> None:
    assert cast.carol.can_decide
    assert not cast.carol.can_sign
    assert cast.dan.can_sign
    assert cast.sue.can_register
    assert not cast.sue.can_decide
    assert not cast.otto.can_register
    assert cast.ada.can_administer
    assert cast.a.merchant == cast.merchant != far.merchant
    assert cast.account.method_ids == [cast.transfer.pk, cast.deposit.pk]
    assert cast.account.bank is not None
    assert cast.alice.user != far.alice.user


def test_a_member_is_signed_in(cast: Cast) -> None:
    client = client_of(cast.alice)
    assert client.session["_auth_user_id"] == str(cast.alice.user.pk)  # type: ignore[union-attr]
