"""A day in the finance department: files of every variant settle invoices, a guard stops a wrong list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from local.caller import Answer, Caller
from local.cloud import LocalCloud
from local.finance import Finance, FinanceFailed

HEADS = {
    "invoices": "Art;Rechnungsnummer;Filiale;Rechnungsdatum;Währung;Zahlungsziel;ÜbergebenAm;Artikel;"
    "UStProzent;UStCode;Betrag",
    "payments": "Rechnungsnummer;Zahlbetrag;Zahldatum;Skonto;Mahngebühr;Überzahlung;Wiederöffnen",
    "dunning": "Belegnr.;Mahnstufe",
    "open": "Belegnr.;Restbetrag",
}


class FinanceDay:
    """The steps of the day, in order; each tells what happened and shows the invoices before and after."""

    def __init__(
        self,
        cloud: LocalCloud,
        admin: Caller,
        run: int,
        say: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        """``run`` numbers the day's invoices, so that those of an earlier start are not met again."""
        self._admin = admin
        self._say = say
        self._tell = tell
        self._finance = Finance(cloud, admin)
        self._today = date.today()  # noqa: DTZ011 - the machine's own day, as people name files
        self._numbers = [f"RE-{run:04}-{place:02}" for place in range(1, 21)]
        self._run = run

    @property
    def username(self) -> str:
        """Who signs in."""
        return self._finance.username

    @property
    def secret(self) -> str:
        """With which password, until the next start."""
        return self._finance.secret

    def play(self) -> None:
        """Books are opened, invoices come in bulk, and the accountant and the bank say what was paid."""
        self._open()
        self._invoices()
        self._dunning()
        paid = self._payments()
        self._closed_items()
        self._set_to_paid()
        self._bank_statement()
        self._open_items()
        self._deletion(paid)

    def close(self) -> None:
        """Hang up."""
        self._finance.close()

    def _open(self) -> None:
        self._finance.open_books(self._admin)
        self._finance.put_profile("accountant", "Files of the accountant", policy="good-rows")
        self._finance.put_profile("bank", "Statements of the bank")
        self._say("Finance opens the books of “Muster Optik GmbH” and a profile for the accountant's files")

    def _invoices(self) -> None:
        issued, handed_over = self._ago(40), self._ago(39)
        rows = [
            f"Rechnung;{number};01;{issued};EUR;14;{handed_over};Brille {place};19;STANDARD;{place * 100},00"
            for place, number in enumerate(self._numbers, start=1)
        ]
        one = self._finance.upload("accountant", f"rechnungen-{self._run}.csv", _csv("invoices", rows))
        self._expect(one, "finished", booked=len(rows))
        self._say(f"{len(rows)} invoices come as a CSV file into the bucket and are in the ledger")
        self._show(self._numbers)

    def _dunning(self) -> None:
        rows = [f"{self._numbers[2]};1", f"{self._numbers[3]};2"]
        one = self._finance.upload("accountant", f"mahnungen-{self._run}.csv", _csv("dunning", rows))
        self._expect(one, "finished", booked=2)
        self._say("The accountant's list of dunning levels sets two invoices to level 1 and 2")

    def _payments(self) -> Answer:
        numbers, day = self._numbers, self._ago(10)
        rows = [
            f"{numbers[0]};100,00;{day};;;;",
            f"{numbers[1]};196,00;{day};J;;;",
            f"{numbers[2]};305,00;{day};;;;",
            f"{numbers[3]};250,00;{day};N;;;",
            f"{numbers[4]};520,00;{day};;N;N;",
            f"RE-UNKNOWN-{self._run};1,00;{day};;;;",
        ]
        before = self._due(numbers[:5])
        name = f"zahlungen-{self._run}.csv"
        one = self._finance.post("accountant", name, _csv("payments", rows))
        self._expect(one, "finished", booked=5)
        self._say(f"{name} is posted with a form of the API; every row of its report says why:")
        for row in self._finance.rows(one["id"]):
            self._tell(f"      line {row['line']}  {row['code']:<22} {row['reason']['en']}")
        self._tell(f"    due before {before}")
        self._tell(f"    due after  {self._due(numbers[:5])}")
        return one

    def _closed_items(self) -> None:
        number, day = self._numbers[5], (self._today - timedelta(days=8)).strftime("%d%m%Y")
        row = (
            f'12041;"{number}";{day};;1200;0,00;600,00;0,00;"S";"";0,00;" ";;" ";0;"";"{number}";"Zahlung";'
            '0,00;"11-2026/0002";379;"A"'
        )
        one = self._finance.upload("accountant", f"opos-{self._run}.csv", _lines([row]))
        self._expect(one, "finished", booked=1)
        self._say(f"DATEV's list of items (with clearing marks) closes {number}: {self._due([number])}")

    def _set_to_paid(self) -> None:
        numbers, day = self._numbers[9:11], f"{self._today - timedelta(days=3)}"
        rows = [f"{number};;;;;;" for number in numbers]
        name = f"bezahlt-{self._run}.csv"
        one = self._finance.post("accountant", name, _csv("payments", rows), settle_by=day)
        self._expect(one, "finished", booked=len(rows))
        self._say(
            f"“Set to paid by date”: all that {name} names is settled as of {day}: {self._due(numbers)}"
        )

    def _bank_statement(self) -> None:
        certain, unclear = self._numbers[6], self._numbers[7]
        day = (self._today - timedelta(days=5)).strftime("%y%m%d")
        statement = [
            f":20:TB{self._run:04}", ":25:37040044/0532013000EUR", f":28C:{self._run:05}/001",
            f":60F:C{day}EUR1000,00",
            f":61:{day}{day[2:]}CR700,00N166NONREF//{self._run:08}01",
            f":86:166?00GUTSCHRIFT?20SVWZ+Rechnung {certain}?32Muster, Anna",
            f":61:{day}{day[2:]}CR123,45N166NONREF//{self._run:08}02",
            ":86:166?00GUTSCHRIFT?20SVWZ+Anzahlung Brille?32Muster, Bernd",
            f":62F:C{day}EUR1823,45", "-",
        ]  # fmt: skip
        one = self._finance.upload("bank", f"auszug-{self._run}.sta", _lines(statement))
        self._expect(one, "finished", booked=1, review=1)
        self._say(f"A bank statement (MT940): one movement names {certain} and is booked, one waits")
        [review] = [each for each in self._finance.reviews(one["id"]) if each["decision"] is None]
        self._finance.book(one["id"], review["id"], unclear, review["amount"])
        self._tell(f"    A person books {review['amount']} EUR “{review['text']}” on {unclear}")
        self._tell(f"    due {self._due([certain, unclear])}")

    def _open_items(self) -> None:
        """The right list, the first of its profile, is approved; a list that lost its lines is rejected."""
        still_open = [each for each in self._finance.open_documents() if each["handed_over_on"]]
        paid_meanwhile = self._numbers[8]
        rows = [
            f"{each['number']};{_german(each['due'])}"
            for each in reversed(
                still_open
            )  # the youngest first: each start's lists differ from the first line
            if each["number"] != paid_meanwhile
        ]
        name = f"offene-posten-{self._run}_{self._today:%Y-%m-%d}.csv"
        one = self._finance.upload("accountant", name, _csv("open", rows))
        self._expect(one, "awaiting-approval", by_absence=1)
        self._say(f"A list of open items lacks {paid_meanwhile}. Before anything is settled, it waits:")
        self._show_stops(one)
        one = self._finance.decide(one["id"], "approve", "compared with the accountant's journal")
        self._expect(one, "finished", by_absence=1)
        self._tell(f"    Finance approves: {self._due([paid_meanwhile])}")
        cut = _csv("open", rows[: max(1, len(rows) // 4)])
        wrong = self._finance.post(
            "accountant", f"abgeschnitten-{self._run}.csv", cut, as_of=f"{self._today}"
        )
        self._expect(wrong, "awaiting-approval")
        self._say(
            f"The next list was cut off: it would settle {wrong['totals']['by_absence']} invoices over "
            f"{wrong['totals']['settled_by_absence']} EUR. The guards stop it:"
        )
        self._show_stops(wrong)
        wrong = self._finance.decide(wrong["id"], "reject", "the file is cut off")
        self._expect(wrong, "discarded")
        self._tell("    Finance rejects it; nothing was booked")

    def _deletion(self, paid: Answer) -> None:
        before = self._due(self._numbers[:5])
        one = self._finance.delete(paid["id"], "the accountant sent the wrong month")
        self._expect(one, "deleted")
        self._say(f"The payments are taken back: {one['reversed']} bookings are reversed by new ones")
        self._tell(f"    due before {before}")
        self._tell(f"    due after  {self._due(self._numbers[:5])}")

    def _ago(self, days: int) -> str:
        return (self._today - timedelta(days=days)).strftime("%Y%m%d")

    def _due(self, numbers: Sequence[str]) -> str:
        found = [self._finance.document(number) for number in numbers]
        return "  ".join(f"{each['number']} {each['due']}" for each in found)

    def _show(self, numbers: Sequence[str]) -> None:
        for start in range(0, len(numbers), 4):
            self._tell(f"      {self._due(numbers[start : start + 4])}")

    def _show_stops(self, one: Answer) -> None:
        for stop in one["stops"]:
            self._tell(f"      {stop['code']:<20} {stop['words']['en']}")

    def _expect(self, one: Answer, state: str, **counts: int) -> None:
        if one["state"] != state or any(one["totals"][name] != count for name, count in counts.items()):
            stops = "; ".join(stop["words"]["en"] for stop in one["stops"])
            raise FinanceFailed(
                f"{one['file_name']} should be {state} with {counts}; it is {one['state']} with "
                f"{one['totals']}. {stops}"
            )


def _csv(head: str, rows: Sequence[str]) -> bytes:
    return _lines([HEADS[head], *rows])


def _lines(lines: Sequence[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def _german(amount: str) -> str:
    return amount.replace(".", ",")
