"""Addresses of conversations, of mails that are held, and of support's set-up."""

from django.urls import path

from desk import conversations, support

urlpatterns = [
    path("conversations/", conversations.show_conversations, name="conversations"),
    path("conversations/mails/", support.show_mails, name="mails"),
    path("conversations/<str:number>/", conversations.show_conversation, name="conversation"),
    path("conversations/<str:number>/act/", conversations.act, name="conversation_act"),
    path("setup/support/", support.show_support, name="support"),
    path("setup/support/departments/<int:pk>/", support.edit_department, name="department"),
    path("setup/support/answers/<int:pk>/", support.edit_reply, name="canned_reply"),
    path("setup/support/mailbox/", support.edit_mailbox, name="mailbox"),
]
