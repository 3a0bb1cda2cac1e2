"""The letter that a report travels with."""

from dure.text.writing import Language

LETTER: dict[Language, tuple[str, str]] = {
    "ko": (
        "{made_up}[{msp}] {customer} {month} 서비스 보고서{revision}",
        "{name}님, 안녕하십니까.\n\n{msp}입니다. {month} 서비스 보고서를 보내 드립니다.\n\n{sentence}\n\n"
        "자세한 내용은 첨부한 PDF에 있습니다. 궁금하신 점은 {contact}({phone})에게 편하게 물어봐 주십시오.\n\n"
        "감사합니다.\n{msp} 드림\n",
    ),
    "en": (
        "{made_up}[{msp}] {customer}: service report for {month}{revision}",
        "Dear {name},\n\nplease find attached the service report for {month}.\n\n{sentence}\n\n"
        "For any question call {contact} ({phone}).\n\nKind regards,\n{msp}\n",
    ),
}
MADE_UP: dict[Language, str] = {"ko": "[지어낸 자료] ", "en": "[made-up data] "}
REVISION: dict[Language, str] = {"ko": " ({number}판, 정정)", "en": " (revision {number}, corrected)"}


def letter(language: Language, *, made_up: bool, revision: int, **values: str) -> tuple[str, str]:
    """Subject and text; `values` are msp, customer, month, name, sentence, contact and phone."""
    subject, text = LETTER[language]
    label = MADE_UP[language] if made_up else ""
    corrected = REVISION[language].format(number=revision) if revision > 1 else ""
    body = f"{label.strip()}\n\n{text}" if label else text
    return subject.format(made_up=label, revision=corrected, **values), body.format(**values)
