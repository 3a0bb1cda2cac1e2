"""One line that says why a verdict is what it is."""

from dure.sla.case import Account, Case
from dure.sla.ratio import percent
from dure.sla.verdict import Verdict


def verdict_words(case: Case, account: Account) -> str:
    """The verdict with the comparison of exact fractions that decided it."""
    figures = account.figures
    if figures.lower is None or figures.upper is None or figures.coverage is None:
        return "Verdict   N/A: the period has no agreed second"
    target = f"the target {_short(case.target * 100)} %"
    lower, upper = f"{percent(figures.lower, 5)} %", f"{percent(figures.upper, 5)} %"
    words = {
        Verdict.BREACHED: f"even the upper bound {upper} is below {target}",
        Verdict.INSUFFICIENT_DATA: f"the coverage {percent(figures.coverage, 5)} % is below the "
        f"{_short(case.min_coverage * 100)} % that a verdict needs",
        Verdict.MET: f"even the lower bound {lower} is not below {target}",
        Verdict.INDETERMINATE: f"{target} lies between the bounds {lower} and {upper}: a joint review decides",
    }
    return f"Verdict   {account.verdict.value}: {words[account.verdict]}; compared exactly, not as displayed"


def _short(value: object) -> str:
    text = str(value)
    numerator, _, denominator = text.partition("/")
    if not denominator:
        return text
    # Targets and coverages are decimals, so this division ends.
    digits = f"{int(numerator) * 10**12 // int(denominator):013}"
    return (digits[:-12] + "." + digits[-12:]).rstrip("0")
