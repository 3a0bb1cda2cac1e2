"""Secrets: names in clear, values singly encrypted, files that people edit and git merges stay readable."""

import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyrage
import pytest
from dure.errors import DureError, UsageError
from dure.model import WorkspaceInvalid
from dure.model.secret_file import VALUE
from dure.secrets import SecretStore
from dure.secrets.age import decrypt, encrypt
from dure.secrets.recipients import change_recipients
from dure.secrets.store import make_value, rewritten
from hypothesis import given, settings
from hypothesis import strategies as st


class Person:
    """Somebody with an age identity in a file."""

    def __init__(self, directory: Path, name: str) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.file = directory / f"{name}.txt"
        self.file.write_text(f"# created today\n{identity}\n")
        self.recipient = str(identity.to_public())


@pytest.fixture
def minsu(tmp_path: Path) -> Person:
    return Person(tmp_path, "minsu")


@pytest.fixture
def jiwon(tmp_path: Path) -> Person:
    return Person(tmp_path, "jiwon")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "w").mkdir()
    return tmp_path / "w"


def store_of(root: Path, reader: Person, *others: Person) -> SecretStore:
    return SecretStore(root, [one.recipient for one in (reader, *others)], reader.file)


@settings(max_examples=30)
@given(st.text(min_size=1))
def test_every_text_comes_back(value: str) -> None:
    identity = pyrage.x25519.Identity.generate()
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    assert decrypt(encrypt(value, [str(identity.to_public())]), [identity], "x") == value


def test_a_secret_is_kept_under_its_name_and_not_in_clear(root: Path, minsu: Person) -> None:
    store = store_of(root, minsu)
    store.set("hansol/ansan/router", "비밀 암호")
    text = (root / "secrets/hansol.yaml").read_text(encoding="utf-8")
    assert "ansan/router: age:" in text
    assert "비밀 암호" not in text
    assert store.get("hansol/ansan/router") == "비밀 암호"
    assert [one.reference for one in store.names("hansol")] == ["hansol/ansan/router"]


def test_names_are_read_without_a_key(root: Path, minsu: Person) -> None:
    store_of(root, minsu).set("hansol/a", "x")
    blind = SecretStore(root, [minsu.recipient], root / "no-such-file")
    assert [(one.reference, one.current) for one in blind.names("hansol")] == [("hansol/a", True)]
    assert blind.has("hansol/a")
    assert not blind.has("hansol/b")
    with pytest.raises(DureError, match="no identity to open secrets with"):
        blind.get("hansol/a")


def test_each_recipient_opens_it_and_nobody_else(root: Path, tmp_path: Path, minsu: Person, jiwon: Person) -> None:
    store_of(root, minsu, jiwon).set("hansol/a", "x")
    assert SecretStore(root, [], jiwon.file).get("hansol/a") == "x"
    stranger = Person(tmp_path, "stranger")
    with pytest.raises(DureError, match=r"hansol/a does not open.*operator secrets rekey"):
        SecretStore(root, [], stranger.file).get("hansol/a")


def test_an_ssh_key_is_a_recipient_too(root: Path, tmp_path: Path) -> None:
    key = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    store = SecretStore(root, [key.with_suffix(".pub").read_text().strip()], key)
    store.set("hansol/a", "x")
    assert store.get("hansol/a") == "x"


def test_a_rewritten_file_keeps_comments_and_other_lines_and_stays_sorted(root: Path, minsu: Person) -> None:
    store = store_of(root, minsu)
    store.set("hansol/b", "1")
    store.set("hansol/d", "2")
    file = root / "secrets/hansol.yaml"
    text = file.read_text(encoding="utf-8").replace("d: age", "# 라우터\nd: age").replace("\nb: ", "\n# 첫째\nb: ")
    file.write_text(text, encoding="utf-8")
    store.set("hansol/c", "3")
    store.set("hansol/b", "4")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith("#")] == ["b", "c", "d"]
    assert lines[lines.index("# 첫째") + 1].startswith("b: ")
    assert "# 라우터" in lines
    old_d = next(line for line in text.splitlines() if line.startswith("d: "))
    assert old_d in lines
    assert store.get("hansol/b") == "4"


def test_missing_ones_are_made_once(root: Path, minsu: Person) -> None:
    store = store_of(root, minsu)
    references = ["hansol/ansan/restic_password", "hansol/users/choi/smb_password"]
    assert store.generate_missing(references) == references
    made = [store.get(one) for one in references]
    assert store.generate_missing(references) == []
    assert [store.get(one) for one in references] == made
    assert len(set(made)) == 2
    assert len(made[0]) >= 40


def test_a_password_that_people_type_has_no_signs_that_look_alike() -> None:
    values = {make_value("hansol/users/choi/smb_password") for _ in range(50)}
    assert len(values) == 50
    assert not set("".join(values)) & set("0O1lI")
    assert all(len(value) == 23 for value in values)


def test_generating_needs_no_key(root: Path, minsu: Person) -> None:
    blind = SecretStore(root, [minsu.recipient], root / "no-such-file")
    assert blind.generate_missing(["hansol/a"]) == ["hansol/a"]
    assert store_of(root, minsu).get("hansol/a")


def test_values_for_former_recipients_are_marked_and_encrypted_anew(root: Path, minsu: Person, jiwon: Person) -> None:
    store_of(root, minsu).set("hansol/a", "x")
    both = store_of(root, minsu, jiwon)
    assert [one.current for one in both.names("hansol")] == [False]
    assert both.rekey() == ["hansol/a"]
    assert [one.current for one in both.names("hansol")] == [True]
    assert both.rekey() == []
    assert SecretStore(root, [], jiwon.file).get("hansol/a") == "x"


def test_the_order_and_comments_of_recipients_do_not_make_values_old(root: Path, minsu: Person, jiwon: Person) -> None:
    store_of(root, minsu, jiwon).set("hansol/a", "x")
    assert [one.current for one in store_of(root, jiwon, minsu).names("hansol")] == [True]


def test_changing_recipients_keeps_comments_of_operator_yaml(root: Path, minsu: Person, jiwon: Person) -> None:
    good = Path(__file__).parents[2] / "contract" / "workspace" / "operator.yaml"
    text = good.read_text(encoding="utf-8").replace("    - age1", "    # 누구\n    - age1")
    text = text.replace(text.split("    - age1")[1].split("\n")[0], minsu.recipient.removeprefix("age1"))
    (root / "operator.yaml").write_text("# 우리\n" + text, encoding="utf-8")
    store = store_of(root, minsu)
    store.set("hansol/a", "x")
    assert change_recipients(store, [jiwon.recipient], []) == ["hansol/a"]
    changed = (root / "operator.yaml").read_text(encoding="utf-8")
    assert changed.startswith("# 우리\n")
    assert "    # 누구\n" in changed
    assert f"    - {jiwon.recipient}\n" in changed
    assert SecretStore(root, [], jiwon.file).get("hansol/a") == "x"
    alone = change_recipients(store_of(root, jiwon, minsu), [], [minsu.recipient])
    assert alone == ["hansol/a"]
    with pytest.raises(DureError, match="does not open"):
        SecretStore(root, [], minsu.file).get("hansol/a")


def test_who_cannot_open_the_values_changes_no_recipients(
    root: Path, tmp_path: Path, minsu: Person, jiwon: Person
) -> None:
    (root / "operator.yaml").write_text("secrets:\n  recipients: []\n")
    store_of(root, minsu).set("hansol/a", "x")
    blind = SecretStore(root, [minsu.recipient], jiwon.file)
    with pytest.raises(DureError):
        change_recipients(blind, [jiwon.recipient], [])
    assert (root / "operator.yaml").read_text() == "secrets:\n  recipients: []\n"


@pytest.mark.parametrize(
    "reference", ["hansol", "/a", "hansol/", "hansol/../operator/x", "HANSOL/a", "hansol/a b", "../w/a"]
)
def test_a_reference_of_another_form_is_refused(root: Path, minsu: Person, reference: str) -> None:
    with pytest.raises(UsageError, match="is not a secret's reference"):
        store_of(root, minsu).set(reference, "x")
    assert not (root / "secrets").exists()


def test_a_secret_that_is_not_there_is_told_with_the_nearest(root: Path, minsu: Person) -> None:
    store = store_of(root, minsu)
    store.set("hansol/ansan/restic_password", "x")
    with pytest.raises(UsageError, match=r'write "hansol/ansan/restic_password"'):
        store.get("hansol/ansan/restik_password")


def test_without_recipients_nothing_is_written(root: Path) -> None:
    with pytest.raises(UsageError, match="names no recipients"):
        SecretStore(root, []).set("hansol/a", "x")
    assert not (root / "secrets").exists()


def test_a_file_that_is_not_understood_is_not_rewritten(root: Path, minsu: Person) -> None:
    (root / "secrets").mkdir()
    (root / "secrets/hansol.yaml").write_text("a: in clear\n")
    with pytest.raises(WorkspaceInvalid, match="is not encrypted"):
        store_of(root, minsu).set("hansol/b", "x")
    assert (root / "secrets/hansol.yaml").read_text() == "a: in clear\n"


def test_removing_leaves_the_others(root: Path, minsu: Person) -> None:
    store = store_of(root, minsu)
    store.set("hansol/a", "1")
    store.set("hansol/b", "2")
    store.remove("hansol/a")
    assert [one.reference for one in store.names("hansol")] == ["hansol/b"]
    store.remove("hansol/b")
    assert store.names("hansol") == []


def put(root: Path, recipient: str, number: int) -> None:
    SecretStore(root, [recipient]).set(f"hansol/s{number}", f"value {number}")


def test_writers_at_once_lose_nothing(root: Path, minsu: Person) -> None:
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(put, [root] * 16, [minsu.recipient] * 16, range(16)))
    store = store_of(root, minsu)
    assert sorted(store.get(one.reference) for one in store.names("hansol")) == sorted(f"value {n}" for n in range(16))


def test_a_value_stays_one_line() -> None:
    value = encrypt("x" * 10_000, [str(pyrage.x25519.Identity.generate().to_public())])
    assert VALUE.fullmatch(value)
    assert rewritten("# top\na: age:00000000:YQ==\n", {"b": value}) == f"# top\na: age:00000000:YQ==\nb: {value}\n"
