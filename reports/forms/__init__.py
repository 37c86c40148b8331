"""Forms of the reports room, for the customer's face and the staff's alike. They parse and check; they never save."""

from reports.forms.answer import AnswerForm
from reports.forms.report import OrderChoice, ReportForm
from reports.forms.staff import RegisterForm, RejectForm
from reports.forms.transfer import Conditional, TransferForm, TransferForms
from reports.forms.withholding import WithholdingForm

__all__ = [
    "AnswerForm",
    "Conditional",
    "OrderChoice",
    "RegisterForm",
    "RejectForm",
    "ReportForm",
    "TransferForm",
    "TransferForms",
    "WithholdingForm",
]
