"""The comment on a pull request: summary first, within the host's limit, whatever a fleet does."""

from datetime import date
from decimal import Decimal

from dure.cost import Rates, estimate
from dure.cost.price import price_list
from dure.cost.price_file import package_prices
from dure.runs.judgement import Judgement
from dure.runs.stacks.judged import comment_lines
from dure.runs.stacks.markdown import LIMIT, MARKER, markdown
from dure.runs.stacks.result import Fault, StackPreview
from hypothesis import example, given
from hypothesis import strategies as st

from tests.subjects import subject
from tests.unit.runs.stacks.values import change, preview, stack_plan


def test_the_summary_comes_first_then_what_needs_eyes() -> None:
    calm = [preview(f"calm/s{number}") for number in range(3)]
    lost = StackPreview(plan=stack_plan("lost/one"), identity="", preview=None, fault=Fault(what="no", why="a | b"))
    pending = preview("wait/one", provisional="landing-zone is not applied")
    text = markdown([*calm, preview("busy/one", change("vault", tags=("a", "b"))), lost, pending])
    lines = text.splitlines()
    assert lines[0] == MARKER
    assert lines[3] == "**6 stacks**: 1 would change, 1 failed, 1 provisional, 3 as they are. In all 1 to update."
    assert "| lost/one |  |  |  |  | no, because a \\| b |" in lines
    assert "| busy/one |  | 1 |  |  |  |" in lines
    assert "| wait/one |  |  |  |  | provisional: landing-zone is not applied |" in lines
    assert "      tags: a -> b" in lines
    assert "calm/" not in text


def test_what_is_deleted_comes_before_what_is_only_updated() -> None:
    text = markdown([preview("a/soft", change("x")), preview("b/hard", change("y", "delete"))])
    assert text.index("| b/hard |") < text.index("| a/soft |")


def test_nothing_to_see_is_two_lines() -> None:
    text = markdown([preview("a/s"), preview("b/s")])
    assert text == f"{MARKER}\n## Stacks: what would change\n\n**2 stacks**: 2 as they are.\n"


def test_500_stacks_that_all_change_stay_within_the_limit_and_are_all_counted() -> None:
    many = [
        preview(
            f"customer-{number:03}/a-rather-long-name-of-a-site",
            *(change(f"r{i}", tags=("x" * 90, "y" * 90)) for i in range(20)),
        )
        for number in range(500)
    ]
    text = markdown(many)
    assert len(text) <= LIMIT
    assert "**500 stacks**: 500 would change. In all 10000 to update." in text
    assert all(f"| customer-{number:03}/" in text for number in range(500))
    assert "The details of the other stacks are in the job's log" in text


def test_500_provisional_stacks_with_a_line_of_rules_each_stay_within_the_limit_with_both_shown() -> None:
    why = "landing-zone, whose outputs it takes, is not applied, so that nothing of it can be shown before that stands"
    many = [
        preview(f"customer-{number:03}/a-rather-long-name-of-a-site", provisional=f"{why} ({why})")
        for number in range(500)
    ]
    judged = [f"customers/customer-{number:03}.yaml:4: complete-tags (advisory): {why}" for number in range(500)]
    text = markdown(many, judged)
    assert LIMIT * 0.9 < len(text) <= LIMIT
    assert text.splitlines()[3] == "**500 stacks**: 500 provisional."
    assert text.index("| customer-000/") < text.index("### Rules and cost") < text.index(judged[0])
    assert "more stacks are not listed here." in text
    assert "more lines are in the job's log." in text
    assert text.rstrip().endswith("````"), "the block is closed"


def test_500_stacks_that_all_change_leave_their_rules_and_cost_in_sight() -> None:
    many = [preview(f"customer-{number:03}/site", change("r", tags=("x" * 90, "y" * 90))) for number in range(500)]
    judged = [f"customers/customer-{number:03}.yaml:4: complete-tags (advisory)" for number in range(20)]
    text = markdown(many, judged)
    assert len(text) <= LIMIT
    assert all(f"| customer-{number:03}/" in text for number in range(500))
    assert all(line in text for line in judged)
    assert "The details of the other stacks are in the job's log" in text


def test_what_500_stacks_cost_together_is_not_what_is_cut_off() -> None:
    tenant = subject("pool")
    stacks = [tenant.model_copy(update={"site": f"customer-{number:03}/erp"}) for number in range(500)]
    day = date(2026, 11, 24)
    found = estimate(stacks, price_list(package_prices()), Rates(Decimal("1385.5"), day, Decimal("0.10")), day)
    text = markdown([preview(one.site, change("r")) for one in stacks], comment_lines(Judgement(found, (), ())))
    assert len(text) <= LIMIT
    assert "more lines are in the job's log." in text
    assert "\n````text\ntotal: before 0.00  after 100.00  difference +100.00 USD/month\n" in text
    assert "  KRW with VAT 10 %: before 0  after 152,405  difference +152,405\n" in text


@example(notes=["x" * 200] * 500, lines=["y" * 100] * 500)
@given(st.lists(st.text(max_size=300), max_size=500), st.lists(st.text(max_size=3000), max_size=500))
def test_no_number_of_rows_and_lines_breaks_the_limit(notes: list[str], lines: list[str]) -> None:
    text = markdown([preview(f"c/s{number}", provisional=note) for number, note in enumerate(notes)], lines)
    assert len(text) <= LIMIT


@given(st.lists(st.text(max_size=3000), max_size=40), st.integers(0, 60))
def test_no_value_breaks_the_limit_or_out_of_its_block(values: list[str], times: int) -> None:
    many = [preview(f"c/s{number}", *(change("r", p=("", value)) for value in values)) for number in range(times)]
    text = markdown(many)
    assert len(text) <= LIMIT
    assert text.count("\n````") == 2 * text.count("<details>")
