-- Whether the user chose last to browse by country rather than by service.

ALTER TABLE users ADD COLUMN by_country INTEGER NOT NULL DEFAULT 0;
