"""What the report says of protected hosts and of what the services bring, Korean and English."""

IMPORTED: dict[str, tuple[str, str]] = {
    "hosts-heading": ("PC와 서버 보호", "Protection of PCs and servers"),
    "hosts": (
        "{day} 기준으로 기기 {whole:,}대 가운데 {part:,}대가 보호되고 있으며 7일 안에 갱신되었습니다 ({share}%).",
        "On {day}, {part:,} of {whole:machine} {part:=was/were} protected and renewed within 7 days ({share}%).",
    ),
    "hosts-unprotected": (
        "보호되지 않는 기기가 {count:,}대 있습니다.",
        "{count:machine is/machines are} not protected.",
    ),
    "hosts-stale": (
        "7일 넘게 갱신되지 않은 기기가 {count:,}대 있습니다.",
        "{count:machine has/machines have} not been renewed for more than 7 days.",
    ),
    "range-of": ("{low} ~ {high}원", "{low} to {high} KRW"),
    "benefit-heading": ("서비스의 효과", "What the services bring"),
    "benefit-sum": (
        "이번 달에 서비스 비용을 빼고도 {likely}의 효과가 있었던 것으로 추정합니다. 적게 보면 {low}, 많이 보면 "
        "{high}입니다.",
        "We estimate that the services brought {likely} more than they cost this month: {low} by the low estimate, "
        "{high} by the high one.",
    ),
    "benefit-loss": (
        "이번 달의 효과는 서비스 비용보다 적은 것으로 추정합니다. 비용을 뺀 값은 {likely}이고, 적게 보면 {low}, 많이 "
        "보면 {high}입니다.",
        "We estimate that the services brought less than they cost this month: {likely} net, {low} by the low "
        "estimate, {high} by the high one.",
    ),
    "benefit-open": (
        "이번 달의 효과에서 서비스 비용을 뺀 값은 {likely}으로 추정합니다. 적게 보면 {low}, 많이 보면 {high}이어서 "
        "효과가 비용보다 크다고 단정할 수는 없습니다.",
        "We estimate {likely} net of cost this month: {low} by the low estimate, {high} by the high one, so that "
        "nobody can say for sure that the services brought more than they cost.",
    ),
    "benefit-axis": ("구분", "Axis"),
    "benefit-likely": ("추정 금액", "Estimate"),
    "benefit-range": ("적게 ~ 많게", "Low to high"),
    "benefit-between": ("{low} ~ {high}", "{low} to {high}"),
    "benefit-no-range": ("범위 없음", "no range"),
    "benefit-basis": ("추정한 근거", "How we come to it"),
    "benefit-spent": ("서비스 비용", "Cost of the services"),
    "benefit-net": ("비용을 뺀 효과", "Net benefit"),
    "benefit-how": ("네 효과의 합계에서 비용을 뺐습니다.", "The four together, less the cost."),
    "benefit-note": (
        "추정한 금액이며 청구 금액과는 관계가 없습니다. 모두 부가가치세를 뺀 금액입니다.",
        "These are estimates and have nothing to do with the bill. All amounts are without VAT.",
    ),
    "axis-cost": ("줄인 비용", "Costs saved"),
    "axis-productivity": ("늘어난 생산성", "Productivity"),
    "axis-revenue": ("늘어난 매출", "Revenue"),
    "axis-risk": ("피한 위험", "Risk averted"),
}
