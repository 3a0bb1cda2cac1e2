"""The sentences of the MSP's own fleet report."""

FLEET: dict[str, tuple[str, str]] = {
    "fleet-title": ("{msp} {month} 전체 서비스 현황", "{msp}: all services in {month}"),
    "fleet-verdict": (
        "고객사 {customers:,}곳의 서비스 {services:,}개 가운데 판정한 {judged:,}개 중 {met:,}개가 약속한 수준을 "
        "지켰습니다.",
        "Of {services:service} of {customers:customer}, {judged:was/were} judged and {met:,} kept the promise.",
    ),
    "fleet-undecided": (
        "{count:,}개는 측정 자료가 모자라거나 함께 검토해야 해서 아직 판정하지 못했습니다.",
        "{count:is/are} not decided yet: too little data, or a review is due.",
    ),
    "fleet-met-share": ("약속을 지킨 비율", "Share that kept the promise"),
    "fleet-down": ("장애로 센 시간의 합", "Counted downtime in all"),
    "fleet-services": ("서비스", "Services"),
    "fleet-customers": ("고객사", "Customers"),
    "fleet-credits": ("환급 합계", "Credits in all"),
    "fleet-worst": ("가용률이 가장 낮은 10개", "The ten worst"),
    "fleet-burners": ("허용된 장애 시간을 가장 많이 쓴 10개", "The ten that spent most of their downtime budget"),
    "fleet-spent": ("사용한 비율", "Budget spent"),
    "fleet-breached": ("약속을 지키지 못한 서비스", "Services that missed their promise"),
    "fleet-waiting": ("자료 부족이거나 검토할 서비스", "Too little data, or to be reviewed"),
    "fleet-credit-list": ("환급할 고객사", "Credits due"),
    "fleet-none": ("해당하는 서비스가 없습니다.", "There is none."),
    "fleet-no-credits": ("환급할 고객사가 없습니다.", "No credit is due."),
    "customer": ("고객사", "Customer"),
    "fleet-command": ("계산 과정을 보는 명령", "Command that derives it"),
}
