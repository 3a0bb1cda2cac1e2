"""All thirty indicators of a customer's month: each with what it rests on, or why there is nothing."""

from sqlalchemy.orm import Session

from dure.runs.context import Context
from dure.runs.promise.indicators.answer_basis import AnswerBasis
from dure.runs.promise.indicators.basis import Basis, Found
from dure.runs.promise.indicators.benefit_basis import BenefitBasis
from dure.runs.promise.indicators.desk_basis import (
    AdviceBasis,
    FirstContactBasis,
    MaintenanceBasis,
    ReopenBasis,
    ReportBasis,
    RequestBasis,
    ResponseBasis,
)
from dure.runs.promise.indicators.endpoint_basis import EndpointBasis
from dure.runs.promise.indicators.facts import MonthFacts
from dure.runs.promise.indicators.from_consoles import from_consoles
from dure.runs.promise.indicators.from_desk import from_desk
from dure.runs.promise.indicators.from_notes import PatchBasis, RenewalBasis, from_notes
from dure.runs.promise.indicators.from_people import from_people
from dure.runs.promise.indicators.from_samples import from_samples
from dure.runs.promise.indicators.from_spans import from_spans
from dure.runs.promise.indicators.from_work import from_work
from dure.runs.promise.indicators.people_basis import SurveyBasis, UsageBasis
from dure.runs.promise.indicators.run_basis import ChangeBasis, DriftBasis, GovernanceBasis, RestoreBasis
from dure.runs.promise.indicators.span_basis import (
    BackupBasis,
    CoverageBasis,
    DetectionBasis,
    IncidentBasis,
    LinkBasis,
    RepeatBasis,
    RestoredBasis,
    SpanBasis,
)
from dure.sla.indicators.catalogue import CATALOGUE
from dure.sla.indicators.incident import REPEAT_WITHIN
from dure.store.promise.records import read_tickets

KINDS: dict[str, type[Basis]] = {
    "availability": SpanBasis,
    "link": LinkBasis,
    "business_hours": SpanBasis,
    "response": AnswerBasis,
    "incidents": IncidentBasis,
    "repeats": RepeatBasis,
    "mttd": DetectionBasis,
    "restored": RestoredBasis,
    "backup": BackupBasis,
    "restore_test": RestoreBasis,
    "patch": PatchBasis,
    "endpoint": EndpointBasis,
    "conformity": DriftBasis,
    "renewal": RenewalBasis,
    "coverage": CoverageBasis,
    "change": ChangeBasis,
    "first_response": ResponseBasis,
    "request": RequestBasis,
    "first_contact": FirstContactBasis,
    "reopen": ReopenBasis,
    "maintenance": MaintenanceBasis,
    "report": ReportBasis,
    "advice": AdviceBasis,
    "governance": GovernanceBasis,
    "information": SurveyBasis,
    "servqual": SurveyBasis,
    "satisfaction": SurveyBasis,
    "utilisation": UsageBasis,
    "net_benefit": BenefitBasis,
    "intention": SurveyBasis,
}


def gather(session: Session, context: Context, facts: MonthFacts) -> dict[str, Found]:
    """Key -> basis or reason, of all thirty in their order."""
    tickets = read_tickets(session, facts.customer, (facts.period[0] - REPEAT_WITHIN, facts.as_of))
    found = {
        **from_spans(facts, tickets),
        **from_desk(session, facts, tickets),
        **from_work(session, facts),
        **from_people(session, facts),
        **from_consoles(session, facts),
        **from_samples(session, context.store, facts),
        **from_notes(context.workspace, facts),
    }
    return {one.key: found[one.key] for one in CATALOGUE}


def read_basis(key: str, text: str) -> Basis:
    """The basis that was frozen. Raises ValueError when it is none of that indicator."""
    return KINDS[key].model_validate_json(text)
