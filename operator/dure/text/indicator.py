"""The thirty indicators in words: how each is computed, which records it rests on, and why one has no value."""

FORMULAS: dict[str, tuple[str, str]] = {
    "availability": ("모든 서비스의 (아는 초 − 장애 초) ÷ 아는 초", "(known − bad) ÷ known seconds over all services"),
    "link": ("회선의 (아는 초 − 장애 초) ÷ 아는 초, 24시간", "(known − bad) ÷ known seconds of lines, round the clock"),
    "business_hours": (
        "약속한 시간이 있는 서비스의 (아는 초 − 장애 초) ÷ 아는 초",
        "(known − bad) ÷ known seconds of services with agreed hours",
    ),
    "response": (
        "약속한 시간에 정상이던 표본 가운데 제한 시간 안에 답한 표본 ÷ 답한 시간을 아는 표본. 시간을 모르는 표본은 "
        "하한에서는 늦은 것으로, 상한에서는 제때 답한 것으로 셈",
        "UP samples in agreed time that answered within the limit ÷ those that tell their time; those that do not "
        "count as late in the lower bound and as in time in the upper one",
    ),
    "incidents": ("이 달에 시작된 1·2등급 장애의 수", "incidents of severity 1-2 that started in the month"),
    "repeats": (
        "90일 안에 같은 원인이 있었던 장애 ÷ 이 달에 시작되고 원인을 아는 장애",
        "incidents whose cause had caused another within 90 days ÷ those started with a known cause",
    ),
    "mttd": ("(감지 − 시작)의 평균", "mean of detection − start"),
    "restored": (
        "등급별 제한 시간 안에 복구한 장애 ÷ 장애",
        "incidents restored within the limit of their severity ÷ incidents",
    ),
    "backup": ("백업이 제때 있은 날 ÷ 아는 날", "days with a backup in time ÷ days that are known"),
    "restore_test": (
        "열두 달 동안 제한 시간과 자료 나이를 지킨 복원의 수",
        "restores of twelve months that kept RTO and RPO",
    ),
    "patch": ("14일 안에 중요 패치를 마친 대상 ÷ 대상", "hosts with critical patches within 14 days ÷ hosts due"),
    "endpoint": (
        "날마다의 목록에서 (보호되고 7일 안에 갱신된 기기) ÷ 기기, 그 달의 목록을 모두 더해서 계산",
        "hosts protected and fresh within 7 days ÷ hosts, summed over the daily lists of the month",
    ),
    "conformity": ("1 − 달라진 자원 ÷ 관리하는 자원", "1 − drifted ÷ managed resources"),
    "renewal": ("만료 14일 전에 갱신한 것 ÷ 갱신할 것", "renewed 14 days before the end ÷ due"),
    "coverage": ("아는 초 ÷ 약속한 초", "known ÷ agreed seconds"),
    "change": (
        "실패하지 않고 24시간 안에 장애도 없은 변경 ÷ 변경",
        "changes that neither failed nor were followed by an incident within 24 hours ÷ changes",
    ),
    "first_response": (
        "제한 시간 안의 첫 응답 ÷ 이 달에 접수한 문의 (업무 시간 기준)",
        "first answers within the limit ÷ tickets opened in the month, on the business clock",
    ),
    "request": (
        "기한 안에 마친 요청 ÷ 이 달에 접수한 요청 (업무 시간 기준)",
        "requests done in time ÷ requests opened in the month, on the business clock",
    ),
    "first_contact": (
        "넘기지도 다시 열지도 않은 문의 ÷ 이 달에 마친 문의",
        "neither escalated nor reopened within 7 days ÷ tickets closed in the month",
    ),
    "reopen": ("7일 안에 다시 열린 문의 ÷ 이 달에 마친 문의", "reopened within 7 days ÷ tickets closed in the month"),
    "maintenance": ("미리 알리고 마친 정기점검 ÷ 계획한 정기점검", "windows done with their notice kept ÷ planned"),
    "report": (
        "다섯째 영업일까지 드릴 수 있었던 지난달 보고서 ÷ 보고서",
        "reports on the month before ready by the fifth business day ÷ due",
    ),
    "advice": ("분기에 합의한 제안 가운데 이행한 것 ÷ 합의한 것", "advice carried out ÷ agreed in the quarter"),
    "governance": (
        "누가·무엇을·언제·어디서·왜와 승인, 기록이 모두 있는 실행 ÷ 실행",
        "runs with who, what, when, where, why, approval and log ÷ runs",
    ),
    "information": ("설문 다섯 문항의 평균", "mean of five questions"),
    "servqual": ("설문 다섯 문항의 평균", "mean of five questions"),
    "satisfaction": ("설문 점수의 평균", "mean of the marks"),
    "utilisation": (
        "쓴 사람 ÷ 쓸 수 있는 사람 (세 명 미만은 제외)",
        "acted ÷ entitled, services of fewer than 3 left out",
    ),
    "net_benefit": (
        "줄인 비용, 늘어난 생산성, 늘어난 매출, 피한 위험의 합계 − 서비스 비용. 적게 본 값과 많이 본 값도 같은 "
        "방법으로 계산",
        "costs saved + productivity + revenue + risk averted − what the services cost; the low and the high estimate "
        "likewise",
    ),
    "intention": ("설문 세 문항의 평균", "mean of three questions"),
}
SOURCES: dict[str, tuple[str, str]] = {
    "spans": ("서비스의 측정 구간", "the services' spans"),
    "samples": ("보관한 측정 표본의 응답 시간", "answer times of kept samples"),
    "link-spans": ("회선 점검의 측정 구간", "the line checks' spans"),
    "backup-spans": ("백업 점검의 측정 구간", "the backup checks' spans"),
    "incidents": ("측정에서 나온 장애와 그 문의", "incidents found in the spans, with their tickets"),
    "tickets": ("가져온 문의 기록", "imported tickets"),
    "windows": ("정기점검 합의", "agreed windows"),
    "freeze-log": ("마감 기록", "the log of closed months"),
    "runs": ("실행 기록", "runs of the store"),
    "audit": ("실행 기록과 감사 기록", "runs and links of the audit log"),
    "restores": ("복원 기록과 인수 시험", "restores and acceptance proofs"),
    "drift": ("구성 점검 기록", "looks for drift"),
    "notes": ("담당자가 적은 보고서 메모", "what engineers noted for the report"),
    "survey": ("가져온 설문 답변", "imported answers to a survey"),
    "usage": ("가져온 활용 집계", "imported counts of use"),
    "endpoints": ("가져온 보호 기기 목록", "imported daily lists of hosts"),
    "benefit": ("가져온 효과 추정", "imported estimates of the benefit"),
}
WHY: dict[str, tuple[str, str]] = {
    "nothing": ("이 달에 대상이 없었습니다", "there was nothing to judge in the month"),
    "mttd-nothing": (
        "장애가 없었거나, 장애를 알아차린 시각의 기록이 없습니다",
        "there was no incident, or none has on record when it was noticed",
    ),
    "too-few": ("판단하기에 자료가 적습니다", "there is too little to judge by"),
    "no-cause": ("원인이 기록된 장애가 없습니다", "no incident of the month has its cause on record"),
    "no-hours": ("업무 시간을 약속한 서비스가 없습니다", "no service has agreed hours"),
    "no-link-check": ("회선을 보는 점검이 계약에 없습니다", "no check of the contract looks at a line"),
    "no-link-data": ("회선 점검의 기록이 없습니다", "the line checks have no data in the month"),
    "no-backup-check": ("백업을 보는 점검이 없습니다", "no check looks at a backup"),
    "no-backup-data": ("백업 점검의 기록이 없습니다", "the backup checks have no data in the month"),
    "nothing-measured": ("측정한 시간이 없습니다", "no second of the month was measured"),
    "no-tickets": ("가져온 문의 기록이 없습니다", "no ticket was imported"),
    "no-advice": ("이 분기에 합의한 제안이 없습니다", "no advice was agreed in the quarter"),
    "not-quarter-end": ("분기 마지막 달에 판단합니다", "it is judged in a quarter's last month"),
    "no-month-closed": ("이전에 마감한 달이 없습니다", "no month had been closed before"),
    "no-report-due": ("드릴 보고서가 없는 달입니다", "no report was due yet"),
    "no-runs": ("이 달에 실행한 작업이 없습니다", "no run worked on the customer's sites"),
    "no-changes": ("이 달에 바꾼 것이 없습니다", "no run changed anything"),
    "no-restore-yet": (
        "열두 달이 차지 않았고 복원한 기록이 없습니다",
        "the contract is younger than twelve months, and nothing was restored yet",
    ),
    "no-site": ("관리하는 장비가 없습니다", "the customer has no site"),
    "no-drift-look": ("이 달에 구성을 점검한 기록이 없습니다", "nobody looked for drift"),
    "no-survey": ("열두 달 안의 설문이 없습니다", "no survey of twelve months was imported"),
    "no-usage": ("이 달의 활용 집계가 없습니다", "no count of the month was imported"),
    "notes-invalid": ("보고서 메모를 읽을 수 없었습니다", "what engineers noted could not be read"),
    "no-patch-record": ("패치 기록이 없습니다", "no patch of the month is on record"),
    "no-expiry-record": ("만료일 점검 기록이 없습니다", "no check of expiry dates is on record"),
    "no-answer-times": ("응답 시간을 저장하지 않습니다", "answer times of samples are not kept"),
    "no-response-limit": ("응답 시간을 약속한 점검이 없습니다", "no check of the contract promises an answer time"),
    "no-samples": ("보관한 측정 표본이 없습니다", "no sample of the month is kept"),
    "no-latency": ("측정 표본에 응답 시간이 없습니다", "the samples of the month tell no answer times"),
    "no-endpoint-list": ("이 달의 보호 기기 목록이 없습니다", "no list of hosts of the month was imported"),
    "endpoint-too-few": (
        "보호 기기 목록이 있는 날이 적습니다",
        "too few days of the month have a list of hosts",
    ),
    "no-benefit": ("이 달의 효과를 추정한 기록이 없습니다", "no estimate of the month was imported"),
    "net_benefit-too-few": (
        "네 축과 비용 가운데 아직 추정하지 않은 것이 있습니다",
        "not all four axes and the cost are told",
    ),
    "no-endpoint-agent": ("단말 보호 기록을 받지 않습니다", "no endpoint protection reported to Dure"),
    "no-benefit-model": ("효과를 추정하지 않았습니다", "there was no estimate of the benefits"),
}


NEXT: dict[str, str] = {
    "no-tickets": "operator import tickets",
    "no-drift-look": "operator stacks drift",
    "no-survey": "operator import survey",
    "no-usage": "operator import usage",
    "no-endpoint-list": "operator import endpoints",
    "no-benefit": "operator import benefit",
    "no-link-check": "looks_at: link",
    "no-response-limit": "response_ms",
    "notes-invalid": "operator validate",
}
"""What engineers do about it: a command, or a key of the contract. No word of it is for the customer's report."""


def said(table: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """The words of a code; the code itself where an older version wrote one that is not known here."""
    found = table.get(code)
    return code if found is None else found[language == "en"]


def why_words(key: str, code: str, language: str) -> str:
    """Why an indicator has no value; some have words of their own for a code."""
    own = f"{key}-{code}"
    return said(WHY, own if own in WHY else code, language)
