"""Every sentence of a derivation, Korean and English side by side; {names} are filled in."""

from dure.text.writing import Language, filled

WORDS: dict[str, tuple[str, str]] = {
    "seconds": ("{count}초", "{count} s"),
    "span": ("{start} ~ {end}  {seconds:>11}", "{start} to {end}  {seconds:>11}"),
    "more": (
        "  … 이 밖에 {count}건이 더 있습니다. 모두 보려면 --json",
        "  … and {count} more; --json has them all",
    ),
    "period": ("기간      {span}  ({zone})", "Period    {span}  ({zone})"),
    "checks": ("점검", "Checks"),
    "blip": (
        "    순간 실패  {at}  다른 점검이 확인하지 않은 한 번의 실패이므로 정상으로 셉니다",
        "    blip     {at}  a bad sample that no other confirmed: counts as UP",
    ),
    "collector": (
        "  수집기 자체가 멈춰 있었으므로 그 동안의 침묵은 모름입니다:",
        "  the collector itself was dead, so that silence is UNKNOWN:",
    ),
    "outage-open": (
        "    장애     {start}부터, {confirmed}; 아직 끝나지 않았습니다",
        "    outage   from {start}, {confirmed}; still open",
    ),
    "outage": (
        "    장애     {start} ~ {end}; {confirmed}, {recovered}",
        "    outage   {start} to {end}; {confirmed}, {recovered}",
    ),
    "confirmed": ("{at} 표본으로 확정", "confirmed by the sample at {at}"),
    "recovered": ("끝은 {at} 표본으로 확정", "its end by the one at {at}"),
    "timeline": ("측정 구간이 주어졌습니다", "its timeline is given"),
    "rule": (
        "표본 {count}개, {interval}초마다 하나; 최근 {m}번 가운데 {n}번 실패하면 장애가 시작되고, "
        "{r}번 이어서 성공하면 끝납니다; {hold}보다 긴 침묵은 {silence}입니다",
        "{count} samples, one every {interval} s; {n} DOWN of {m} open "
        "an outage, {r} good ones close it; silence of more than {hold} is {silence}",
    ),
    "silence-pull": ("모름", "UNKNOWN"),
    "silence-push": ("수집기가 살아 있던 동안 장애", "DOWN while the collector lived"),
    "state-UP": ("정상", "UP"),
    "state-DEGRADED": ("저하", "DEGRADED"),
    "state-DOWN": ("장애", "DOWN"),
    "state-UNKNOWN": ("모름", "UNKNOWN"),
    "one-check": ("점검 하나로 판단합니다", "its one check"),
    "some-checks": (
        "점검 {count}개 가운데 {needed}개가 되어야 하며, 초마다 판단합니다",
        "{needed} of its {count} checks must be good, judged second by second",
    ),
    "service": ("서비스    {rule}", "Service   {rule}"),
    "incident": (
        "  사건     {start} ~ {end}, 그 가운데 장애 {down}",
        "  incident {start} to {end}, of which {down} down",
    ),
    "always-up": ("  아는 시간은 모두 정상입니다", "  UP wherever it is known"),
    "agreed": ("약속한 시간", "Agreed time"),
    "contract": ("  계약     {span}", "  contract {span}"),
    "weekly": (
        "  시간     {days} {open} ({zone}), 뺀 공휴일 {holidays}일",
        "  hours    {days} {open} ({zone}), holidays out: {holidays}",
    ),
    "round-the-clock": ("  시간     24시간", "  hours    round the clock"),
    "intervals": ("  시간     구간 {count}개", "  hours    {count:interval}"),
    "maintenance": (
        "  정기점검은 {mode}: 약속한 시간 안의 {counted}, 사전 통지 {notice}, 한 기간의 한도 {cap}",
        "  maintenance {mode}: {counted} in agreed hours, after a notice of {notice} and a cap of {cap} a period",
    ),
    "mode-exclude": ("약속한 시간에서 뺍니다", "leaves the agreed time"),
    "mode-as_up": ("정상으로 셉니다", "counts as up"),
    "mode-ignore": ("여느 시간과 똑같이 셉니다", "counts as any other second"),
    "window": ("  정기점검 {span}  {judged}", "  maintenance {span}  {judged}"),
    "window-counts": ("인정합니다", "is in order"),
    "window-not": ("인정하지 않습니다: {why}", "does not count: {why}"),
    "excluded": (
        "  제외     {span}  {kind}, 그 가운데 {counted} 인정; 증빙: {evidence}; 승인: {approver}",
        "  excluded {span}  {kind}, {counted} of it counted; evidence: {evidence}; approved by {approver}",
    ),
    "seconds-heading": ("초", "Seconds"),
    "class-period": ("기간", "period"),
    "class-not_monitored": ("계약 밖", "not monitored"),
    "class-out_of_hours": ("약속한 시간 밖", "out of hours"),
    "class-maintenance": ("정기점검", "maintenance"),
    "class-excluded": ("제외", "excluded"),
    "class-up": ("정상", "up"),
    "class-degraded": ("저하", "degraded"),
    "class-down": ("장애", "down"),
    "class-unknown": ("모름", "unknown"),
    "ast": ("약속한 서비스 시간", "agreed service time (AST)"),
    "of-it": ("그 가운데 {name}", "of it {name}"),
    "of-it-maintenance": ("그 가운데 정기점검, {mode}", "of it maintenance, {mode}"),
    "figures-heading": ("계산", "Figures"),
    "bad": (
        "  나쁜 시간     = 장애 {down} + {weight} x 저하 {degraded} = {bad}",
        "  bad          = down {down} + {weight} x degraded {degraded} = {bad}",
    ),
    "known": (
        "  아는 시간     = 약속한 시간 {ast} - 모름 {unknown} = {known}",
        "  known        = AST {ast} - unknown {unknown} = {known}",
    ),
    "availability": (
        "  가용률        = 1 - {bad} / {known} = {ratio}",
        "  availability = 1 - {bad} / {known} = {ratio}",
    ),
    "lower": (
        "  하한          = 1 - ({bad} + {unknown}) / {ast} = {ratio}  모르는 시간이 모두 장애였을 때",
        "  lower bound  = 1 - ({bad} + {unknown}) / {ast} = {ratio}  all unknown was down",
    ),
    "upper": (
        "  상한          = 1 - {bad} / {ast} = {ratio}  모르는 시간이 모두 정상이었을 때",
        "  upper bound  = 1 - {bad} / {ast} = {ratio}  all unknown was up",
    ),
    "coverage": (
        "  측정 커버리지 = {known} / {ast} = {ratio}",
        "  coverage     = {known} / {ast} = {ratio}",
    ),
    "budget": (
        "  허용 시간     = {ast}초의 (100 - {target}) % = {budget}, 남은 시간 {left}",
        "  budget       = (100 - {target}) % of {ast} s = {budget}, left {left}",
    ),
    "observed": (
        "  관측값        = {ratio}  24시간, 아무것도 빼지 않은 값이며 비교를 위한 것입니다",
        "  observed     = {ratio}  round the clock, nothing taken out, for comparison alone",
    ),
    "none": ("없음", "none"),
    "verdict": (
        "판정      {verdict}: {why}. 화면의 숫자가 아니라 정확한 분수로 비교했습니다",
        "Verdict   {verdict}: {why}; compared exactly, not as displayed",
    ),
    "verdict-na": (
        "판정      N/A (해당 없음): 기간에 약속한 시간이 전혀 없습니다",
        "Verdict   N/A: the period has no agreed second",
    ),
    "verdict-MET": ("MET (달성)", "MET"),
    "verdict-BREACHED": ("BREACHED (미달)", "BREACHED"),
    "verdict-INSUFFICIENT_DATA": ("INSUFFICIENT_DATA (자료 부족)", "INSUFFICIENT_DATA"),
    "verdict-INDETERMINATE": ("INDETERMINATE (판정 보류)", "INDETERMINATE"),
    "why-BREACHED": (
        "상한 {upper}조차 목표 {target}보다 낮습니다",
        "even the upper bound {upper} is below the target {target}",
    ),
    "why-INSUFFICIENT_DATA": (
        "측정 커버리지 {coverage}가 판정에 필요한 {least}보다 낮습니다",
        "the coverage {coverage} is below the {least} that a verdict needs",
    ),
    "why-MET": (
        "하한 {lower}조차 목표 {target}보다 낮지 않습니다",
        "even the lower bound {lower} is not below the target {target}",
    ),
    "why-INDETERMINATE": (
        "목표 {target}가 하한 {lower}와 상한 {upper} 사이에 있어 함께 검토해야 합니다",
        "the target {target} lies between the bounds {lower} and {upper}: a joint review decides",
    ),
}
KINDS = {
    "customer_action": "고객 요청 작업",
    "customer_power": "고객 건물 전원",
    "third_party_beyond_control": "제3자 장애",
    "force_majeure": "불가항력",
    "suspended_for_non_payment": "요금 미납으로 인한 정지",
    "security_hold_agreed": "합의된 보안 정지",
}
DAYS = {"ko": tuple("월화수목금토일"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def say(language: Language, key: str, **values: object) -> str:
    """The sentence of a key with its values filled in."""
    return filled(WORDS[key][language == "en"], values)
