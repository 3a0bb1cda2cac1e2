"""What engineers' commands of service levels say, Korean and English side by side; {names} are filled in.

Every command speaks English unless `--language ko` is given. Errors are English: they are searched for.
"""

from dure.sla.utilisation import Opening
from dure.text.report_usage import OPENINGS
from dure.text.writing import LANGUAGES, Language, filled

MONTHS: dict[str, tuple[str, str]] = {
    "closed": (
        "{month}: 서비스 {frozen}개를 마감했습니다. 이미 마감한 것은 {already}개, 거절된 고객은 {refused}곳입니다",
        "{month}: {frozen:service} closed, {already:was/were} closed already, {refused:customer} refused",
    ),
    "would-be-closed": (
        "{month}: 서비스 {frozen}개를 마감하게 됩니다. 이미 마감한 것은 {already}개, 거절되는 고객은 {refused}곳입니다",
        "{month}: {frozen:service} would be closed, {already:was/were} closed already, {refused:customer} refused",
    ),
    "refused": ("거절: {why}", "refused: {why}"),
    "differs": (
        "{name}: {what}의 마감한 값은 {frozen}, 다시 계산한 값은 {computed}입니다{wait}",
        "{name}: {what} is frozen as {frozen}, computed as {computed}{wait}",
    ),
    "waits": ("; 정정 대장에 {count}건이 기다립니다", "; {count:correction waits/corrections wait} in the ledger"),
    "verified": (
        "{month}: 서비스 {services}개가 모두 마감한 그대로입니다",
        "{month}: {services:service}, all as closed",
    ),
    "undigested": (
        "{month}: 그중 서비스 {count}개는 요약값을 남기기 전에 마감했습니다. 다시 계산했지만, "
        "구간에서 나오지 않는 값은 비교할 수 없습니다",
        "{month}: {count:service} of it closed before digests were kept: computed again, but what does not follow from "
        "spans cannot be compared",
    ),
    "altered": ("데이터베이스에서 바뀌어 있어 다시 고정합니다", "altered in the database, frozen anew"),
    "added": (
        "마감한 뒤에 계약에 더해진 서비스를 이 달에 넣습니다, 판정 {verdict}",
        "added to the contract after the close, comes into the month, verdict {verdict}",
    ),
    "not-closed": (
        "{month}: 아직 마감하지 않은 고객은 {customers}입니다; 다음: operator sla close {month}",
        "{month} is not closed: {customers}; next: operator sla close {month}",
    ),
    "same-seconds": ("초는 같고 위치만 다릅니다", "the same seconds in other places"),
    "seconds": ("{name} {count:+,}초", "{name} {count:+,} s"),
    "verdict": ("판정 {before} -> {after}", "verdict {before} -> {after}"),
    "target": ("목표 {before}% -> {after}%", "target {before} % -> {after} %"),
    "fee": ("요금 {before:,}원 -> {after:,}원", "fee {before:,} -> {after:,} KRW"),
    "terms": ("계약 조건이나 합의한 내용이 달라졌습니다", "the contract's terms or what was agreed changed"),
    "records": ("근거 기록이 달라졌습니다", "its records changed"),
    "credit": ("환급 {before:,}원 -> {after:,}원", "credit {before:,} -> {after:,} KRW"),
    "indicator": (
        "지표 {name}: {before} -> {after}, {judged} -> {judged_now}",
        "indicator {name}: {before} -> {after}, {judged} -> {judged_now}",
    ),
    "none": ("없음", "none"),
    "restated": (
        "{customer} {month}: 이제 {revision}판입니다. 승인한 사람: {signers}",
        "{customer} {month} has revision {revision}, approved by {signers}",
    ),
    "restatement-proposed": (
        "{signers}의 서명으로 {revision}판을 제안했습니다. 다른 엔지니어가 다음 명령으로 적용합니다: "
        "operator sla restate {month} {customer}",
        "revision {revision} is proposed and signed by {signers}; to apply it, another engineer runs: "
        "operator sla restate {month} {customer}",
    ),
    "would-be-waived": (
        "{month} {service} 환급 {amount:,}원을 면제하게 됩니다. 서명: {signers}",
        "the credit of {amount:,} KRW for {service} in {month} would be waived, signed by {signers}",
    ),
    "waived": (
        "{month} {service} 환급 {amount:,}원을 {revision}판에서 면제했습니다. 서명: {signers}",
        "the credit of {amount:,} KRW for {service} in {month} is waived in revision {revision}, signed by {signers}",
    ),
    "waiver-proposed": (
        "{month} {service} 환급 {amount:,}원의 면제를 {signers}의 서명으로 제안했습니다. 다른 엔지니어가 다음 명령으로 "
        "적용합니다: operator sla waive {month} {customer} {service}",
        "to waive the credit of {amount:,} KRW for {service} in {month} is proposed and signed by {signers}; to apply "
        "it, another engineer runs: operator sla waive {month} {customer} {service}",
    ),
}

RUNNING: dict[str, tuple[str, str]] = {
    "no-contract": (
        "이번 달에 계약이 있는 서비스가 없습니다. 다음: 고객 파일에 `contract:`를 적어 주십시오",
        "no service with a contract this month; next: add `contract:` to a customer's file",
    ),
    "made-up": ("[지어낸 자료입니다]", "[made-up data]"),
    "outage": (
        "  {service}: {start}부터 {end}까지, {down:,}초 멈춤, {counted:,}초 계산 ({checks}){cause}",
        "  {service}: {start} to {end}, {down:,} s down, {counted:,} s counted ({checks}){cause}",
    ),
    "outage-cause": ("; 원인: {cause}", "; cause: {cause}"),
    "left": ("{count}초 ({share} %)", "{count} s ({share} %)"),
    "ends": ("{total}초 중 {count}초", "{count} s of {total} s"),
    "no-customer": (
        "계약이 있는 고객이 없습니다. 다음: 고객 파일에 `contract:`를 적어 주십시오",
        "no customer with a contract; next: add `contract:` to a customer's file",
    ),
    "review-head": (
        "마감한 달 {months}개로 살펴보았습니다. 바꿀 것 {count}개, {effective}부터{missing}",
        "{months:closed month} looked at, {count:change} proposed from {effective} on{missing}",
    ),
    "review-missing": (". 아직 마감하지 않은 달: {months}", "; not closed yet: {months}"),
    "review-written": (
        "{file}; 다음: 엔지니어 두 사람이 operator sla review approve {name}",
        "{file}; next: two engineers run operator sla review approve {name}",
    ),
    "review-signed": ("{name}에 서명한 사람: {signers}", "{name} is signed by {signers}"),
    "review-counts": ("{month}부터 적용됩니다", "it counts from {month} on"),
    "use": (
        "  활용 {service}: {told}{late} (장애 {incidents}건, 문의 {tickets}건{spare}){after}",
        "  use of {service}: {told}{late} ({incidents:incident}, {tickets:ticket}{spare}){after}",
    ),
    "use-spare": (", 쓰지 않는 라이선스 {count}개", ", {count:spare licence}"),
    "use-late": (" [기한이 지났습니다]", " [overdue]"),
    "use-after": ("; {month} 집계로 다시 봅니다", "; measured again with {month}"),
}

AGREED: dict[str, tuple[str, str]] = {
    "window-written": (
        "windows/{customer}/{name}.yaml; 다음: operator window approve {customer} {name}",
        "windows/{customer}/{name}.yaml; next: operator window approve {customer} {name}",
    ),
    "window-would-be-written": (
        "windows/{customer}/{name}.yaml 파일을 쓰게 됩니다",
        "windows/{customer}/{name}.yaml would be written",
    ),
    "signed": ("{name}에 서명한 사람: {signers}", "{name} is signed by {signers}"),
    "would-be-signed": ("{name}에 서명하게 되는 사람: {signers}", "{name} would be signed by {signers}"),
    "another-signs": (
        "다른 엔지니어도 서명해야 적용됩니다",
        "it counts once another engineer has signed it too",
    ),
    "window-started": (
        "이미 시작한 작업입니다. 이 정정에는 두 번째 엔지니어의 서명이 필요합니다",
        "it had started already: a second engineer must sign this correction",
    ),
    "window-late": (
        "사후에 정정으로 승인했습니다. 마감한 달은 operator sla restate로만 바뀝니다",
        "approved late, as a correction; a closed month changes by operator sla restate alone",
    ),
    "cancelled": ("취소했습니다: {name}", "{name} is cancelled"),
    "would-be-cancelled": ("취소하게 됩니다: {name}", "{name} would be cancelled"),
    "doubt-not-announced": ("알리지 않아서 인정되지 않습니다", "will not count: the customer was not told"),
    "doubt-announced-too-late": (
        "시작 {notice} 전에 알려서 인정되지 않습니다. 계약은 {needed} 전에 알리도록 정합니다",
        "will not count: told {notice} before its start, the contract wants {needed}",
    ),
    "doubt-cap": (
        "{planned} 가운데 {counted}만 인정됩니다. 한 달 한도는 {cap}입니다",
        "only {counted} of {planned} will count: the month's cap is {cap}",
    ),
    "no-windows": (
        "정기점검이 없습니다. 다음: operator window add CUSTOMER",
        "no windows; next: operator window add CUSTOMER",
    ),
    "no-exclusions": (
        "제외가 없습니다. 다음: operator exclude add CUSTOMER",
        "no exclusions; next: operator exclude add CUSTOMER",
    ),
    "all-services": ("모든 서비스", "all services"),
    "nobody-down": (
        "그때 멈춘 고객이 없어서 제안한 것이 없습니다",
        "nobody was down then; nothing is proposed",
    ),
    "exclusions-would-be-written": ("위의 파일을 쓰게 됩니다", "that would be written"),
    "exclusions-written": (
        "다음: 엔지니어 두 사람이 operator exclude approve CUSTOMER ID",
        "next: two engineers run operator exclude approve CUSTOMER ID",
    ),
}

TAKEN: dict[str, tuple[str, str]] = {
    "spans-new": (
        "점검 {checks:,}개의 {rows:,}행; 새 구간 {changed:,}개",
        "{rows:row} of {checks:check}; {changed:span is/spans are} new",
    ),
    "spans-would-be-new": (
        "점검 {checks:,}개의 {rows:,}행; 새로 생길 구간 {changed:,}개",
        "{rows:row} of {checks:check}; {changed:span} would be new",
    ),
    "dropped": ("계약 밖의 {rows:,}행은 뺐습니다", "{rows:row} outside the contract left out"),
    "conflicts": (
        "서로 다른 상태 {count:,}건: 더 나쁜 상태로 계산합니다",
        "{count:disagreement}: there the worse state holds",
    ),
    "corrections": (
        "마감한 달 {count}개와 관계가 있습니다. 마감한 값은 그대로 두고 차이는 정정 대장에 적었습니다. "
        "operator sla verify와 operator sla restate를 보십시오",
        "{count:closed month concerns/closed months concern} them: what is closed stays as it is, the correction "
        "ledger has the difference; see operator sla verify, and operator sla restate",
    ),
    "records-new": (
        "{kind} {rows:,}행: 새것 {new:,}개, 바뀐 것 {updated:,}개",
        "{rows:row} of {kind}: {new:is/are} new, {updated:is/are} changed",
    ),
    "records-would-be-new": (
        "{kind} {rows:,}행: 새로 생길 것 {new:,}개, 바뀔 것 {updated:,}개",
        "{rows:row} of {kind}: {new:,} would be new, {updated:,} would be changed",
    ),
    "kind-tickets": ("문의", "tickets"),
    "kind-survey": ("설문", "survey"),
    "kind-usage": ("활용", "usage"),
    "kind-endpoints": ("보호 기기", "endpoints"),
    "kind-benefit": ("효과 추정", "benefit"),
    "case-opened": (
        "{service}: 저활용 사례를 {month} 집계로 열었습니다: {why}",
        "{service}: case of low utilisation opened with {month}: {why}",
    ),
    "case-closed": (
        "{service}: 저활용 사례를 {month} 집계로 닫았습니다: 조치한 뒤 다시 집계했습니다",
        "{service}: case of low utilisation closed with {month}: {why}",
    ),
    "closed-months": (
        "마감한 달과 관계가 있지만 마감한 값은 그대로입니다: {months}{more}; operator sla verify를 보십시오",
        "closed months concern them and stay as they are: {months}{more}; see operator sla verify",
    ),
    "and-more": (" 외 {count}개", " and {count} more"),
    "no-samples": (
        "그때의 표본이 없습니다. 구간으로 가져온 자료일 수 있습니다",
        "no samples are kept of that time; spans may have been imported as such",
    ),
    "packed": (
        "{days}일의 표본 {samples:,}개를 묶었고, 묶은 {forgotten}일을 지웠습니다",
        "{samples:sample} of {days:day is/days are} packed, {forgotten:packed day} let go",
    ),
    "hosts-gone": (
        "오래된 보호 기기 목록 {rows:,}행을 지웠습니다",
        "{rows:row} of old lists of hosts let go",
    ),
    "hosts-would-go": (
        "오래된 보호 기기 목록 {rows:,}행을 지우게 됩니다",
        "{rows:row} of old lists of hosts would be let go",
    ),
    "would-be-packed": (
        "{days}일의 표본 {samples:,}개를 묶게 되고, 묶은 {forgotten}일을 지우게 됩니다",
        "{samples:sample} of {days:day} would be packed, {forgotten:packed day} let go",
    ),
}

SAYINGS = MONTHS | RUNNING | AGREED | TAKEN


def say(key: str, language: Language, **values: object) -> str:
    """The line in that language. Raises KeyError."""
    return filled(SAYINGS[key][LANGUAGES.index(language)], values)


def case_news(service: str, event: str, month: str, why: str, language: Language) -> str:
    """A case of low utilisation that opened or closed; `why` as the records tell it."""
    told = OPENINGS[Opening(why)][0] if event == "opened" and language == "ko" else why
    return say(f"case-{event}", language, service=service, month=month, why=told)
