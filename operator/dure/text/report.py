"""Every sentence of the customer's report, Korean and English side by side; {names} are filled in."""

from dure.text.fleet import FLEET
from dure.text.report_detail import DETAIL
from dure.text.writing import LANGUAGES, Language, filled

FRONT: dict[str, tuple[str, str]] = {
    "title": ("{customer} {month} 서비스 보고서", "{customer}: service report for {month}"),
    "made-up": (
        "예시로 지어낸 자료입니다. 실제 회사, 사람, 기록이 아닙니다.",
        "Example data, made up: no real company, person or record.",
    ),
    "prepared": ("{msp}에서 드리는 월간 보고서", "Monthly report by {msp}"),
    "superseded": (
        "{number}판입니다. 그 뒤에 {newest}판으로 정정했습니다.",
        "This is revision {number}. Revision {newest} has corrected it since.",
    ),
    "revision": ("{number}판: 정정한 보고서입니다", "Revision {number}: a corrected report"),
    "skip": ("본문으로 건너뛰기", "Skip to the report"),
    # The sentence of verdict.
    "verdict-quiet": (
        "{month}에는 약속한 시간에 한 번도 멈추지 않았고, 서비스 {judged}개가 모두 약속한 수준을 지켰습니다.",
        "In {month} nothing stopped during agreed hours, and all {judged} services kept their promise.",
    ),
    "verdict-quiet-one": (
        "{month}에는 약속한 시간에 한 번도 멈추지 않았고, 서비스가 약속한 수준을 지켰습니다.",
        "In {month} nothing stopped during agreed hours, and the service kept its promise.",
    ),
    "verdict-met": (
        "{month}에는 약속한 시간 가운데 {lost} 동안 멈춘 서비스가 있었지만, 서비스 {judged}개가 모두 약속한 수준을 "
        "지켰습니다.",
        "In {month} something was down for {lost} of the agreed hours, and all {judged} services still kept their "
        "promise.",
    ),
    "verdict-met-one": (
        "{month}에는 약속한 시간 가운데 {lost} 동안 멈췄지만, 서비스가 약속한 수준을 지켰습니다.",
        "In {month} the service was down for {lost} of the agreed hours, and still kept its promise.",
    ),
    "verdict-breached-credit": (
        "{month}에는 {names} 약속한 수준에 미치지 못했습니다. 죄송합니다. 요금에서 {credit}을 돌려 드립니다.",
        "In {month} {names} missed the promise. We are sorry, and we credit {credit}.",
    ),
    "verdict-breached": (
        "{month}에는 {names} 약속한 수준에 미치지 못했습니다. 죄송합니다.",
        "In {month} {names} missed the promise. We are sorry.",
    ),
    "verdict-undecided": (
        "{month}에는 측정하지 못한 시간이 있어서, {names} 약속을 지켰는지 함께 확인해 주셔야 합니다.",
        "In {month} some time was not measured, so we have to look together at whether {names} kept the promise.",
    ),
    "verdict-nothing": (
        "{month}에는 판정할 수 있는 서비스 시간이 없었습니다.",
        "In {month} there was no agreed service time to judge.",
    ),
    # Figures beside last month.
    "figures-heading": ("한눈에 보기", "At a glance"),
    "figure": ("항목", "Figure"),
    "this-month": ("이번 달", "This month"),
    "last-month": ("지난달", "Last month"),
    "lost": ("직원들이 일하지 못한 시간", "Time in which staff could not work"),
    "lost-note": (
        "약속한 시간 안에서 서비스가 멈춘 시간입니다. 여러 서비스가 함께 멈추면 가장 긴 것만 셉니다.",
        "Downtime within agreed hours. Where several services were down together, the longest counts.",
    ),
    "lost-nights": (
        "밤과 휴일에도 쓰기로 약속한 서비스는 그때 멈춘 시간도 셉니다: {names}.",
        "Services promised by night and on holidays count then too: {names}.",
    ),
    "availability": ("가용률 (모든 서비스)", "Availability (all services)"),
    "incidents": ("멈춘 횟수", "Interruptions"),
    "met-share": ("약속을 지킨 서비스", "Services that kept their promise"),
    "met-count": ("{judged}개 중 {met}개", "{met} of {judged}"),
    "times": ("{count}번", "{count}"),
    "no-before": ("마감한 기록이 없습니다", "no closed record"),
    "measured": ("측정 {share}%", "measured {share}%"),
    "not-known": ("알 수 없음", "not known"),
    # Proof.
    "proof-heading": ("백업을 되살려 확인했습니다", "The backup, proved by restoring a file"),
    "proof-heading-none": ("백업 복원 확인", "Proof of the backup"),
    "proof-same": (
        "{at}에 {site}의 ‘{file}’ ({size}) 파일을 {saved} 백업에서 {seconds} 만에 되살렸고, 원본과 똑같았습니다.",
        "On {at} we brought ‘{file}’ ({size}) of {site} back from the backup of {saved}. "
        "It took {seconds}, and the file was identical.",
    ),
    "proof-different": (
        "{at}에 {site}의 ‘{file}’ 파일을 {saved} 백업에서 되살려 보았지만 원본과 달랐습니다. 원인을 확인하고 있습니다.",
        "On {at} we restored ‘{file}’ of {site} from the backup of {saved}, and it differed from the original. "
        "We are finding out why.",
    ),
    "proof-none": (
        "이번 달에는 되살려 본 파일의 기록이 없습니다.",
        "There is no record of a restored file this month.",
    ),
    # What happened and what we prevented.
    "happened-heading": ("있었던 일", "What happened"),
    "happened-none": (
        "약속한 시간에 멈춘 서비스가 없었습니다.",
        "No service was down during agreed hours.",
    ),
    "happened-unknown": (
        "측정하지 못한 시간이 많아서, 멈춘 서비스가 있었는지 알 수 없습니다.",
        "Too little was measured to know whether a service was down.",
    ),
    "happened-one": ("{at}부터 {counted} 동안 {service} 멈췄습니다", "{at}: {service} down for {counted}"),
    "happened-part": (
        "{at}부터 {lasted} 동안 {service} 멈췄고, 그 가운데 약속한 시간은 {counted}입니다",
        "{at}: {service} down for {lasted}, of which {counted} in agreed time",
    ),
    "happened-carried": (
        "지난달부터 이어져 {counted} 동안 {service} 멈췄습니다",
        "{service} down for {counted}, begun last month",
    ),
    "happened-more": (
        "이 밖에 짧은 멈춤이 {count}번 더 있었습니다. 뒤의 서비스별 기록에 모두 있습니다.",
        "There {count:=was/were} {count} more, shorter {count:=one/ones}; all are listed by service below.",
    ),
    "happened-excluded": (
        "{at}부터 {lasted} 동안 {service} 멈췄습니다 (계산에서 제외: {reason})",
        "{at}: {service} down for {lasted} (not counted: {reason})",
    ),
    "excluded-more": ("그 밖에 제외된 멈춤 {lasted}", "Other downtime that was excluded: {lasted}"),
    "cause": ("원인: {cause}", "Cause: {cause}"),
    "cause-root": ("원인: {root} 쪽 장애", "Cause: a failure at {root}"),
    "cause-none": ("원인이 기록되지 않았습니다.", "No cause is on record."),
    "prevented-heading": ("막아 낸 일", "What we prevented"),
    "prevented-none": ("이번 달에 기록한 일이 없습니다.", "Nothing was recorded this month."),
    # Decisions.
    "decisions-heading": ("결정해 주실 일", "What you need to decide"),
    "decisions-none": ("이번 달에는 결정해 주실 일이 없습니다.", "There is nothing to decide this month."),
    "decisions-how": (
        "예 또는 아니요에 표시해서 {contact}에게 알려 주십시오.",
        "Please mark yes or no and tell {contact}.",
    ),
    "decisions-how-company": (
        "예 또는 아니요에 표시해서 {contact}에 알려 주십시오.",
        "Please mark yes or no and tell {contact}.",
    ),
    "decision": ("제안", "Proposal"),
    "price": ("금액 (부가세 포함)", "Price (VAT included)"),
    "price-free": ("추가 비용 없음", "no charge"),
    "price-monthly": ("월 {price}", "{price} a month"),
    "price-vat": ("공급가\u00a0{supply} + 부가세\u00a0{vat}", "{supply} + VAT {vat}"),
    "due": ("답변 기한", "Answer by"),
    "answer": ("답변", "Answer"),
    "yes": ("예", "Yes"),
    "no": ("아니요", "No"),
    # Expiries.
    "expiries-heading": ("90일 안에 만료되는 것", "What expires within 90 days"),
    "expiries-none": ("90일 안에 만료되는 것이 없습니다.", "Nothing expires within 90 days."),
    "expiries-unknown": ("만료일 점검 기록이 없습니다.", "There is no record of a check of expiry dates."),
    "expiry": ("항목", "Item"),
    "expiry-day": ("만료일", "Last day"),
    "expiry-plan": ("조치", "Plan"),
    "expiry-plan-none": ("정해진 조치가 없습니다", "nothing planned yet"),
    "expiry-past": ("이미 지났습니다", "already past"),
    "days-left": ("{days}일 남음", "{days:day} left"),
    "kind-certificate": ("인증서", "certificate"),
    "kind-domain": ("도메인", "domain"),
    "kind-licence": ("라이선스", "licence"),
    "kind-contract": ("계약", "contract"),
    "kind-warranty": ("보증", "warranty"),
    # Money, visit, contact.
    "money-heading": ("요금", "Fee"),
    "fees": ("이번 달 요금", "This month's fee"),
    "credits": ("돌려 드리는 금액", "Credit"),
    "supply": ("공급가액", "Supply value"),
    "vat": ("부가가치세", "VAT"),
    "total": ("청구 금액", "To pay"),
    "visit-heading": ("다음 방문", "Next visit"),
    "visit": ("{at}, {purpose}", "{at}: {purpose}"),
    "visit-none": ("정해진 방문 일정이 없습니다.", "No visit is arranged."),
    "contact-heading": ("문의하실 곳", "Whom to ask"),
}

TEXTS = FRONT | DETAIL | FLEET


def text(key: str, language: Language, **values: object) -> str:
    """The sentence in that language, not yet escaped. Raises KeyError."""
    return filled(TEXTS[key][LANGUAGES.index(language)], values)
