"""Ready-made profiles: how each of these banks really writes its files. A profile of an account begins as a copy of one of them.

`facts` says what was seen in real files and where the writing differs from what one would expect; a bank that changes its files
gets a new layout beside the old one, since old files stay readable.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciliation.statements.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One bank's file. `bank_code` is the national code (blank where it holds for many banks), `currency` the usual one."""

    key: str
    name_es: str
    name_en: str
    country: str
    bank_code: str
    currency: str
    profile: Profile
    facts: str
    file_ending: str = ""


_SIMPLE = Layout(
    key="simple", name_es="Hoja propia (fecha, monto, referencia, texto)", name_en="Own sheet (date, amount, reference, text)",
    country="", bank_code="", currency="", file_ending="csv", profile=Profile(format="simple"),
    facts="Columns by name in the first row, English or Spanish, in any order. Dates 2026-11-24 or 24/11/2026.",
)  # fmt: skip

_VENEZUELA = Layout(
    key="ve-venezuela-txt", name_es="Banco de Venezuela, ancho fijo (TXT)", name_en="Banco de Venezuela, fixed width (TXT)",
    country="VE", bank_code="0102", currency="VES", file_ending="txt",
    profile=Profile(
        format="fixed", row_length=131, date_format="%d%m%Y", decimal=",", implied_decimals=2, amount_style="debit_credit",
        columns={
            "account": (1, 20), "date": (21, 8), "reference": (29, 13), "text": (42, 30), "debit": (72, 18), "credit": (90, 18),
            "balance": (108, 18),
        },
        opening_text="SALDO INICIAL",
    ),
    facts="131 signs a line: account 20, ddmmyyyy, reference 13, text 30, debit, credit and balance 18 each with two implied "
    "decimals, type SI/ND/NC/DP, code. The row SALDO INICIAL opens; the running balance holds through the whole file.",
)  # fmt: skip

_PROVINCIAL = Layout(
    key="ve-provincial-aeb43", name_es="BBVA Provincial, Net Cash (CSV)", name_en="BBVA Provincial, Net Cash (CSV)",
    country="VE", bank_code="0108", currency="VES", file_ending="csv",
    profile=Profile(
        format="aeb43",
        patterns={"payer_id": r"\b([VEJGP]\d{9,10})", "origin_bank": r"(?:TR/REC |  )(0\d{3})(?:\d{5}| )"},
    ),
    facts="Records 00/11/22/33/88 with commas; one 11…33 section a day or more, so the balances chain from section to section. "
    "22: yymmdd, 1 debit and 2 credit, amount in cents, reference 10. Currency 928. Texts may end in commas of their own.",
)  # fmt: skip

_BANESCO = Layout(
    key="ve-banesco-qif", name_es="Banesco (QIF)", name_en="Banesco (QIF)",
    country="VE", bank_code="0134", currency="VES", file_ending="qif",
    profile=Profile(
        format="qif", date_format="%d/%m/%Y", decimal=",", thousands=".",
        patterns={
            "origin_bank": r"^TRF[. ](?:[MO]B|DESDE OTRO BCO .{1,30}?) (0\d{3})\b",
            "payer_id": r"^TRF\.[MO]B 0\d{3} ([VEJGP]\d{5,10})\b",
        },
    ),
    facts="!Tipo:Banco, T+13.000.000,00, N with 11 digits padded with zeros. Transfers name the origin bank and the payer's RIF "
    "(TRF.OB 0174 J000000000 …); TRF DESDE OTRO BCO has the bank at the end and the sender's reference before it.",
)  # fmt: skip

_MERCANTIL = Layout(
    key="ve-mercantil-mt940", name_es="Mercantil (MT940)", name_en="Mercantil (MT940)",
    country="VE", bank_code="0105", currency="VES", file_ending="txt",
    profile=Profile(
        format="mt940", decimal=",", thousands=".", closing_required=False,
        patterns={"balance": r"SALDO:\s*(-?[\d.]+,\d\d)"},
    ),
    facts="NONREF as the customer's reference, the bank's after //, no :62F:. The running balance stands inside :86: "
    "(?21SALDO: 23.663.075,36) and is all that tells equal commissions of one day apart.",
)  # fmt: skip

_BNC = Layout(
    key="ve-bnc-tsv", name_es="BNC, estado de cuenta (TSV)", name_en="BNC, account statement (TSV)",
    country="VE", bank_code="0191", currency="VES", file_ending="tsv",
    profile=Profile(
        format="csv", separator="\t", date_format="%m/%d/%Y", decimal=".", thousands=",", amount_style="debit_credit",
        debits_negative=True, opening_text="Saldo Inicial",
        columns={
            "date": "Fecha", "reference": ("Referencia", 10), "text": ("Tip, Operación", "Descripción"), "debit": "Debe",
            "credit": "Haber", "balance": "Saldo",
        },
        patterns={"reference": r"\bREF[,.]*\s*: (\d{6,20})\b", "payer_name": r"POR CUENTA DE : (.{1,80}?) REF,"},
    ),
    facts="mm/dd/yyyy and 1,234.56 in a Spanish file; debits with a minus in Debe; Referencia 2 stands in the heading twice. A "
    "spreadsheet has turned some references into 3.46E+10: unknown then, and the origin's reference inside the text is taken.",
)  # fmt: skip

_BANPLUS = Layout(
    key="ve-banplus-txt", name_es="Banplus, estado de cuenta (TXT)", name_en="Banplus, account statement (TXT)",
    country="VE", bank_code="0174", currency="VES", file_ending="txt",
    profile=Profile(
        format="csv", separator="\t", date_format="%d/%m/%Y", decimal=",", thousands=".", amount_style="debit_credit",
        opening_text="Saldo Inicial",
        columns={
            "date": "Fecha", "reference": "Referencia", "text": ("Descripción", "Concepto"), "debit": "Débito",
            "credit": "Crédito", "balance": "Saldo",
        },
    ),
    facts="Tabs and quoted texts, UTF-8, amounts without thousands signs, 0,00 in the other column. The row Saldo Inicial has no "
    "date and its own number of cells.",
)  # fmt: skip

_BANCOLOMBIA = Layout(
    key="co-bancolombia-txt", name_es="Bancolombia, movimientos (TXT)", name_en="Bancolombia, movements (TXT)",
    country="CO", bank_code="1007", currency="COP", file_ending="txt",
    profile=Profile(
        format="csv", separator="\t", date_format="%Y/%m/%d", decimal=".", thousands=",",
        columns={
            "date": "FECHA", "text": ("DESCRIPCIÓN", "SUCURSAL"), "reference": ("DCTO.", "REFERENCIA", "DOCUMENTO"),
            "amount": "VALOR",
        },
    ),
    facts="Tabs, one heading row, yyyy/mm/dd, a minus before debits. The document number is often blank.",
)  # fmt: skip

_GALICIA = Layout(
    key="ar-galicia-csv", name_es="Banco Galicia, extracto (CSV)", name_en="Banco Galicia, statement (CSV)",
    country="AR", bank_code="007", currency="ARS", file_ending="csv",
    profile=Profile(
        format="csv", separator=";", encoding="latin-1", date_format="%d/%m/%Y", decimal=",", thousands=".",
        amount_style="debit_credit",
        columns={
            "date": "Fecha", "reference": "Número de Comprobante", "debit": "Débitos", "credit": "Créditos", "balance": "Saldo",
            "text": (
                "Descripción", "Concepto", "Leyendas Adicionales 1", "Leyendas Adicionales 2", "Leyendas Adicionales 3",
                "Leyendas Adicionales 4",
            ),
        },
        patterns={"payer_id": r"\b((?:20|23|24|25|26|27|30|33|34)\d{9})\b"},
    ),
    facts="Latin-1, sixteen columns, Débitos and Créditos without signs, the payer's name and CUIT in the four Leyendas "
    "Adicionales (written with and without the space before the number).",
)  # fmt: skip

_PICHINCHA = Layout(
    key="ec-pichincha-csv", name_es="Banco Pichincha, movimientos (CSV)", name_en="Banco Pichincha, movements (CSV)",
    country="EC", bank_code="0010", currency="USD", file_ending="csv",
    profile=Profile(
        format="csv", separator=";", date_format="%d/%m/%Y", decimal=",", thousands=".", amount_style="amount_mark",
        debit_marks=("Egreso",), credit_marks=("Ingreso",), start_after="Movimientos",
        columns={"date": "Fecha", "mark": "Tipo", "amount": "Monto", "text": "Detalle"},
    ),
    facts="A preamble about the account until the row Movimientos, then Fecha, Tipo (Ingreso or Egreso), Monto, Detalle, Fecha "
    "contable, Categoría. No reference and no balance: look-alikes of one day are told apart by their order alone.",
)  # fmt: skip

_BBVA_MEXICO = Layout(
    key="mx-bbva-xlsx", name_es="BBVA México, movimientos (XLSX)", name_en="BBVA México, movements (XLSX)",
    country="MX", bank_code="012", currency="MXN", file_ending="xlsx",
    profile=Profile(
        format="xlsx", date_format="%d/%m/%Y", decimal=".", thousands=",", amount_style="debit_credit", debits_negative=True,
        columns={
            "date": ("FECHA", "Día"), "text": ("DESCRIPCIÓN", "Concepto / Referencia"), "debit": "CARGO", "credit": "ABONO",
            "balance": "SALDO",
        },
        patterns={
            "reference": r"/\s*(\d{7,20})\b", "origin_bank": r"^SPEI RECIBIDO.{2,30}?/\s*\d{7,20}\s+(\d{3})\b",
        },
    ),
    facts="SPEI RECIBIDO and the bank's name are written together, then / reference, bank code and concept. Charges have a minus "
    "in CARGO. No column of references.",
)  # fmt: skip

_NORMA43 = Layout(
    key="es-norma43", name_es="Norma 43 (AEB 43, 80 posiciones)", name_en="Norma 43 (AEB 43, 80 signs)",
    country="ES", bank_code="", currency="EUR", file_ending="txt", profile=Profile(format="aeb43", encoding="auto"),
    facts="Records 11/22/23/33/88 of 80 signs, after the Cuaderno 43.",
)  # fmt: skip

_MT940 = Layout(
    key="mt940", name_es="MT940 (SWIFT), cualquier banco", name_en="MT940 (SWIFT), any bank",
    country="", bank_code="", currency="", file_ending="sta", profile=Profile(format="mt940"),
    facts="Closing balance needed: a file without it has been cut. MT942 of the day is read too.",
)  # fmt: skip

_CAMT = Layout(
    key="camt", name_es="CAMT.053 (ISO 20022), cualquier banco", name_en="CAMT.053 (ISO 20022), any bank",
    country="", bank_code="", currency="", file_ending="xml", profile=Profile(format="camt"),
    facts="Booked entries alone; payments booked together become lines of their own when their amounts are given.",
)  # fmt: skip

_OFX = Layout(
    key="ofx", name_es="OFX, cualquier banco", name_en="OFX, any bank",
    country="", bank_code="", currency="", file_ending="ofx", profile=Profile(format="ofx"),
    facts="Versions 1 and 2. FITID tells lines apart. A zone never moves the date.",
)  # fmt: skip

LAYOUTS: dict[str, Layout] = {
    layout.key: layout
    for layout in (
        _VENEZUELA, _PROVINCIAL, _BANESCO, _MERCANTIL, _BNC, _BANPLUS, _BANCOLOMBIA, _GALICIA, _PICHINCHA, _BBVA_MEXICO, _NORMA43,
        _MT940, _CAMT, _OFX, _SIMPLE,
    )
}  # fmt: skip
