"""What every worker process has loaded when it is born."""

import cryptography.hazmat.primitives.ciphers.aead
import email_validator
import playhouse.migrations
import psycopg

import helpspace.core.booking
import helpspace.core.holds
import helpspace.core.inbox
import helpspace.core.payments.settle
import helpspace.core.reminders
import helpspace.core.store.init
import tests.core.fake_stripe
import tests.makers

__all__ = ["cryptography", "email_validator", "helpspace", "playhouse", "psycopg", "tests"]
