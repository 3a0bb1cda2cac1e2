"""Rules and prices on planned stacks, with what the workspace says: waivers, budgets, the rate for won."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from dure.cost import Estimate, Rates, estimate, spending_of
from dure.cost.price_file import load_prices
from dure.errors import Refused
from dure.model import Operator, WorkspaceInvalid
from dure.model.blueprints import toolkit_blueprint
from dure.model.places import CUSTOMERS
from dure.model.waivers import PlacedWaiver, read_waivers
from dure.model.workspace import read_customer, read_operator
from dure.plan.subject import Subject
from dure.policy import Finding, Fleet, evaluate
from dure.policy.evaluation import expired
from dure.runs.context import Context

Beside = Callable[[str], Iterable[Subject]]
"""Customer -> its stacks as far as they are known; those that are judged may be among them."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`expired` are lines on waivers that no longer count."""

    estimate: Estimate
    findings: tuple[Finding, ...]
    expired: tuple[str, ...]

    @property
    def refused(self) -> bool:
        return any(one.refuses for one in self.findings)


def judge(
    context: Context, subjects: Sequence[Subject], beside: Beside = lambda _: (), fleet: Fleet | None = None
) -> Judgement:
    """Both, of these stacks; a customer's budget is held against what `beside` knows of its other stacks too.

    `fleet`: the tenants of all customers, none of whom these may reach or be reached by.

    Raises WorkspaceInvalid for faults in waivers or price files.
    """
    day = today_of(context.operator)
    prices, rates = load_prices(context.workspace), rates_of(context.operator)
    found = estimate(subjects, prices, rates, day)
    waivers = waivers_of(context)
    spendings, here = [], {one.site for one in subjects}
    for budget in budgets(context, (one.customer for one in subjects)):
        others = [one for one in beside(budget.customer) if one.site not in here]
        stacks = [*found.stacks, *estimate(others, prices, rates, day).stacks]
        spendings.append(spending_of(budget.customer, budget.krw_month, budget.place, stacks, rates))
    findings = evaluate(subjects, waivers, day, spendings, fleet=fleet)
    return Judgement(found, findings, tuple(expired(waivers, day)))


def refuse_if_forbidden(findings: Sequence[Finding]) -> None:
    """Raises Refused (exit code 4) with the first finding that forbids an apply, and how many more there are."""
    refusing = [one for one in findings if one.refuses]
    if not refusing:
        return
    first = refusing[0]
    subject = f"{first.resource} of {first.site}" if first.resource else first.site
    more = f" (and {len(refusing) - 1} more; see `operator policy check`)" if len(refusing) > 1 else ""
    raise Refused(
        f"{first.rule}: {subject}: {first.what}{more}",
        where=first.place,
        why=f"{first.reason}; {first.lapse}" if first.lapse else first.reason,
        mend=f"{first.mend}; or have that waiver approved anew" if first.lapse else first.mend,
    )


def today_of(operator: Operator) -> date:
    """The MSP's day."""
    return datetime.now(ZoneInfo(operator.timezone)).date()


def rates_of(operator: Operator) -> Rates | None:
    cost = operator.cost
    if cost is None:
        return None
    return Rates(Decimal(cost.usd_krw), date.fromisoformat(cost.rate_date), Decimal(cost.vat))


def waivers_of(context: Context) -> tuple[PlacedWaiver, ...]:
    waivers, problems = read_waivers(context.workspace, {one.id for one in context.operator.engineers})
    if problems:
        raise WorkspaceInvalid(problems)
    return waivers


@dataclass(frozen=True, slots=True)
class Budget:
    """A customer's; `place` is where it stands, `file:line`."""

    customer: str
    krw_month: int
    place: str


def budgets(context: Context, customers: Iterable[str]) -> list[Budget]:
    """Of those of them that have one."""
    found = []
    _, _, ground, _ = read_operator(context.workspace)
    for customer_id in sorted(set(customers)):
        file = context.workspace / CUSTOMERS / f"{customer_id}.yaml"
        if not file.is_file():
            continue
        customer, entry, _ = read_customer(context.workspace, file, ground, toolkit_blueprint)
        if customer is None or entry is None or customer.budget_krw_month is None:
            continue
        line, _ = entry.document.at(("budget_krw_month",))
        found.append(Budget(customer_id, customer.budget_krw_month, f"{entry.document.file}:{line}"))
    return found
