"""The addresses of the books, included by `desk.urls`."""

from django.urls import path

from desk import books, exports, periods

urlpatterns = [
    path("books/", books.show_books, name="books"),
    path("books/prove/", books.prove, name="books_prove"),
    path("books/accounts/<int:pk>/", books.show_account, name="books_account"),
    path("books/months/", periods.show_periods, name="periods"),
    path("books/months/close/", periods.close, name="period_close"),
    path("books/months/<int:pk>/reopen/", periods.reopen, name="period_reopen"),
    path("books/requests/<int:pk>/sign/", periods.sign, name="period_sign"),
    path("books/requests/<int:pk>/refuse/", periods.refuse, name="period_refuse"),
    path("books/exports/", exports.show_exports, name="exports"),
    path("books/exports/<int:pk>/", exports.export_file, name="export_file"),
    path("customers/<int:pk>/statement/", exports.account_statement, name="account_statement"),
]
