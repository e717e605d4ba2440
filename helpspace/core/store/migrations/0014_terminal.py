"""What therapists set about their terminal and their days has columns; it was kept as facts."""

from typing import Any

from helpspace.core.store.dialect import run_script
from helpspace.core.store.tables import Therapist

SCRIPT = """
CREATE TABLE terminal (
    therapist_id TEXT PRIMARY KEY REFERENCES therapist (id),
    theme TEXT,
    view TEXT NOT NULL CONSTRAINT terminal_view CHECK (view IN ('day', 'week', 'month', 'agenda')),
    opens TEXT NOT NULL CONSTRAINT terminal_opens
        CHECK (opens IN ('last', 'day', 'week', 'month', 'agenda', 'today')),
    blurs {int} NOT NULL CONSTRAINT terminal_blurs CHECK (blurs IN (0, 1)),
    keys TEXT NOT NULL,
    toured_at {int},
    lock_sealed {blob},
    lock_minutes {int} CONSTRAINT terminal_lock_minutes
        CHECK (lock_minutes >= 1 AND lock_minutes <= 240),
    lock_misses {int} NOT NULL,
    lock_until {int},
    CONSTRAINT terminal_lock CHECK ((lock_sealed IS NULL) = (lock_minutes IS NULL))
) {strict};
INSERT INTO terminal (therapist_id, theme, view, opens, blurs, keys, lock_misses)
    SELECT id, theme, COALESCE((SELECT value FROM store_fact WHERE key = 'view:' || id), 'week'),
        'last', 0, '{}', 0
    FROM therapist
    WHERE theme IS NOT NULL OR EXISTS (SELECT 1 FROM store_fact WHERE key = 'view:' || id);
DELETE FROM store_fact WHERE substr(key, 1, 5) = 'view:';
ALTER TABLE therapist DROP COLUMN theme;

ALTER TABLE therapist ADD COLUMN day_cap {int}
    CONSTRAINT therapist_day_cap CHECK (day_cap >= 1 AND day_cap <= 24);
ALTER TABLE therapist ADD COLUMN rest_minutes {int} NOT NULL DEFAULT 0
    CONSTRAINT therapist_rest_minutes CHECK (rest_minutes >= 0 AND rest_minutes <= 240);
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the table and the columns, with what was kept as facts."""
    run_script(db, SCRIPT)
    limits = "SELECT key, value FROM store_fact WHERE substr(key, 1, 11) = 'boundaries:'"
    for key, value in db.execute_sql(limits).fetchall():
        cap, rest = (int(number) for number in value.split(","))
        (
            Therapist.update(day_cap=cap or None, rest_minutes=rest)
            .where(Therapist.id == key.partition(":")[2])
            .execute(db)
        )
    db.execute_sql("DELETE FROM store_fact WHERE substr(key, 1, 11) = 'boundaries:'")
