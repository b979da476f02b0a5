-- Rename tables and columns to the names in the code: quotes, alerts, unreachable users, scheduled steps.

ALTER TABLE pages RENAME TO quotes;
DROP INDEX pages_by_age;
CREATE INDEX quotes_by_age ON quotes (drawn_at);

ALTER TABLE watches RENAME TO alerts;
ALTER TABLE alerts RENAME COLUMN rang_at TO notified_at;
DROP INDEX watches_by_end;
CREATE INDEX alerts_by_end ON alerts (ends_at);

UPDATE notices SET kind = 'alert',
    details = json_set(json_remove(details, '$.watch'), '$.alert_id', json_extract(details, '$.watch'))
    WHERE kind = 'watch';

ALTER TABLE users RENAME COLUMN parked TO unreachable;
ALTER TABLE activations RENAME COLUMN cancel_wanted TO cancel_scheduled;
ALTER TABLE activations RENAME COLUMN complete_wanted TO complete_scheduled;
ALTER TABLE preferences RENAME COLUMN low_balance_told TO low_balance_notified;
