"""Open cases of low utilisation as `operator sla status` prints them."""

from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from dure.runs.promise.low_use import CaseStatus
    from dure.text.writing import Language


def case_line(one: "CaseStatus", language: "Language") -> str:
    """The case, what its records say, and what comes next."""
    from dure.text.report_usage import case_words

    case, evidence = one.case, one.evidence
    due = "" if case.cause else one.cause_by.isoformat()
    told = case_words(case.opened, case.opening, case.cause, due, language)
    if language == "ko":
        seen = f"장애 {evidence.incidents}건, 문의 {evidence.tickets}건"
        seen += f", 쓰지 않는 라이선스 {evidence.spare_licences}개" if evidence.spare_licences else ""
        late = " [기한이 지났습니다]" if one.is_late else ""
        after = f"; {one.measure} 집계로 다시 봅니다" if one.measure else ""
        return f"  활용 {one.service}: {told}{late} ({seen}){after}"
    seen = f"{evidence.incidents} incidents, {evidence.tickets} tickets"
    seen += f", {evidence.spare_licences} spare licences" if evidence.spare_licences else ""
    late = " [overdue]" if one.is_late else ""
    after = f"; measured again with {one.measure}" if one.measure else ""
    return f"  use of {one.service}: {told}{late} ({seen}){after}"


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
