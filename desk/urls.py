"""The desk's addresses, below `staff/` of a merchant. Acts are POST; those that ask something show their form on GET."""

from django.urls import path

from desk import acts, decision, money_acts, queue

app_name = "desk"
urlpatterns = [
    path("", queue.show_queue, name="queue"),
    path("queue/<str:number>/claim/", queue.claim_row, name="claim_row"),
    path("shortcuts/", queue.switch_shortcuts, name="shortcuts"),
    path("tickets/<str:number>/", decision.show_ticket, name="ticket"),
    path("tickets/<str:number>/look/", decision.look, name="look"),
    path("tickets/<str:number>/claim/", acts.claim, name="claim"),
    path("tickets/<str:number>/release/", acts.release, name="release"),
    path("tickets/<str:number>/wait/", acts.wait_for_bank, name="wait_for_bank"),
    path("tickets/<str:number>/resume/", acts.resume, name="resume"),
    path("tickets/<str:number>/ask/", acts.ask_information, name="ask_information"),
    path("tickets/<str:number>/take-back/", acts.take_back, name="take_back"),
    path("tickets/<str:number>/verify/", money_acts.verify, name="verify"),
    path("tickets/<str:number>/verify-other/", money_acts.verify_other, name="verify_other"),
    path("tickets/<str:number>/sign/", money_acts.sign, name="sign"),
    path("tickets/<str:number>/send-back/", money_acts.send_back, name="send_back"),
    path("tickets/<str:number>/reject/", acts.reject, name="reject"),
    path("tickets/<str:number>/reopen/", acts.reopen, name="reopen"),
    path("tickets/<str:number>/reverse/", money_acts.reverse, name="reverse"),
    path("tickets/<str:number>/sign-reversal/", money_acts.sign_reversal_request, name="sign_reversal"),
    path("tickets/<str:number>/refuse-reversal/", money_acts.refuse_reversal_request, name="refuse_reversal"),
    path("tickets/<str:number>/message/", acts.message, name="message"),
]
