"""What requests and answers about customers and orders look like on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tillbridge.access.schemas import Id
from tillbridge.http.shapes import NextCursor, Wire

from .model import NO_TERMS, Customer, Order
from .schemas import DayText, Line, TermsShape, day_or_none


class CustomerBody(Wire):
    """A customer as it shall be."""

    branch: Id
    name: Line
    street: Line = ""
    postcode: Line = ""
    city: Line = ""
    country: str = Field(default="", max_length=2, description="ISO 3166-1, such as `DE`")
    language: Literal["de", "en"] = "de"
    account: str = Field(default="", max_length=9, description="The debtor's account at the accountant's")
    terms: TermsShape | None = None

    def customer(self, number: str) -> Customer:
        """The customer in the room's own words."""
        return Customer(
            number=number,
            branch=self.branch,
            name=self.name,
            street=self.street,
            postcode=self.postcode,
            city=self.city,
            country=self.country,
            language=self.language,
            account=self.account,
            terms=self.terms.terms() if self.terms else NO_TERMS,
        )


class CustomerAnswer(Wire):
    """A customer as it stands."""

    number: str
    branch: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    language: str
    account: str
    terms: TermsShape
    revision: int

    @classmethod
    def of(cls, customer: Customer) -> CustomerAnswer:
        """The answer for a customer."""
        return cls(
            number=customer.number,
            branch=customer.branch,
            name=customer.name,
            street=customer.street,
            postcode=customer.postcode,
            city=customer.city,
            country=customer.country,
            language=customer.language,
            account=customer.account,
            terms=TermsShape.of(customer.terms),
            revision=customer.revision,
        )


class CustomersAnswer(Wire):
    """A page of customers."""

    customers: list[CustomerAnswer]
    next: NextCursor


class OrderBody(Wire):
    """An order as it shall be."""

    branch: Id
    operator_name: Line = Field(default="", description="Who took the order")
    contact_number: Annotated[str, Field(max_length=40)] = ""
    customer: Line = Field(default="", description="The customer's number, or empty")
    ordered_on: DayText | None = None

    def order(self, number: str) -> Order:
        """The order in the room's own words."""
        return Order(
            number=number,
            branch=self.branch,
            operator_name=self.operator_name,
            contact_number=self.contact_number,
            customer=self.customer,
            ordered_on=day_or_none(self.ordered_on, "ordered_on"),
        )


class OrderAnswer(Wire):
    """An order as it stands."""

    number: str
    branch: str
    operator_name: str
    contact_number: str
    customer: str
    ordered_on: str | None
    revision: int

    @classmethod
    def of(cls, order: Order) -> OrderAnswer:
        """The answer for an order."""
        return cls(
            number=order.number,
            branch=order.branch,
            operator_name=order.operator_name,
            contact_number=order.contact_number,
            customer=order.customer,
            ordered_on=order.ordered_on or None,
            revision=order.revision,
        )


class OrdersAnswer(Wire):
    """A page of orders."""

    orders: list[OrderAnswer]
    next: str | None = Field(description="Cursor of the next page; null at the end")
