"""The demo's smaller merchants, in Colombia and Argentina, as plain data. People, companies, accounts and amounts are made up."""

from decimal import Decimal
from typing import Any

CAFETAL: dict[str, Any] = {
    "slug": "cafetal",
    "name": "Colegio El Cafetal",
    "legal_name": "Colegio El Cafetal S.A.S.",
    "tax_id": "900373913-4",
    "country": "CO",
    "time_zone": "America/Bogota",
    "currency": "COP",
    "accent": "#7a4b1f",
    "ticket_prefix": "CC",
    "order_prefix": "",
    "rate_source": "",
    "approval_limit": Decimal(3_000_000),
    "claim_minutes": 120,
    "registration": "invitation",
    "support_email": "cartera@cafetal.example",
    "support_phone": "+57 601 555 0100",
    "support_whatsapp": "+57 300 555 0101",
    "shipping_price": Decimal("12000.00"),
    "shipping_tax_rate": Decimal("0.19"),
    "intro_es": "Educamos a niñas y niños de Armenia desde 1987.",
    "intro_en": "We have taught the children of Armenia since 1987.",
    "how_to_pay_es": "Transfiera a nuestra cuenta de Bancolombia o pague por Nequi, y reporte su pago aquí.",
    "how_to_pay_en": "Transfer to our account at Bancolombia or pay by Nequi, and report your payment here.",
}
PAMPA: dict[str, Any] = {
    "slug": "pampa",
    "name": "Distribuidora La Pampa",
    "legal_name": "Distribuidora La Pampa S.R.L.",
    "tax_id": "30-71234567-1",
    "country": "AR",
    "time_zone": "America/Argentina/Buenos_Aires",
    "currency": "ARS",
    "accent": "#1f5f8b",
    "ticket_prefix": "LP",
    "order_prefix": "",
    "rate_source": "",
    "approval_limit": Decimal(2_000_000),
    "claim_minutes": 120,
    "registration": "closed",
    "support_email": "cobranzas@pampa.example",
    "support_phone": "+54 11 5555 0100",
    "support_whatsapp": "+54 9 11 5555 0101",
    "shipping_price": Decimal("4500.00"),
    "shipping_tax_rate": Decimal("0.21"),
    "intro_es": "Mayorista de almacén y limpieza para comercios de todo el país.",
    "intro_en": "Wholesale groceries and cleaning goods for shops all over the country.",
    "how_to_pay_es": "Transfiera o deposite en cualquiera de nuestras cuentas y reporte su pago aquí.",
    "how_to_pay_en": "Transfer or deposit to any of our accounts and report your payment here.",
}

ACCOUNTS: dict[str, list[dict[str, Any]]] = {
    "cafetal": [
        {"bank": "1007", "number": "03112345678", "currency": "COP", "methods": ["transfer", "deposit"]},
        {"bank": "1507", "number": "3005550101", "currency": "COP", "methods": ["nequi"], "phone": "3005550101"},
    ],
    "pampa": [
        {"bank": "007", "number": "0070999020000012345678", "currency": "ARS", "methods": ["transfer", "deposit"]},
        {"bank": "011", "number": "0110599520000001234567", "currency": "ARS", "methods": ["transfer"]},
    ],
}
CUSTOMERS: dict[str, list[str]] = {
    "cafetal": [
        "Familia Restrepo Gómez", "Familia Ñustes Parra", "Familia Cárdenas Ruiz", "Familia Londoño Mejía",
        "Familia Arango Vélez", "Familia Quintero Henao", "Familia Salazar Ospina", "Familia Duque Marín",
        "Familia Botero Giraldo", "Familia Hoyos Patiño",
    ],
    "pampa": [
        "Almacén Don Ramón", "Autoservicio Belgrano S.A.", "Kiosco La Esquina", "Supermercado Ñandubay", "Maxikiosco Sur",
        "Despensa Santa Rosa", "Mercadito del Oeste", "Almacén La Vasca", "Autoservicio Pehuén", "Proveeduría Las Flores",
    ],
}  # fmt: skip
SERVICES: dict[str, list[tuple[str, Decimal]]] = {
    "cafetal": [
        ("Pensión primaria", Decimal(680_000)), ("Pensión bachillerato", Decimal(790_000)),
        ("Transporte escolar", Decimal(210_000)),
        ("Restaurante escolar", Decimal(185_000)), ("Extracurricular de música", Decimal(95_000)),
    ],
    "pampa": [
        ("Pedido de almacén", Decimal(184_500)), ("Pedido de limpieza", Decimal(96_300)), ("Pedido de bebidas", Decimal(231_800)),
        ("Pedido de golosinas", Decimal(58_900)), ("Pedido mixto", Decimal(142_700)),
    ],
}  # fmt: skip
TAX = {"cafetal": ("IVA", Decimal("0.19")), "pampa": ("IVA", Decimal("0.21"))}
ORIGIN_BANKS = {"cafetal": ["1007", "1051", "1001", "1013"], "pampa": ["007", "011", "072", "017"]}
FIRST_ORDERS: dict[str, list[tuple[str, str, str, int, int]]] = {
    "cafetal": [
        ("4401", "Pensión bachillerato", "790000", 20, 2), ("4455", "Transporte escolar", "210000", 15, 5),
        ("4488", "Restaurante escolar", "185000", 12, 6), ("4512", "Pensión primaria", "680000", 21, -6),
        ("4587", "Extracurricular de música", "95000", 8, 3),
    ],
    "pampa": [
        ("4401", "Pedido de almacén", "184500", 20, 2), ("4455", "Pedido de limpieza", "96300", 15, 5),
        ("4488", "Pedido de golosinas", "58900", 12, 6), ("4512", "Pedido de bebidas", "231800", 21, -6),
        ("4587", "Pedido mixto", "142700", 8, 3),
    ],
}  # fmt: skip
# What a dollar's worth of small change is about in the currency of their accounts.
CHANGE = {"COP": 4000, "ARS": 1000}
# How many orders the demo issues there; the two large houses have two hundred each.
ORDERS = {"cafetal": 70, "pampa": 70}
# Where their customers live: state, city, address, a telephone, and a tax number's beginning and end.
PLACES = {
    "CO": ("Quindío", "Armenia", "Carrera 14 # 9 Norte-20, barrio Castellana", "+573005550142", "10{serial}"),
    "AR": ("La Pampa", "Santa Rosa", "Av. San Martín 612, 1.º B", "+5491155550142", "20{serial}9"),
}
