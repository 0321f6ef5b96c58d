"""What every provider of figures must do: give the lines of its tapes, and refuse whatever can go wrong with them."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integrations.figures.faults import FAULTS, RETRY_AFTER, Fault
from tests.integrations.figures.formats import FORMATS, NAMES
from tests.integrations.figures.player import CANARY, Answer, playing
from tests.integrations.figures.tape import ALL, Tape, tapes_of
from vestry.core.errors import Unavailable, VestryError
from vestry.integrations import outbound
from vestry.integrations.figures import PROVIDERS, AnswerRefused, Asked, Line, Source, SourceAway, fetch, wire
from vestry.integrations.figures.lines import checked

named = pytest.mark.parametrize("file", ALL, ids=lambda file: f"{file.parent.name}-{file.stem}")


def test_every_provider_has_tapes_and_a_format_that_can_go_wrong() -> None:
    assert set(FORMATS) == set(PROVIDERS)
    for provider in PROVIDERS:
        assert set(FORMATS[provider].spoilt) == set(NAMES), provider
        read = [Tape.read(file) for file in tapes_of(provider)]
        assert read, f"{provider} has no tape: record one"
        assert any(len(tape.exchanges) > 1 for tape in read), f"{provider} has no tape with pages"
        assert {tape.provider for tape in read} == {provider}


@named
def test_a_tape_gives_its_lines_and_is_asked_for_nothing_else(file: Path) -> None:
    tape = Tape.read(file)
    with playing(tape) as player:
        assert fetch(player.source, tape.asked) == tape.lines
    assert player.is_whole(), player.astray
    assert CANARY not in file.read_text(encoding="utf-8")


@named
def test_a_player_answers_nothing_that_is_not_on_its_tape(file: Path) -> None:
    """Were it lenient, a provider that asks for the wrong months would pass."""
    tape = Tape.read(file)
    for asked, key in ((Asked(tape.asked.first, "2031-12"), CANARY), (tape.asked, "another-key-than-it")):
        with playing(tape) as player, pytest.raises(VestryError):
            fetch(replace(player.source, key=key), asked)
        assert player.astray
        assert not player.is_whole()


@named
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_goes_wrong_is_refused_by_its_kind_and_the_key_is_nowhere(
    file: Path, fault: Fault, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tape = Tape.read(file)
    if fault.name == "too slow":
        monkeypatch.setattr(wire, "SECONDS", 0.3)
    for at in sorted({0, len(tape.exchanges) - 1}):
        caplog.clear()
        with caplog.at_level(logging.DEBUG), playing(tape, fault.spoil(tape.provider), at) as player:
            source = player.source
            with pytest.raises(fault.refusal) as raised:
                pytest.fail(f"{fault.name} in answer {at}: {fetch(source, tape.asked)}")
        error = raised.value
        assert not player.astray, player.astray
        assert "127.0.0.1" in error.message
        assert isinstance(error, Unavailable) == (fault.refusal is SourceAway)
        told = [error.message, error.mend or "", str(error), repr(error), repr(source), caplog.text]
        assert not any(CANARY in one for one in told)
        if fault.name == "429":
            assert error.retry_after == RETRY_AFTER
        if fault.name == "the same page as the next":
            assert player.played == at + 2


@named
def test_a_number_keeps_all_of_its_digits(file: Path) -> None:
    """What is read as a binary fraction would be another number: 0.1 + 0.2."""
    tape = Tape.read(file)
    valued = FORMATS[tape.provider].valued
    for text in ("1234567890123.4567", "0.30000000000000004", "-99999999999999.9999"):
        for written in (text, f'"{text}"'):

            def spoil(answer: Answer, number: int, written: str = written) -> Answer:
                return replace(answer, body=valued(answer.body, written)) if number == 0 else answer

            with playing(tape, spoil) as player:
                found = fetch(player.source, tape.asked)
            assert found[0] == replace(tape.lines[0], value=Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1e15", "1e-21", "-1000000000000000"])
def test_a_number_that_cannot_be_written_out_is_refused_whichever_provider_gives_it(text: str) -> None:
    source, asked = Source("feed", "https://figures.example.com/"), Asked("2024-01", "2024-03")
    with pytest.raises(AnswerRefused, match="which is no number"):
        checked([Line("Sales", "2024-01", Decimal(text))], source, asked)
    kept = [Line("Sales", "2024-01", Decimal("-999999999999999.99999999999999999999"))]
    assert checked(kept, source, asked) == kept


def test_nobody_there_and_an_address_of_an_inner_network_are_away() -> None:
    tape = Tape.read(ALL[0])
    with playing(tape) as player:
        source = player.source
    for address in (source.address, "https://127.0.0.1:1/figures", "https://no-such-host.invalid/figures"):
        with pytest.raises(SourceAway):
            fetch(replace(source, address=address), tape.asked)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("999999999999", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 2100 00:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("²", None),
    ],
)
def test_how_long_a_source_wants_us_to_wait_is_read_and_bounded(said: str, seconds: int | None) -> None:
    assert outbound._seconds_to_wait(said) == seconds
