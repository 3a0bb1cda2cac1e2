"""Changing who can open the secrets: operator.yaml is rewritten with its comments, then every value encrypted anew."""

from collections.abc import Sequence
from io import StringIO

from pydantic_core import PydanticCustomError

from dure.errors import UsageError
from dure.model.document import parse_document
from dure.model.explain import nearest, parse
from dure.model.fields import check_recipient
from dure.model.msp import Operator
from dure.model.places import OPERATOR_FILE
from dure.model.problem import WorkspaceInvalid
from dure.model.writing import replace_file
from dure.secrets.store import SecretStore


def change_recipients(store: SecretStore, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """The references encrypted anew. Old values are opened first, so that nothing is written when they cannot be.

    Raises UsageError for a recipient that is not there, or when nobody would be left.
    """
    wanted = list(store.recipients)
    for one in remove:
        if one not in wanted:
            mend = (
                f'write "{nearest(one, wanted)}"' if nearest(one, wanted) else "operator secrets recipients lists them"
            )
            raise UsageError(f'"{one}" is no recipient', where=OPERATOR_FILE, why="it does not stand there", mend=mend)
        wanted.remove(one)
    wanted += [one for one in map(_checked, add) if one not in wanted]
    if not wanted:
        raise UsageError(
            "nobody could open the secrets", why="the last recipient would go", mend="add another one first"
        )
    file = store.root / OPERATOR_FILE
    text = with_recipients(file.read_text(encoding="utf-8"), wanted)
    document = parse_document(OPERATOR_FILE, text.encode())
    _, problems = parse(Operator, document)
    if problems:
        raise WorkspaceInvalid(problems)
    references = [one.reference for owner in store.owners() for one in store.names(owner)]
    for reference in references:
        store.get(reference)
    replace_file(file, text.encode())
    return SecretStore(store.root, wanted, store.identity).rekey()


def _checked(recipient: str) -> str:
    try:
        return check_recipient(recipient.strip())
    except PydanticCustomError as error:
        told = error.context or {}
        raise UsageError(told["what"], why=told["why"], mend=told["mend"]) from error


def with_recipients(text: str, recipients: Sequence[str]) -> str:
    """operator.yaml's text with that list of recipients."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    yaml = YAML()
    yaml.width = 1 << 20
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(text)
    settings = data.setdefault("secrets", CommentedMap())
    old = settings.get("recipients")
    if isinstance(old, CommentedSeq) and old:
        for one in [one for one in old if one not in recipients]:
            old.remove(one)
        old.extend(one for one in recipients if one not in old)
    else:
        settings["recipients"] = CommentedSeq(recipients)
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()
