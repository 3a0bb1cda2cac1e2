"""Open cases of low utilisation as `operator sla status` prints them."""

from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from dure.runs.promise.low_use import CaseStatus
    from dure.text.writing import Language


def case_line(one: "CaseStatus", language: "Language") -> str:
    """The case, what its records say, and what comes next."""
    from dure.text.commands import say
    from dure.text.report_usage import case_words

    case, evidence = one.case, one.evidence
    due = "" if case.cause else one.cause_by.isoformat()
    told = case_words(case.opened, case.opening, case.cause, due, language)
    return say(
        "use",
        language,
        service=one.service,
        told=told,
        late=say("use-late", language) if one.is_late else "",
        incidents=evidence.incidents,
        tickets=evidence.tickets,
        spare=say("use-spare", language, count=evidence.spare_licences) if evidence.spare_licences else "",
        after=say("use-after", language, month=one.measure) if one.measure else "",
    )


def case_json(one: "CaseStatus") -> dict[str, JsonValue]:
    case = one.case
    return {
        "customer": one.customer,
        "service": one.service,
        "opened": case.opened,
        "opening": case.opening.name.lower(),
        "cause": case.cause.name.lower() if case.cause else None,
        "cause_by": one.cause_by.isoformat(),
        "late": one.is_late,
        "action": case.action.isoformat() if case.action else None,
        "measured_again": one.measure,
        "incidents": one.evidence.incidents,
        "tickets": one.evidence.tickets,
        "spare_licences": one.evidence.spare_licences,
    }
