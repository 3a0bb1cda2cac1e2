"""The audit chain tells what was done, and shows when somebody laid hands on it."""

import json
from collections.abc import Callable

import pytest
from dure.runs.audit import Entry, append, digest
from dure.runs.audit_memory import Memory
from dure.runs.audit_verify import findings
from dure.store.tables import Audit
from sqlalchemy.orm import Session

from tests.unit.runs.conftest import Office


def provision(office: Office, run: str, who: str = "minsu", result: str = "done") -> Entry:
    return append(
        getattr(office, who),
        what="provision",
        where="hansol-plastics/ansan",
        why="첫 설치",
        result=result,
        run=run,
        plan="p" * 64,
        commit="c" * 40,
    )


@pytest.fixture
def chain(office: Office) -> Office:
    """Five links, by both engineers."""
    for number in range(5):
        provision(office, f"run-{number}", "jiwon" if number == 2 else "minsu")
    return office


def tamper(office: Office, number: int, change: Callable[[Audit], None]) -> None:
    with office.minsu.store.transaction() as session:
        change(session.get_one(Audit, number))


def head(office: Office) -> Memory:
    """What a hub remembers that heard of the last link alone."""
    with office.minsu.store.transaction() as session:
        last = session.get_one(Audit, 5)
        return Memory({last.number: last.hash}, [])


def found(office: Office, remembered: Memory | None = None) -> list[tuple[int, str]]:
    return [(one.number, one.text) for one in findings(office.minsu, remembered)[1]]


def test_an_untouched_chain_is_whole(chain: Office) -> None:
    assert findings(chain.minsu, head(chain)) == (5, [])


def test_a_link_says_who_what_when_where_why_and_the_result(office: Office) -> None:
    entry = provision(office, "run-1", "jiwon")
    assert (entry.who, entry.what, entry.where, entry.why, entry.result) == (
        "lee-jiwon",
        "provision",
        "hansol-plastics/ansan",
        "첫 설치",
        "done",
    )
    assert entry.at.endswith("+00:00")


def test_a_step_that_is_repeated_after_a_crash_adds_no_second_link(office: Office) -> None:
    assert provision(office, "run-1").number == provision(office, "run-1").number == 1
    assert provision(office, "run-1", result="failed: …").number == 2


def reworded(row: Audit) -> None:
    row.content = row.content.replace("첫 설치", "두 번째 설치")


def reworded_with_a_new_hash(row: Audit) -> None:
    reworded(row)
    row.hash = digest(row.content.encode())


def signed_by_another(row: Audit) -> None:
    content = json.loads(row.content)
    content["who"] = "lee-jiwon"
    row.content = Entry.model_validate(content).canonical().decode()
    row.hash = digest(row.content.encode())


def unreadable(row: Audit) -> None:
    row.content = "{"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (reworded, (2, "was changed: it does not match its hash")),
        (reworded_with_a_new_hash, (2, "is not signed by kim-minsu with a key of operator.yaml")),
        (reworded_with_a_new_hash, (3, "does not follow the link before it")),
        (signed_by_another, (2, "is not signed by lee-jiwon with a key of operator.yaml")),
        (unreadable, (2, "cannot be read")),
    ],
)
def test_a_changed_link_is_found(chain: Office, change: Callable[[Audit], None], said: tuple[int, str]) -> None:
    tamper(chain, 2, change)
    assert said in found(chain)


def test_a_removed_link_is_found(chain: Office) -> None:
    remove(chain, 3)
    assert (4, "link 3 is missing before link 4") in found(chain)


def test_a_cut_off_end_is_found_by_what_the_hub_remembers(chain: Office) -> None:
    remembered = head(chain)
    remove(chain, 5)
    assert found(chain) == []
    assert found(chain, remembered) == [(0, "the end is cut off: the hub remembers link 5, the last here is 4")]


def test_a_rewritten_end_is_found_by_what_the_hub_remembers(chain: Office) -> None:
    remembered = head(chain)
    remove(chain, 5)
    provision(chain, "another-run")
    assert found(chain, remembered) == [(5, "is not the link that the hub remembers")]


def remove(office: Office, number: int) -> None:
    with office.minsu.store.transaction() as session:
        _delete(session, number)


def _delete(session: Session, number: int) -> None:
    session.delete(session.get_one(Audit, number))
