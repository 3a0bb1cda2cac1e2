"""Whoever gave the command, at a terminal: asked, and pressing Ctrl-C at the question."""

import os
import pty
import select
import signal
import subprocess
import sys

import pytest

ASKING = """
import sys
from dure.cli.stacks_common import Person
from dure.errors import DureError
person = Person(quiet=False, yes=False)
try:
    with person.listening():
        agreed = person.agree("1 to create") if sys.argv[1] == "agree" else person.ask_name("alpha/main")
except DureError as error:
    print(error.line(), flush=True)
    sys.exit(error.exit_code)
print("agreed:", agreed)
"""


@pytest.mark.parametrize("question", ["agree", "name"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_at_the_question_ends_the_command_and_nothing_was_touched(stop: int, question: str) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-c", ASKING, question]
    with subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True) as asking:
        os.close(slave)
        shown = b""
        while b"Go ahead? [y/N] " not in shown and b"to go on: " not in shown:
            assert select.select([master], [], [], 20)[0], shown
            shown += os.read(master, 4096)
        try:
            asking.send_signal(stop)
            out, _ = asking.communicate(timeout=20)
        finally:
            asking.kill()
    os.close(master)
    assert asking.returncode == 130
    assert out == "stopped before it was approved; nothing was touched\n"
