-- The time zone that the user chose (IANA name); empty means that it is guessed from the language.
ALTER TABLE users ADD COLUMN time_zone TEXT;

-- The start of the day of the daily limit at the last change of the time zone (UTC seconds): this day goes on for
-- 24 hours at least, so that no change gives a second limit. Before this migration, days began at midnight UTC.
ALTER TABLE users ADD COLUMN day_from INTEGER;
UPDATE users SET day_from = CAST(strftime('%s', 'now', 'start of day') AS INTEGER);
