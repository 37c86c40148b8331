"""The demo's two large merchants as plain data, and tables of all four. People, companies, accounts and amounts are made up."""

from decimal import Decimal
from typing import Any

from config.demo import neighbours

ANDINA: dict[str, Any] = {
    "slug": "andina",
    "name": "Hosting Andina",
    "legal_name": "Hosting Andina, C.A.",
    "tax_id": "J-40918273-5",
    "country": "VE",
    "time_zone": "America/Caracas",
    "currency": "USD",
    "accent": "#4338ca",
    "ticket_prefix": "HA",
    "order_prefix": "",
    "rate_source": "BCV",
    "approval_limit": Decimal(500),
    "fiscal_policy": "paid",
    "claim_minutes": 120,
    "registration": "open",
    "support_email": "ayuda@andina.example",
    "support_phone": "+58 212 555 0100",
    "support_whatsapp": "+58 412 555 0101",
    "shipping_price": Decimal("1.38"),
    "shipping_tax_rate": Decimal("0.16"),
    "intro_es": "Alojamos páginas, correos y servidores de empresas de toda Venezuela.",
    "intro_en": "We host the pages, mailboxes and servers of companies all over Venezuela.",
    "how_to_pay_es": "Pague en bolívares a la tasa del día del pago, o en dólares por Zelle, y reporte su pago aquí.",
    "how_to_pay_en": "Pay in bolivars at the rate of the day of payment, or in dollars by Zelle, and report your payment here.",
}
LITORAL: dict[str, Any] = {
    "slug": "litoral",
    "name": "Internet Litoral",
    "legal_name": "Internet Litoral Cía. Ltda.",
    "tax_id": "0992345678001",
    "country": "EC",
    "time_zone": "America/Guayaquil",
    "currency": "USD",
    "accent": "#0b6b63",
    "ticket_prefix": "IL",
    "order_prefix": "",
    "rate_source": "",
    "approval_limit": Decimal(800),
    "claim_minutes": 120,
    "registration": "open",
    "support_email": "soporte@litoral.example",
    "support_phone": "+593 4 555 0100",
    "support_whatsapp": "+593 99 555 0101",
    "shipping_price": Decimal("3.00"),
    "shipping_tax_rate": Decimal("0.15"),
    "intro_es": "Internet por fibra y telefonía para hogares y empresas de la costa.",
    "intro_en": "Fibre internet and telephony for homes and companies on the coast.",
    "how_to_pay_es": "Transfiera o deposite en cualquiera de nuestras cuentas y reporte su pago aquí.",
    "how_to_pay_en": "Transfer or deposit to any of our accounts and report your payment here.",
}

# Taxes of which the merchant takes withholding vouchers: key, Spanish, English.
WITHHOLDINGS: dict[str, list[tuple[str, str, str]]] = {
    "andina": [("iva", "Retención de IVA", "VAT withholding"), ("islr", "Retención de ISLR", "Income tax withholding")],
}
# What the law adds to payments by a method: name, per cent.
SURCHARGES: dict[str, dict[str, tuple[str, Decimal]]] = {"andina": {"zelle": ("IGTF", Decimal(3)), "cash": ("IGTF", Decimal(3))}}

# bank code (None: no bank), institution, kind, number, currency, methods
ACCOUNTS: dict[str, list[dict[str, Any]]] = {
    "andina": [
        {"bank": "0134", "number": "01340412354121004821", "currency": "VES", "methods": ["transfer", "deposit", "cheque"]},
        {"bank": "0102", "number": "01020335180000020937", "currency": "VES", "methods": ["transfer", "deposit"]},
        {
            "bank": "0105", "number": "01050077051077223310", "currency": "VES", "methods": ["pago_movil"],
            "phone": "04125550101",
        },
        {
            "bank": None, "institution": "Zelle", "kind": "wallet", "number": "pagos@andina.example", "currency": "USD",
            "methods": ["zelle"], "email": "pagos@andina.example",
        },
        {
            "bank": None, "institution": "Caja principal", "kind": "cash", "number": "CAJA-1", "currency": "USD",
            "methods": ["cash"],
        },
        {"bank": "0108", "number": "01080027260100104455", "currency": "VES", "methods": ["transfer", "deposit"]},
    ],
    "litoral": [
        {"bank": "0010", "number": "2100448172", "currency": "USD", "methods": ["transfer", "deposit", "cheque"]},
        {"bank": "0017", "number": "0018830455", "currency": "USD", "methods": ["transfer", "deposit"]},
        {"bank": "0036", "number": "12009977310", "currency": "USD", "methods": ["transfer"]},
    ],
}  # fmt: skip

CUSTOMERS: dict[str, list[str]] = {
    "andina": [
        "Inversiones Pérez y Asociados, C.A.", "Marcos Delgado", "Ferretería El Samán, C.A.", "Colegio Santa Inés",
        "Posada Los Frailejones", "Taller Gráfico Ávila", "Rosa Elena Quintero", "Distribuidora Kavak, C.A.",
        "Clínica Monte Claro", "José Gregorio Luna", "Panadería La Espiga", "Agencia Ñandú, C.A.", "Repuestos El Tigre",
        "Librería Orinoco", "Óptica Santa Lucía", "Transporte Los Llanos", "Café Mérida", "Estudio Contable Rivas",
        "Academia de Música Sol", "Farmacia San Rafael", "Hotel Playa Azul", "Imprenta Bolívar", "Bufete Arismendi",
        "Veterinaria Canaima", "Autolavado Express",
    ],
    "litoral": [
        "Valeria Mendoza", "Camaronera Puerto Hondo S.A.", "Hostal Malecón", "Colegio Nuevo Mundo", "Farmacia La Bahía",
        "Ferretería Quevedo", "Luis Alberto Chávez", "Importadora Guayas", "Restaurante El Cangrejal", "Clínica Santa Elena",
        "Cooperativa de Taxis Sur", "María José Intriago", "Taller Mecánico Ponce", "Centro Dental Urdesa",
        "Comercial Andrade", "Gimnasio Pacífico", "Lavandería Rápida", "Notaría Duodécima", "Panadería Ñuñez",
        "Editorial Montecristi", "Agrícola Babahoyo", "Pesquera Anconcito", "Óptica Durán", "Radio Costa", "Vivero Chongón",
    ],
}  # fmt: skip

SERVICES: dict[str, list[tuple[str, Decimal]]] = {
    "andina": [
        ("Hosting Empresarial", Decimal("17.24")), ("Servidor virtual VPS 2", Decimal("34.48")),
        ("Buzones de correo (10)", Decimal("8.62")), ("Certificado SSL Wildcard", Decimal("21.55")),
        ("Respaldo en la nube 200 GB", Decimal("12.93")), ("Servidor dedicado", Decimal("146.55")),
    ],
    "litoral": [
        ("Fibra Hogar 200 Mbps", Decimal("24.00")), ("Fibra Empresa 500 Mbps", Decimal("62.00")),
        ("Línea telefónica", Decimal("9.50")), ("IP fija", Decimal("7.00")), ("Central virtual", Decimal("38.00")),
        ("Enlace dedicado 100 Mbps", Decimal("290.00")),
    ],
}  # fmt: skip
TAX = {"andina": ("IVA", Decimal("0.16")), "litoral": ("IVA", Decimal("0.15"))}
ORIGIN_BANKS = {"andina": ["0134", "0102", "0105", "0108", "0191", "0172"], "litoral": ["0010", "0017", "0030", "0037", "0036"]}

ACCOUNTS |= neighbours.ACCOUNTS
CUSTOMERS |= neighbours.CUSTOMERS
SERVICES |= neighbours.SERVICES
TAX |= neighbours.TAX
ORIGIN_BANKS |= neighbours.ORIGIN_BANKS
