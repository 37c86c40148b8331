"""The addresses of returned deposits and refunds, part of the desk's."""

from django.urls import path

from desk import debits

urlpatterns = [
    path("lines/<int:pk>/return/", debits.take_back, name="line_return"),
    path("lines/<int:pk>/refund/", debits.refund, name="line_refund"),
    path("returns/<int:pk>/undo/", debits.undo, name="return_undo"),
    path("refunds/", debits.show_refunds, name="refunds"),
    path("refunds/<int:pk>/sign/", debits.sign, name="refund_sign"),
    path("refunds/<int:pk>/drop/", debits.drop, name="refund_drop"),
    path("refunds/<int:pk>/reverse/", debits.reverse, name="refund_reverse"),
    path("refunds/<int:pk>/sign-reversal/", debits.sign_reversal, name="refund_sign_reversal"),
    path("refunds/<int:pk>/keep/", debits.keep, name="refund_keep"),
    path("customers/<int:pk>/refund/", debits.note_refund, name="refund_new"),
]
