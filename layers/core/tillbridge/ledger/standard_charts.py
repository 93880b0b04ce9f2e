"""SKR03 and SKR04 for the roles that we book on, and the German VAT codes; pure.

Sources: DATEV-Standardkontenrahmen SKR 03 (Art.-Nr. 11174) and SKR 04 (Art.-Nr. 11175), 2025; rates: § 12
UStG and, for the second half of 2020, the Zweites Corona-Steuerhilfegesetz. Amounts are gross, so taxed
accounts are those that work out the tax by themselves (Automatikkonten) and carry no tax key (it would be
refused: REW00305); only expenses that have no such account carry one: 9 = 19 %, 8 = 7 % input tax.
Receivables and payables stand on the accounts without current accounts: 1400 and 1600 (1200 and 3300) are
sums of debtors and creditors and cannot be booked on. A customer's own account goes before.

Where a chart has several fitting accounts, ours is the plain one, and a shop's own chart says better:
the card and cash on its way stand on "Geldtransit", settlements and what the accountant was paid on
"Durchlaufende Posten", fees on "Sonstige Erträge betrieblich und regelmäßig". Revenue, expenses and refund
fees without a VAT code have no account on purpose: nobody can know how they are taxed (LE-4).
"""

from __future__ import annotations

from collections.abc import Mapping

from .books_model import ANY_VAT_CODE, AccountLine, ChartOfAccounts, StandardChart, VatCode, VatRate
from .entries import Account

STANDARD, REDUCED, EXEMPT = "STANDARD", "REDUCED", "EXEMPT"

VAT_CODES: Mapping[str, VatCode] = {
    STANDARD: VatCode(
        STANDARD,
        "Regelsteuersatz",
        (
            VatRate("1998-04-01", 1600),
            VatRate("2007-01-01", 1900),
            VatRate("2020-07-01", 1600),
            VatRate("2021-01-01", 1900),
        ),
    ),
    REDUCED: VatCode(
        REDUCED,
        "Ermäßigter Steuersatz",
        (
            VatRate("1983-07-01", 700),
            VatRate("2020-07-01", 500),
            VatRate("2021-01-01", 700),
        ),
    ),
    EXEMPT: VatCode(EXEMPT, "Steuerfrei", (VatRate("1968-01-01", 0),)),
}
"""The codes that every chain has until it writes its own."""

_ROWS: tuple[tuple[Account, str, str, str, str], ...] = (
    # role, VAT code, SKR03, SKR04, tax key
    (Account.CASH, "", "1000", "1600", ""),  # Kasse
    (Account.CARD, "", "1360", "1460", ""),  # Geldtransit
    (Account.BANK, "", "1200", "1800", ""),  # Bank
    (Account.CHEQUES, "", "1330", "1550", ""),  # Schecks
    (Account.BILLS_OF_EXCHANGE, "", "1300", "1230", ""),  # Wechsel aus Lieferungen und Leistungen
    (Account.VOUCHERS, "", "1796", "3786", ""),  # Ausgegebene Geschenkgutscheine
    (Account.ON_ACCOUNT, "", "1700", "3500", ""),  # Sonstige Verbindlichkeiten
    (Account.SETTLEMENTS, "", "1590", "1370", ""),  # Durchlaufende Posten
    (Account.PAID_AT_ACCOUNTANT, "", "1590", "1370", ""),  # Durchlaufende Posten
    (Account.CASH_IN_TRANSIT, "", "1360", "1460", ""),  # Geldtransit
    (Account.PETTY_CASH_EXPENSES, STANDARD, "4900", "6300", "9"),  # Sonstige betriebliche Aufwendungen
    (Account.PETTY_CASH_EXPENSES, REDUCED, "4900", "6300", "8"),
    (Account.PETTY_CASH_EXPENSES, ANY_VAT_CODE, "4900", "6300", ""),
    (Account.RECEIVABLES, "", "1410", "1210", ""),  # Forderungen aus L. u. L. ohne Kontokorrent
    (Account.PAYABLES, "", "1610", "3310", ""),  # Verbindlichkeiten aus L. u. L. ohne Kontokorrent
    (Account.DOWN_PAYMENTS, STANDARD, "1718", "3272", ""),  # Erhaltene, versteuerte Anzahlungen 19 %
    (Account.DOWN_PAYMENTS, REDUCED, "1711", "3260", ""),  # Erhaltene, versteuerte Anzahlungen 7 %
    (Account.DOWN_PAYMENTS, ANY_VAT_CODE, "1710", "3250", ""),  # Erhaltene Anzahlungen auf Bestellungen
    (Account.REVENUE, STANDARD, "8400", "4400", ""),  # Erlöse 19 %
    (Account.REVENUE, REDUCED, "8300", "4300", ""),  # Erlöse 7 %
    (Account.REVENUE, EXEMPT, "8100", "4100", ""),  # Steuerfreie Umsätze § 4 Nr. 8 ff. UStG
    (Account.EXPENSES, STANDARD, "3400", "5400", ""),  # Wareneingang 19 % Vorsteuer
    (Account.EXPENSES, REDUCED, "3300", "5300", ""),  # Wareneingang 7 % Vorsteuer
    (Account.EXPENSES, EXEMPT, "3200", "5200", ""),  # Wareneingang
    (Account.CASH_DISCOUNT_GRANTED, STANDARD, "8736", "4736", ""),  # Gewährte Skonti 19 %
    (Account.CASH_DISCOUNT_GRANTED, REDUCED, "8731", "4731", ""),  # Gewährte Skonti 7 %
    (Account.CASH_DISCOUNT_GRANTED, ANY_VAT_CODE, "8730", "4730", ""),  # Gewährte Skonti
    (Account.CASH_DISCOUNT_RECEIVED, STANDARD, "3736", "5736", ""),  # Erhaltene Skonti 19 % Vorsteuer
    (Account.CASH_DISCOUNT_RECEIVED, REDUCED, "3731", "5731", ""),  # Erhaltene Skonti 7 % Vorsteuer
    (Account.CASH_DISCOUNT_RECEIVED, ANY_VAT_CODE, "3730", "5730", ""),  # Erhaltene Skonti
    (Account.DUNNING_FEES, ANY_VAT_CODE, "8605", "4835", ""),  # Sonstige Erträge betrieblich, regelmäßig
    (Account.REFUND_FEES, STANDARD, "8640", "4836", ""),  # Sonstige Erträge … 19 % USt
    (Account.REFUND_FEES, EXEMPT, "8605", "4835", ""),
)

STANDARD_LINES: Mapping[StandardChart, tuple[AccountLine, ...]] = {
    StandardChart.SKR03: tuple(AccountLine(role, old, code, key) for role, code, old, _, key in _ROWS),
    StandardChart.SKR04: tuple(AccountLine(role, new, code, key) for role, code, _, new, key in _ROWS),
}
"""The lines of each standard chart."""

AUTOMATIC_RANGES: Mapping[StandardChart, tuple[tuple[int, int], ...]] = {
    StandardChart.SKR03: (
        *((one, one) for one in (1711, 1718, 3731, 3736, 8640, 8731, 8736)),
        *((3300, 3309), (3400, 3409), (8300, 8309), (8400, 8409)),
    ),
    StandardChart.SKR04: (
        *((one, one) for one in (3260, 3272, 4731, 4736, 4836, 5731, 5736)),
        *((4300, 4309), (4400, 4409), (5300, 5309), (5400, 5409)),
    ),
}
"""Accounts that work out their tax by themselves and take no tax key: those above, and the ranges of sales
and purchases. There are more; the accountant's program refuses a key on those."""

KEYS_FOR_AUTOMATIC_ACCOUNTS = frozenset({"20", "40", "0020", "0040"})
"""Reversal and "no automatic tax": the keys that such an account takes all the same."""


def standard_chart(standard: StandardChart) -> ChartOfAccounts:
    """The chart that every chain has under the name of the standard until it writes lines of its own."""
    return ChartOfAccounts(standard.value, f"DATEV {standard.value}", standard)
