"""The API's addresses, below `api/` of a house."""

from django.urls import path, re_path

from api import customers, orders, payments, reference, reports, statements, tickets
from api.base import Nowhere

app_name = "api"
urlpatterns = [
    path("", reference.show_reference, name="reference"),
    path("v1/openapi.json", reference.show_document, name="document"),
    path("v1/customers/", customers.Customers.as_view(), name="customers"),
    path("v1/customers/<order_number:number>/", customers.OneCustomer.as_view(), name="customer"),
    path("v1/orders/", orders.Orders.as_view(), name="orders"),
    path("v1/orders/<order_number:number>/", orders.OneOrder.as_view(), name="order"),
    path("v1/orders/<order_number:number>/void/", orders.VoidOrder.as_view(), name="order_void"),
    path("v1/orders/<order_number:number>/invoice/", orders.FiscalInvoice.as_view(), name="order_invoice"),
    path("v1/receiving-accounts/", reports.Places.as_view(), name="receiving_accounts"),
    path("v1/receipts/", reports.Receipts.as_view(), name="receipts"),
    path("v1/reports/", reports.Reports.as_view(), name="reports"),
    path("v1/reports/<str:number>/", reports.OneReport.as_view(), name="report"),
    path("v1/tickets/", tickets.Tickets.as_view(), name="tickets"),
    path("v1/tickets/<str:number>/", tickets.OneTicket.as_view(), name="ticket"),
    path("v1/tickets/<str:number>/messages/", tickets.Messages.as_view(), name="ticket_messages"),
    path("v1/statement-lines/", statements.Lines.as_view(), name="statement_lines"),
    path("v1/statement-imports/", statements.Imports.as_view(), name="statement_imports"),
    path("v1/statement-imports/<int:pk>/", statements.OneImport.as_view(), name="statement_import"),
    path("v1/paid-orders/", payments.PaidOrders.as_view(), name="paid_orders"),
    # Whatever else is asked for, a line's end in it too, which a path converter does not take.
    re_path(r"^v1/[\s\S]*\Z", Nowhere.as_view(), name="nowhere"),
]
