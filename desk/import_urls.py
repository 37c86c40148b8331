"""Addresses of the bank's files; `desk.urls` takes them in."""

from django.urls import path

from desk import imports, imports_together

urlpatterns = [
    path("lines/imports/", imports.show_imports, name="imports"),
    path("lines/imports/together/", imports_together.bring_together, name="imports_together"),
    path("lines/imports/<int:pk>/", imports.show_import, name="import"),
    path("lines/imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("lines/imports/<int:pk>/original/", imports.original, name="import_original"),
    path("lines/imports/<int:pk>/account/", imports.choose_account, name="import_account"),
    path("lines/imports/<int:pk>/commit/", imports.commit, name="import_commit"),
    path("lines/imports/<int:pk>/release/", imports.release, name="import_release"),
    path("lines/imports/<int:pk>/reread/", imports.reread, name="import_reread"),
    path("lines/imports/<int:pk>/discard/", imports.discard, name="import_discard"),
    path("lines/imports/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("lines/imports/<int:pk>/rows/<int:row_pk>/", imports.decide_row, name="import_row"),
]
