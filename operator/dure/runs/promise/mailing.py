"""operator report --send: a closed month's report as PDF to the customer's contacts, each person once a revision."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dure.errors import DureError, Refused, UsageError
from dure.model.blueprints import toolkit_blueprint
from dure.model.customer import Contact
from dure.model.msp import Mail
from dure.model.problem import WorkspaceInvalid
from dure.model.workspace import customer_file, read_customer, read_operator
from dure.notify.mail import Letter, MailDoubtful, MailServer, send
from dure.report.build import report_of
from dure.report.collect import TREND_MONTHS, collect, language_of, open_shelf
from dure.report.data import Report
from dure.report.files import file_name, rendered
from dure.report.page import Wording, verdict_sentence
from dure.runs.act import act
from dure.runs.context import Context
from dure.runs.promise.vouched import require_agreed
from dure.secrets import SecretStore
from dure.store.promise.mails import SENDING, SENT, ReportMail, mails
from dure.text.mail import letter
from dure.text.writing import Language

PASSWORD = "operator/smtp_password"  # noqa: S105 - the name of a secret, not its value
ALONE = "report mail"


@dataclass(frozen=True, slots=True)
class Mailing:
    """A report and the people it goes to; `already` have this revision, of `unsure` nobody knows."""

    report: Report
    language: Language
    recipients: tuple[Contact, ...]
    already: tuple[str, ...]
    unsure: tuple[str, ...]

    @property
    def missing(self) -> tuple[Contact, ...]:
        """Those who have not got it for certain."""
        return tuple(one for one in self.recipients if one.email not in self.already)


def mailing_of(context: Context, customer: str, month: str, language: Language | None) -> Mailing:
    """Who would get which report; `language` None: the customer's.

    Raises UsageError for a month that is not closed, and without server or address.
    """
    _server_settings(context)
    source = collect(open_shelf(context.workspace, context.store), customer, month)
    unvouched = require_agreed(context, customer, month, before=TREND_MONTHS - 1)
    report = report_of(replace(source, unvouched=unvouched))
    recipients = _recipients(context, customer)
    with context.store.transaction() as session:
        rows = [one for one in mails(session, [customer], month) if one.revision == report.revision]
    already = {one.recipient for one in rows if one.state == SENT}
    unsure = {one.recipient for one in rows if one.state == SENDING} - already
    spoken = language or language_of(context.workspace, customer)
    return Mailing(report, spoken, recipients, tuple(sorted(already)), tuple(sorted(unsure)))


def send_report(context: Context, mailing: Mailing, now: int, *, again: bool, reason: str = "") -> tuple[str, ...]:
    """Send it to all who lack it (`again`: to all); the addresses. Raises Refused, MailFailed, MailDoubtful.

    Whoever got it before a failure stays noted: a repetition goes on with the others.
    """
    report = mailing.report
    wanted = mailing.recipients if again else mailing.missing
    _require_new(mailing, again)
    server = _server(context)
    content = rendered(report, mailing.language, "pdf")
    sent = []
    for contact in wanted:
        letter = _letter(context, mailing, contact, content)
        words = f"{report.month} revision {report.revision} to {contact.email}, digest {report.digest()[:16]}"
        with act(context, "report send", report.customer, reason, words, tells_hub=False) as deed:
            note = _begin(context, mailing, str(contact.email), now, again=again)
            try:
                send(server, letter)
            except MailDoubtful:
                raise
            except DureError:
                _forget(context, note)
                raise
            _finish(context, note)
            deed.result = words
        sent.append(str(contact.email))
    return tuple(sent)


def _require_new(mailing: Mailing, again: bool) -> None:
    if again:
        return
    shown = f"{mailing.report.month} revision {mailing.report.revision}"
    if not mailing.missing:
        raise Refused(
            f"{shown} has been sent already",
            where=mailing.report.customer,
            why=f"{', '.join(mailing.already)} got it (operator report --sent)",
            mend="add --again to send the same revision once more",
        )
    doubtful = [one for one in mailing.unsure if any(one == contact.email for contact in mailing.missing)]
    if doubtful:
        raise Refused(
            f"nobody knows whether {', '.join(doubtful)} got {shown}",
            where=mailing.report.customer,
            why="the command that sent it was ended before the server had answered",
            mend="ask there, then add --again",
        )


def _server_settings(context: Context) -> Mail:
    mail = context.operator.mail
    if mail is None:
        mend = "add `mail: { server: smtp.example.com, user: … }` to operator.yaml"
        raise UsageError("no mail server is known", where="operator.yaml", why="it has no `mail`", mend=mend)
    return mail


def _server(context: Context) -> MailServer:
    mail = _server_settings(context)
    password = ""
    if mail.user:
        settings = context.settings
        secrets = SecretStore(context.workspace, context.operator.secrets.recipients, settings.age_identity)
        password = secrets.get(PASSWORD)
    return MailServer(mail.server, mail.port_number, mail.security, mail.user, password)


def _recipients(context: Context, customer: str) -> tuple[Contact, ...]:
    """The customer's contacts with an address, each address once. Raises UsageError when there is none."""
    root = context.workspace
    file = customer_file(root, customer)
    found, _, problems = read_customer(root, file, read_operator(root)[2], toolkit_blueprint)
    if found is None or problems:
        raise WorkspaceInvalid(problems)
    people = {one.email: one for one in reversed(found.contacts) if one.email and one.report}
    if not people:
        raise UsageError(
            f"{customer} has nobody to send the report to",
            where=f"customers/{customer}.yaml",
            why="none of its contacts has an e-mail address and gets reports",
            mend="add `email:` to one of its `contacts`",
        )
    return tuple(one for one in found.contacts if one.email and people.get(one.email) is one)


def _letter(context: Context, mailing: Mailing, contact: Contact, content: bytes) -> Letter:
    report, language, msp = mailing.report, mailing.language, context.operator.msp
    wording = Wording(language, report.zone, report.month)
    name, front = wording.words(report.provider.name), report.front
    subject, text = letter(
        language,
        made_up=report.made_up,
        revision=report.revision,
        msp=name,
        customer=wording.words(report.customer_name),
        month=wording.month_name(report.month),
        name=contact.name,
        sentence=verdict_sentence(report, wording),
        contact=wording.words(front.contact.name),
        phone=front.contact.phone,
    )
    sender = (name, _server_settings(context).sender or msp.email)
    attached = file_name(report.customer, report.month, language, "pdf")
    return Letter(sender, (contact.name, str(contact.email)), subject, text, attached, content)


def _begin(context: Context, mailing: Mailing, recipient: str, now: int, *, again: bool) -> int:
    """Note that it is being sent; its number. Raises Refused when somebody else sends it just now."""
    report = mailing.report
    with context.store.transaction(alone=ALONE) as session:
        known = [one for one in mails(session, [report.customer], report.month) if one.recipient == recipient]
        if not again and any(one.revision == report.revision for one in known):
            why, mend = "another command has just sent it", "operator report --sent"
            raise Refused(f"{recipient} gets it already", where=report.customer, why=why, mend=mend)
        row = ReportMail(
            customer=report.customer,
            month=report.month,
            revision=report.revision,
            language=mailing.language,
            recipient=recipient,
            digest=report.digest(),
            state=SENDING,
            by=context.engineer,
            at=datetime.fromtimestamp(now, UTC),
        )
        session.add(row)
        session.flush()
        return row.id


def _finish(context: Context, note: int) -> None:
    with context.store.transaction() as session:
        session.get_one(ReportMail, note).state = SENT


def _forget(context: Context, note: int) -> None:
    with context.store.transaction() as session:
        session.delete(session.get_one(ReportMail, note))
