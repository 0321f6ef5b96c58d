"""What mails say. Each template is a subject, a text, and the same text as HTML, where every value is escaped.

A value whose name ends in ``link`` must be an http(s) address; it becomes a button in HTML. A value is text of one
line: line ends and control characters are taken out, so that no value can write a header or a line of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Final

from vestry.core.errors import Invalid

VALUE_CHARACTERS_MAX = 2_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LINK = re.compile(r"https?://[^\s<>\"']+")


class UnknownTemplate(Invalid):
    """There is no mail of that name."""


class WrongValues(Invalid):
    """A mail was given other values than its template names."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message's words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A mail's subject and paragraphs; ``$name`` stands for a value. A paragraph ``$link`` alone is a button."""

    subject: str
    paragraphs: tuple[str, ...]

    def names(self) -> set[str]:
        """The values it needs."""
        return {name for part in (self.subject, *self.paragraphs) for name in Template(part).get_identifiers()}


_NOT_YOU = "If you did not expect this, you need not do anything."
TEMPLATES: Final[dict[str, MailTemplate]] = {
    "invitation": MailTemplate(
        "$inviter invites you to $firm",
        (
            "Hello,",
            "$inviter has invited you to work with $firm on Vestry.",
            "$link",
            "The link works once, until $valid_until.",
            _NOT_YOU,
        ),
    ),
    "password_reset": MailTemplate(
        "Set a new password",
        (
            "Hello $name,",
            "somebody asked for a new password for this address.",
            "$link",
            "The link works once, until $valid_until.",
            f"{_NOT_YOU} Your password stays as it is.",
        ),
    ),
    "sign_in_link": MailTemplate(
        "Your sign-in link",
        ("Hello $name,", "this link signs you in.", "$link", "It works once, until $valid_until.", _NOT_YOU),
    ),
    "security_notice": MailTemplate(
        "$what",
        (
            "Hello $name,",
            "$what, on $when, from $where.",
            "If that was not you, tell an administrator of $firm at once.",
        ),
    ),
    "import_finished": MailTemplate(
        "$filename is recorded",
        ("Hello $name,", "$filename is recorded: $rows rows.", "$link"),
    ),
    "job_failed": MailTemplate(
        "$title needs you",
        ("Hello $name,", "$title failed $tries times and was given up: $reason", "$link"),
    ),
    "alerts": MailTemplate(
        "$opened new alerts at $firm",
        (
            "Hello $name,",
            "$opened alerts were opened since yesterday; $count are open: $severities.",
            "$newest",
            "$link",
        ),
    ),
    "data_request": MailTemplate(
        "$firm asks for the figures of $company, $period",
        (
            "Hello,",
            "$firm asks you for: $request, $period. It takes about three minutes and needs no account.",
            "$link",
            "Please send it by $due. You can stop and go on later, and pass the link on to a colleague.",
        ),
    ),
    "data_request_reminder": MailTemplate(
        "Reminder: the figures of $company, $period, are due on $due",
        (
            "Hello,",
            "$firm still waits for: $request, $period, due on $due. What you typed before is kept.",
            "$link",
            "If it was sent in the meantime, there is nothing to do.",
        ),
    ),
    "data_request_returned": MailTemplate(
        "$firm has a question about the figures of $company, $period",
        (
            "Hello,",
            "thank you for $request, $period. Please look again at this: $reasons",
            "$link",
            "Only what is named is asked for again, by $due if you can.",
        ),
    ),
    "data_request_received": MailTemplate(
        "Received: the figures of $company, $period",
        (
            "Hello,",
            "$firm has received $count figures of $company for $period. Your receipt is $receipt.",
            "You need not do anything more. If a figure has to be corrected, you will get another mail.",
        ),
    ),
    "test": MailTemplate("A test from Vestry", ("This message says that mail works.",)),
}


def check(template: str, values: Mapping[str, str]) -> None:
    """Refuse an unknown template, values it does not name, and links that are none."""
    if template not in TEMPLATES:
        raise UnknownTemplate(f"There is no mail {template!r}.", mend=f"One of: {', '.join(sorted(TEMPLATES))}.")
    wanted = TEMPLATES[template].names()
    if wanted != set(values):
        raise WrongValues(f"The mail {template!r} needs {', '.join(sorted(wanted)) or 'no values'}.")
    for name, value in values.items():
        if not isinstance(value, str) or len(value) > VALUE_CHARACTERS_MAX:
            raise WrongValues(f"{name} is not a text of at most {VALUE_CHARACTERS_MAX:,} characters.")
        if name.endswith("link") and not _LINK.fullmatch(value):
            raise WrongValues(f"{name} is not an http(s) address.")


def write(template: str, values: Mapping[str, str]) -> Written:
    """The words of a message."""
    check(template, values)
    chosen = TEMPLATES[template]
    plain = {name: _CONTROL.sub(" ", value).strip() for name, value in values.items()}
    safe = {name: html.escape(value) for name, value in plain.items()}
    blocks = "\n".join(_block(part, safe) for part in chosen.paragraphs)
    return Written(
        Template(chosen.subject).substitute(plain),
        "\n\n".join(Template(part).substitute(plain) for part in chosen.paragraphs) + "\n",
        _PAGE.substitute(blocks=blocks),
    )


def _block(part: str, safe: Mapping[str, str]) -> str:
    if part.startswith("$") and part.endswith("link") and part[1:].isidentifier():
        address = safe[part[1:]]
        return f'<p><a href="{address}" style="{_BUTTON}">Open Vestry</a></p>\n<p style="{_SMALL}">{address}</p>'
    return f"<p>{Template(html.escape(part, quote=False)).substitute(safe)}</p>"


_BUTTON = (
    "background:#0b5; color:#fff; padding:10px 18px; border-radius:6px; text-decoration:none; display:inline-block"
)
_SMALL = "color:#666; font-size:12px; word-break:break-all"
_PAGE = Template(
    '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Vestry</title>\n'
    '<body style="font-family:system-ui,sans-serif; font-size:15px; line-height:1.5; color:#222; max-width:560px">\n'
    "$blocks\n</body></html>\n"
)
