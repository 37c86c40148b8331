"""Who can sign in to the demo; the launcher prints them, the customer first."""

from typing import NamedTuple

PASSWORD = "concilia-demo"


class DemoPerson(NamedTuple):
    """One person: what they are, how they sign in, and the slug of the merchant whose pages they see."""

    role: str
    email: str
    password: str
    merchant: str
    name: str = ""
    staff_role: str = ""


PEOPLE: list[DemoPerson] = [
    DemoPerson("customer", "alicia@perez.example", PASSWORD, "andina", "Alicia Pérez"),
    DemoPerson("accountant", "carmen@andina.example", PASSWORD, "andina", "Carmen Mora", "accountant"),
    DemoPerson("second accountant", "luis@andina.example", PASSWORD, "andina", "Luis Rojas", "accountant"),
    DemoPerson("senior accountant", "ana@andina.example", PASSWORD, "andina", "Ana Díaz", "senior_accountant"),
    DemoPerson("support", "sofia@andina.example", PASSWORD, "andina", "Sofía Blanco", "support"),
    DemoPerson("administrator", "pedro@andina.example", PASSWORD, "andina", "Pedro Salas", "administrator"),
    DemoPerson("auditor", "olga@andina.example", PASSWORD, "andina", "Olga Nieto", "auditor"),
    DemoPerson("customer", "marcos@delgado.example", PASSWORD, "andina", "Marcos Delgado"),
    DemoPerson("customer", "valeria@mendoza.example", PASSWORD, "litoral", "Valeria Mendoza"),
    DemoPerson("accountant", "jorge@litoral.example", PASSWORD, "litoral", "Jorge Cedeño", "accountant"),
    DemoPerson("senior accountant", "marta@litoral.example", PASSWORD, "litoral", "Marta Vélez", "senior_accountant"),
    DemoPerson("support", "rosa@litoral.example", PASSWORD, "litoral", "Rosa Zambrano", "support"),
    DemoPerson("customer", "camila@restrepo.example", PASSWORD, "cafetal", "Camila Restrepo"),
    DemoPerson("accountant", "andres@cafetal.example", PASSWORD, "cafetal", "Andrés Henao", "accountant"),
    DemoPerson("administrator", "paula@cafetal.example", PASSWORD, "cafetal", "Paula Mejía", "administrator"),
    DemoPerson("customer", "ramon@almacen.example", PASSWORD, "pampa", "Ramón Aguirre"),
    DemoPerson("accountant", "silvia@pampa.example", PASSWORD, "pampa", "Silvia Benítez", "accountant"),
    DemoPerson("senior accountant", "diego@pampa.example", PASSWORD, "pampa", "Diego Ferreyra", "senior_accountant"),
]
