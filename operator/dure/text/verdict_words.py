"""One line that says why a verdict is what it is."""

from dure.sla.case import Account, Case
from dure.sla.ratio import percent
from dure.text.derivation_words import say
from dure.text.writing import Language


def verdict_words(case: Case, account: Account, language: Language = "en") -> str:
    """The verdict with the comparison of exact fractions that decided it."""
    figures = account.figures
    if figures.lower is None or figures.upper is None or figures.coverage is None:
        return say(language, "verdict-na")
    why = say(
        language,
        f"why-{account.verdict.value}",
        target=f"{_short(case.target * 100)} %",
        lower=f"{percent(figures.lower, 5)} %",
        upper=f"{percent(figures.upper, 5)} %",
        coverage=f"{percent(figures.coverage, 5)} %",
        least=f"{_short(case.min_coverage * 100)} %",
    )
    return say(language, "verdict", verdict=say(language, f"verdict-{account.verdict.value}"), why=why)


def _short(value: object) -> str:
    text = str(value)
    numerator, _, denominator = text.partition("/")
    if not denominator:
        return text
    # Targets and coverages are decimals, so this division ends.
    digits = f"{int(numerator) * 10**12 // int(denominator):013}"
    return (digits[:-12] + "." + digits[-12:]).rstrip("0")
