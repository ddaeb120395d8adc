"""Negotiators that do what they must not; used by their type names, such as tests.engine.hostile.Raises."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import time
from typing import Any, ClassVar

from negmas.gb.common import ExtendedResponseType
from negmas.outcomes.common import ExtendedOutcome
from negmas.sao import ResponseType, SAONegotiator, SAOResponse

AT_STEP = 2
"""The step at which those misbehave that behave first."""
LONG = 3600


class Plain(SAONegotiator):
    """Offers every outcome in turn and accepts nothing."""

    def propose(self, state: Any, dest: str | None = None) -> Any:
        if state.step >= AT_STEP:
            self.misbehave()
        return next(itertools.islice(self.nmi.outcome_space.enumerate_or_sample(), state.step % 3, None))

    def respond(self, state: Any, source: str | None = None) -> Any:
        return ResponseType.REJECT_OFFER

    def misbehave(self) -> None:
        """What the others do."""


class Raises(Plain):
    def misbehave(self) -> None:
        raise ValueError("boom")


class RaisesInLines(Plain):
    def misbehave(self) -> None:
        raise ValueError("first\nsecond")


class RaisesSystemExit(Plain):
    def misbehave(self) -> None:
        raise SystemExit(3)


class RaisesKeyboardInterrupt(Plain):
    def misbehave(self) -> None:
        raise KeyboardInterrupt


class RaisesGeneratorExit(Plain):
    def misbehave(self) -> None:
        raise GeneratorExit


class RaisesUnprintable(Plain):
    def misbehave(self) -> None:
        class Unprintable(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no text")

        raise Unprintable


class RaisesMemoryError(Plain):
    def misbehave(self) -> None:
        raise MemoryError


class RaisesAtBirth(Plain):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise ValueError("not today")


class RaisesWhenToldOfAnOffer(Plain):
    def on_partner_proposal(self, state: Any, partner_id: str, offer: Any) -> None:
        raise TypeError("told of an offer")


class Hangs(Plain):
    """Sleeps in C with every signal blocked."""

    def misbehave(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        time.sleep(LONG)


class HangsHoldingTheLock(Plain):
    """Sleeps in C and keeps the interpreter's lock, so that no other thread of its process runs."""

    def misbehave(self) -> None:
        ctypes.PyDLL(None).sleep(LONG)


class Loops(Plain):
    def misbehave(self) -> None:
        while True:
            pass


class HangsAtBirth(Plain):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        time.sleep(LONG)


class HangsAtStart(Plain):
    def on_negotiation_start(self, state: Any) -> None:
        time.sleep(LONG)


class Slow(Plain):
    """Each offer takes 50 ms."""

    def propose(self, state: Any, dest: str | None = None) -> Any:
        time.sleep(0.05)
        return super().propose(state, dest)


class Allocates(Plain):
    def misbehave(self) -> None:
        held = []
        while True:
            held.append(bytearray(32 * 2**20))


class Leaks(Plain):
    """Keeps 64 MB of each negotiation for ever."""

    held: ClassVar[list[bytearray]] = []

    def misbehave(self) -> None:
        if not getattr(self, "has_leaked", False):
            self.held.append(bytearray(64 * 2**20))
        self.has_leaked = True


class Exits(Plain):
    def misbehave(self) -> None:
        os._exit(7)


class KillsItself(Plain):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Crashes(Plain):
    """Reads where nothing is."""

    def misbehave(self) -> None:
        ctypes.string_at(0)


class LeavesAProcessBehind(Plain):
    """Forks a process that holds every descriptor open, then exits."""

    def misbehave(self) -> None:
        if os.fork() == 0:
            time.sleep(LONG)
            os._exit(0)
        os._exit(5)


class WritesNonsense(Plain):
    """Writes into every descriptor it has, the pipe to its parent too."""

    def misbehave(self) -> None:
        for number in range(3, 64):
            try:
                os.write(number, b"\x00\x00\x00\x08nonsense" * 3)
            except OSError:
                continue
        os._exit(0)


class Prints(Plain):
    """Tells its step on stdout, which is nobody's business."""

    def misbehave(self) -> None:
        print("step", self.nmi.state.step)  # noqa: T201


class PrintsAndExits(Plain):
    def misbehave(self) -> None:
        print("last words")  # noqa: T201
        os._exit(1)


class Speaks(Plain):
    """Has something to say with each offer and each answer."""

    def propose(self, state: Any, dest: str | None = None) -> Any:
        return ExtendedOutcome(
            outcome=super().propose(state, dest), data={"text": f"offer\0 at {state.step}"}
        )

    def respond(self, state: Any, source: str | None = None) -> Any:
        if state.step >= AT_STEP:
            return ExtendedResponseType(ResponseType.ACCEPT_OFFER, data={"text": "a deal \ud800"})
        return ExtendedResponseType(ResponseType.REJECT_OFFER, data={"text": "no" * 5000})


class SpeaksNonsense(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return ExtendedOutcome(outcome=super().propose(state, dest), data={"text": 17, "else": object()})


class Ends(Plain):
    def respond(self, state: Any, source: str | None = None) -> Any:
        return ResponseType.END_NEGOTIATION if state.step >= AT_STEP else ResponseType.REJECT_OFFER


class Leaves(Plain):
    def respond(self, state: Any, source: str | None = None) -> Any:
        return ResponseType.LEAVE if state.step >= AT_STEP else ResponseType.REJECT_OFFER


class Waits(Plain):
    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return SAOResponse(ResponseType.WAIT, None)


class OffersNothing(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return None


class OffersText(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return "all of it"


class OffersWhatIsNotThere(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return tuple("no such value" for _ in self.nmi.outcome_space.issues)


class OffersTooMuch(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return (*super().propose(state, dest), "and more")


class OffersANumber(Plain):
    def propose(self, state: Any, dest: str | None = None) -> Any:
        return 42


class AnswersText(Plain):
    def respond(self, state: Any, source: str | None = None) -> Any:
        return "yes"


class AnswersNothing(Plain):
    def respond(self, state: Any, source: str | None = None) -> Any:
        return None


class CallsNothing(Plain):
    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return None


class CallsText(Plain):
    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return "hello"


class AcceptsNothingAtAll(Plain):
    """Accepts before anything was offered."""

    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return SAOResponse(ResponseType.ACCEPT_OFFER, None)
