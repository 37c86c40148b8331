"""Addresses of private files, below the merchant: `files/<key>/…`. Keys are random; every view asks who looks."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("<uuid:key>/<int:page>.jpg", views.show_page, name="page"),
    path("<uuid:key>/thumb.jpg", views.show_thumb, name="thumb"),
    path("<uuid:key>/status/", views.show_status, name="status"),
]
