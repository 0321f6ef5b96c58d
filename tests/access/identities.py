"""Who asks, and what each of them may see and change: said here again in plain words, apart from the code it checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import update

from tests.access.world import Row, World
from vestry.identity import service as identity
from vestry.identity.grants import Wanted
from vestry.identity.models import ApiToken
from vestry.identity.policy import HIDDEN, POLICY, REACH

STAFF = {"administrator", "manager", "analyst", "accountant", "auditor"}
PARTAKERS = {"advisor", "client", "investor"}
BOOKS = {
    "commitment", "call", "distribution", "entry", "investment", "holding", "transaction", "mark", "nav", "line",
    "fund", "vehicle", "terms",
}  # fmt: skip
COHORTS = ("spend", "trade", "threshold", "override", "scenario", "payment", "customer", "upload")
REQUESTS = ("data_request", "submitted_value", "request_attachment")
ROUNDS = ("monthly_round", "transfer")  # of all of a company's trades at once: for those granted the company
# What the policy said when the tests began: a test that takes a row away does not change what is expected.
ALLOWED = {operation: frozenset(roles) for operation, roles in POLICY.items()}
NEEDS_FIRM = frozenset(REACH)
UNSEEN = {key: frozenset(roles) for key, roles in HIDDEN.items()}
HIDDEN_AS = {"company": "company", "fund": "fund", "investment": "investment", "transaction": "transaction",
             "entry": "vehicle_entry", "nav": "reported_nav"}  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """Somebody who asks: a role in a firm with grants, or nobody (``status`` 401)."""

    name: str
    role: str = ""
    firm: str = "a"
    whole: bool = False
    parts: frozenset[str] = frozenset()  # whose funds are granted
    vehicles: frozenset[str] = frozenset()  # of which the vehicle alone is granted
    investors: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    known: bool = True
    secret: str | None = None

    def permits(self, permission: str) -> bool:
        """Whether the role may do it at all."""
        return self.role in ALLOWED[permission] and (self.whole or permission not in NEEDS_FIRM)

    def sees(self, row: Row) -> bool:
        """Whether the row is theirs to see, taken back or not."""
        if row.firm != self.firm:
            return False
        if row.kind == "job":
            return self.role == "administrator"  # others see what they asked for themselves
        if self.whole:
            return True
        if self.role in STAFF:
            return row.kind == "request_template" or self._sees_as_staff(row)
        if self.role == "company_contact":
            return row.kind in (
                "company",
                "round",
                "security",
                "metric",
                "metric_import",
                "connection",
                *COHORTS,
                *ROUNDS,
            ) and (row.company in self.companies)
        return self._sees_as_partaker(row)

    def _sees_as_staff(self, row: Row) -> bool:
        books = self.parts | self.vehicles
        of_company = ("company", "round", "security", "metric", "metric_import", "alert", *REQUESTS, *COHORTS)
        if row.kind in (*ROUNDS, "connection"):
            return row.company in self.companies
        if row.kind in of_company or (row.kind == "mark" and not row.part):
            return row.company in self.companies or any(row.company in HELD[part] for part in books)
        if row.kind == "investor":
            return row.investor in self.investors or row.part in books
        if row.kind in ("commitment", "line", "nav") and row.investor in self.investors:
            return True
        if row.kind in ("call", "distribution") and TAKEN[row.part] & self.investors and not row.gone:
            return True
        return row.kind in BOOKS and row.part in books

    def _sees_as_partaker(self, row: Row) -> bool:
        taken = {part for part, lps in TAKEN.items() if lps & self.investors} | self.parts | self.vehicles
        if row.kind in ("company", "round", "security"):
            return row.company in self.companies or (
                row.company in self.companies and any(row.company in HELD[part] for part in taken)
            )
        if row.part == "account":
            books = "account" in self.vehicles and self.role in ("client", "advisor")
            return books or (row.kind == "vehicle" and "two" in self.parts)
        if row.kind in ("fund", "terms") and row.part == "two" and "account" in self.vehicles:
            return True  # whose vehicle it is
        if row.kind in ("fund", "vehicle", "terms"):
            return row.part in taken
        if row.kind in ("investor", "commitment", "line"):
            return row.investor in self.investors
        if row.kind in ("call", "distribution"):  # by way of one's line, while there is one
            return bool(TAKEN[row.part] & self.investors) and not row.gone
        if row.kind == "nav":
            return row.investor in self.investors if row.investor else row.part in taken
        if row.kind in ("investment", "holding", "transaction", "mark"):
            return row.part in taken and row.company in self.companies
        return False

    def changes(self, row: Row) -> bool:
        """Whether the record itself is theirs to change, if their role changes anything."""
        if not self.sees(row) or self.whole:
            return self.sees(row)
        granted = {"fund": row.part in self.parts, "investor": row.investor in self.investors}
        alone = () if row.part else ("mark",)  # of a company, no vehicle's
        of_company = ("company", "round", "security", "metric_import", *REQUESTS, *COHORTS, *alone)
        granted |= dict.fromkeys(of_company, row.company in self.companies)
        return granted.get(row.kind, True)

    def may_read(self, row: Row, field: str) -> bool:
        """Whether a field of a row may reach them."""
        of = HIDDEN_AS.get(row.kind, "")
        return self.sees(row) and self.role not in UNSEEN.get((of, field), frozenset())


TAKEN: dict[str, set[str]] = {"one": {"lp1", "lp2", "lp4"}, "two": {"lp3"}, "account": set(), "far": {"lp9"}}
HELD: dict[str, set[str]] = {"one": {"shared"}, "two": {"shared", "other"}, "account": set(), "far": {"away"}}


def everybody(world: World) -> list[Identity]:
    """Nobody in three ways; each role in both firms; narrower ones; investors side by side."""
    found = [
        Identity("anonymous", known=False),
        _token(world, Identity("expired", "administrator", known=False)),
        _token(world, Identity("revoked", "administrator", known=False)),
    ]
    narrow = (
        *(Identity(f"{role} of {firm}", role, firm, whole=True) for firm in ("a", "b") for role in sorted(STAFF)),
        *(
            Identity(f"{role} of fund one", role, parts=frozenset({"one"}))
            for role in sorted(STAFF - {"administrator"})
        ),
        Identity("manager of vehicle two", "manager", vehicles=frozenset({"two"})),
        Identity("analyst of lp1", "analyst", investors=frozenset({"lp1"})),
        Identity("accountant of company other", "accountant", companies=frozenset({"other"})),
        Identity("analyst of nothing", "analyst"),
        Identity("lp1", "investor", investors=frozenset({"lp1"})),
        Identity("lp2", "investor", investors=frozenset({"lp2"})),
        Identity("lp9", "investor", "b", investors=frozenset({"lp9"})),
        Identity("lp1 in the shared deal", "investor", investors=frozenset({"lp1"}), companies=frozenset({"shared"})),
        Identity("told of fund two", "investor", parts=frozenset({"two"})),
        Identity("told of vehicle two", "investor", vehicles=frozenset({"two"})),
        Identity("advisor of lp2 and lp3", "advisor", investors=frozenset({"lp2", "lp3"})),
        Identity("client lp3", "client", investors=frozenset({"lp3"})),
        Identity("client of the account", "client", vehicles=frozenset({"account"})),
        Identity("contact of shared", "company_contact", companies=frozenset({"shared"})),
        Identity("contact of away", "company_contact", "b", companies=frozenset({"away"})),
    )
    return [*found, *(_token(world, one) for one in narrow)]


def _token(world: World, who: Identity) -> Identity:
    actor = world.actors[who.firm]
    with world.database.transaction(actor) as session:
        token, secret = identity.create_token(
            session, actor, name=who.name, role=who.role, grants=list(_wanted(world, who)) or ()
        )
        hour = timedelta(hours=1)
        ended = {"expired": {"expires_at": session.info["now"] - hour}, "revoked": {"revoked_at": session.info["now"]}}
        if who.name in ended:
            session.execute(update(ApiToken).where(ApiToken.id == token.id).values(**ended[who.name]))
        if who.name == "analyst of nothing":
            from vestry.identity import grants

            for grant in grants.live(session, actor, [token])[token.id]:
                grants.revoke(session, actor, grant["id"])
    return replace(who, secret=secret)


def _wanted(world: World, who: Identity) -> Iterable[Wanted]:
    for part in sorted(who.parts):
        yield Wanted("fund", world.ids[who.firm, part])
    for part in sorted(who.vehicles):
        yield Wanted("vehicle", world.one("vehicle", firm=who.firm, part=part).id)
    for lp in sorted(who.investors):
        yield Wanted("investor", world.ids[who.firm, lp])
    for company in sorted(who.companies):
        yield Wanted("company", world.ids[who.firm, company])
