"""The recorder against a live server: what it writes plays back to the same lines, and holds no key."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integrations.figures.player import CANARY, Answer, playing
from tests.integrations.figures.record import KeyOnTape, recorded
from tests.integrations.figures.tape import ALL, Tape
from vestry.integrations.figures import fetch

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("file", ALL, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_is_recorded_plays_back_to_the_same_lines_without_the_key(file: Path, tmp_path: Path) -> None:
    played = Tape.read(file)
    with playing(played) as live:
        command = [sys.executable, "-m", "tests.integrations.figures.record", played.provider, live.source.address]
        account = ["--account", played.account] if played.account else []
        months = ["--first", played.asked.first, "--last", played.asked.last, "--into", str(tmp_path)]
        environment = os.environ | {"VESTRY_RECORD_KEY": CANARY, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        done = subprocess.run([*command, *account, *months], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert live.is_whole(), live.astray
        port = live.origin.rpartition(":")[2]
    (kept,) = tmp_path.rglob("*.json")
    text = kept.read_text(encoding="utf-8")
    assert kept == tmp_path / played.provider / "recorded.json"
    assert CANARY not in text + done.stdout + done.stderr
    assert port not in text
    again = Tape.read(kept)
    assert again.lines == played.lines
    assert [one.query for one in again.exchanges] == [one.query for one in played.exchanges]
    with playing(again) as player:
        assert fetch(player.source, again.asked) == played.lines
    assert player.is_whole(), player.astray


def test_a_tape_on_which_the_key_would_be_is_not_made() -> None:
    tape = Tape.read(ALL[0])
    coded = base64.b64encode(CANARY.encode())

    def spoil(answer: Answer, number: int) -> Answer:
        return replace(answer, body=answer.body.replace(b'"label"', b'"echo": "' + coded + b'", "label"', 1))

    with playing(tape, spoil) as live, pytest.raises(KeyOnTape):
        recorded(live.source, tape.asked)
