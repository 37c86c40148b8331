"""Addresses of the customer's pages, below the merchant."""

from django.urls import path

from portal import conversations, home, orders, profile, public, report, report_check, report_upload, tickets

app_name = "portal"
urlpatterns = [
    path("", home.show, name="home"),
    path("about/", public.about, name="about"),
    path("orders/", orders.show_list, name="orders"),
    path("orders/<order_number:number>/", orders.show_order, name="order"),
    path("orders/<order_number:number>/print/", orders.print_order, name="order_print"),
    path("orders/<order_number:number>/credit/", orders.use_credit, name="order_credit"),
    path("report/", report.show_form, name="report"),
    path("report/check/", report.check, name="report_check"),
    path("report/live/", report.live, name="report_live"),
    path("report/discard/", report.discard, name="report_discard"),
    path("report/files/<uuid:key>/<int:position>/", report_upload.upload, name="report_upload"),
    path("report/sent/<str:number>/", report_check.show_sent, name="report_sent"),
    path("tickets/", tickets.show_list, name="tickets"),
    path("tickets/new/", conversations.start, name="support_new"),
    path("tickets/<str:number>/", tickets.show_ticket, name="ticket"),
    path("tickets/<str:number>/answer/", tickets.answer, name="ticket_answer"),
    path("tickets/<str:number>/withdraw/", tickets.withdraw, name="ticket_withdraw"),
    path("tickets/<str:number>/correct/", report.correct, name="ticket_correct"),
    path("tickets/<str:number>/correct/check/", report.correct_check, name="ticket_correct_check"),
    path("tickets/<str:number>/correct/live/", report.live, name="ticket_correct_live"),
    path("tickets/<str:number>/message/", tickets.write_message, name="ticket_message"),
    path("messages/<str:number>/", conversations.show, name="conversation"),
    path("profile/", profile.show_profile, name="profile"),
    path("switch/", public.switch_customer, name="switch_customer"),
    path("help/", profile.show_help, name="help"),
]
