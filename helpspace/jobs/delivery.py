"""Delivery of notices, by mail and chat, in order for each recipient (N5, N7)."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from helpspace.core import accounts, letters, notices
from helpspace.core.gateways import NotNow, Outcome, Outside, Refused
from helpspace.core.letters import Dropped, Told
from helpspace.core.notices import Channel, Errand
from helpspace.core.practice import Practice
from helpspace.jobs.parallel import drain
from helpspace.jobs.report import Report, counted

log = logging.getLogger(__name__)

WORKERS: dict[Channel, int] = {"email": 4, "telegram": 8}
"""How many messages are under way at once on each channel."""

REST = 30
"""Seconds after which notices have their turn that were not tried because a channel is away."""


def sweep(practice: Practice, outside: Outside, *, sender: str) -> Report:
    """Send every notice that is due, each channel by itself, so that none holds up another.

    A channel that is not set up leaves its notices in the queue.
    """
    channels: list[Channel] = []
    if outside.mail is not None:
        channels.append("email")
    if outside.chat is not None:
        channels.append("telegram")
    rounds = [_Round(practice, outside, channel, sender) for channel in channels]
    if len(rounds) < 2:
        for one in rounds:
            one.run()
    else:
        with ThreadPoolExecutor(len(rounds), thread_name_prefix="delivery") as pool:
            for running in [pool.submit(one.run_in_thread) for one in rounds]:
                running.result()
    sent = sum(one.sent for one in rounds)
    missing = [] if outside.mail is not None else ["mail is not set up"]
    troubles = [f"{one.channel}: {one.trouble}" for one in rounds if one.trouble]
    words = ", ".join([f"sent {counted(sent, 'notice')}", *missing, *troubles])
    return Report(sent, words, troubles[0] if troubles else None)


class _Round:
    """One pass over one channel."""

    def __init__(self, practice: Practice, outside: Outside, channel: Channel, sender: str) -> None:
        self.channel = channel
        self.sent = 0
        self.trouble: str | None = None
        self._practice = practice
        self._outside = outside
        self._sender = sender
        self._away: str | None = None
        self._count = threading.Lock()

    def run_in_thread(self) -> None:
        try:
            self.run()
        finally:
            self._practice.store.close()

    def run(self) -> None:
        drain(
            self._practice,
            self._claim,
            self._handle,
            workers=WORKERS[self.channel],
            stopping=self._outside.stopping.is_set,
            rest=self._rest,
        )

    def _claim(self) -> list[Errand]:
        if self._away is not None:
            return []
        limit = 2 * WORKERS[self.channel]
        return notices.claim(self._practice, self._sender, limit, channel=self.channel)

    def _handle(self, errand: Errand) -> None:
        if self._away is not None:
            notices.failed(self._practice, errand, self._away, wait=REST)
            return
        try:
            self._deliver(errand)
        except Exception as error:  # noqa: BLE001 - one bad notice must not stop the others
            code = f"fault:{type(error).__name__}"
            log.warning("notice %s was not sent: %s", errand.seq, code)
            self.trouble = code
            notices.failed(self._practice, errand, code)

    def _deliver(self, errand: Errand) -> None:
        told = letters.compose(self._practice, errand)
        if isinstance(told, Dropped):
            notices.dropped(self._practice, errand, told.reason)
            return
        outcome = self._send(told)
        if isinstance(outcome, Refused):
            self._refused(errand, outcome)
        elif isinstance(outcome, NotNow):
            self._not_now(errand, outcome)
        else:
            notices.sent(self._practice, errand)
            with self._count:
                self.sent += 1

    def _send(self, told: Told) -> Outcome:
        if self.channel == "telegram":
            return self._by_chat(told)
        return self._by_mail(told)

    def _by_chat(self, told: Told) -> Outcome:
        from helpspace.jobs import chat  # noqa: PLC0415 - each channel loads only its own

        if self._outside.chat is None:
            return NotNow("no_chat")
        words = chat.message(told)
        return self._outside.chat.send(int(told.to), words.text, words.buttons, silent=words.silent)

    def _by_mail(self, told: Told) -> Outcome:
        from helpspace.jobs import mail  # noqa: PLC0415 - only mails need it
        from helpspace.jobs.letters import letter  # noqa: PLC0415 - only mails need it

        sender = self._practice.settings.mail_from
        if self._outside.mail is None or sender is None:
            return NotNow("no_sender", wait=REST, down=True)
        try:
            message = mail.envelope(letter(told), told, sender)
        except mail.BadAddress:
            return Refused("bad_address")
        except mail.BadSender:
            return NotNow("bad_sender", wait=REST, down=True)
        return self._outside.mail.send(message)

    def _refused(self, errand: Errand, outcome: Refused) -> None:
        if outcome.blocked:
            accounts.chat_blocked(self._practice, errand.person_id, blocked=True)
        notices.failed(self._practice, errand, outcome.code, for_good=True)

    def _not_now(self, errand: Errand, outcome: NotNow) -> None:
        self.trouble = outcome.code
        if outcome.down:
            self._away = outcome.code
        notices.failed(self._practice, errand, outcome.code, wait=outcome.wait)

    def _rest(self) -> None:
        """Let go of the mail connection of this thread."""
        if self.channel == "email" and self._outside.mail is not None:
            self._outside.mail.rest()
