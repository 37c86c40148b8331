"""Forms of the reports room, for the customer's face and the staff's alike. They parse and check; they never save."""

from reports.forms.report import AnswerForm, OrderChoice, RegisterForm, ReportForm
from reports.forms.staff import RejectForm
from reports.forms.transfer import Conditional, TransferForm, TransferForms

__all__ = [
    "AnswerForm",
    "Conditional",
    "OrderChoice",
    "RegisterForm",
    "RejectForm",
    "ReportForm",
    "TransferForm",
    "TransferForms",
]
