"""Addresses of a house's set-up, below `staff/`."""

from django.urls import path

from desk import begin, connections, house, order_imports, policies, services

urlpatterns = [
    path("begin/", begin.begin, name="begin"),
    path("setup/look/", house.edit_look, name="setup_look"),
    path("setup/rules/", house.edit_rules, name="setup_rules"),
    path("setup/reasons/", house.edit_reasons, name="setup_reasons"),
    path("setup/letters/", house.edit_letter_texts, name="setup_letters"),
    path("orders-from-file/", order_imports.import_orders, name="orders_import"),
    path("orders-from-file/<int:pk>/", order_imports.order_import, name="order_import"),
    path("setup/services/", services.edit_offers, name="setup_services"),
    path("customers/<int:pk>/services/", services.show_services, name="services"),
    path("setup/customers/", policies.edit_policies, name="setup_policies"),
    path("setup/webhooks/", connections.show_webhooks, name="webhooks"),
    path("setup/webhooks/<int:pk>/", connections.show_webhook, name="webhook"),
    path("setup/keys/", connections.show_api_keys, name="api_keys"),
    path("setup/history/", house.show_history, name="setup_history"),
]
