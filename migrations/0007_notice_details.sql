-- Details of a notice, as JSON.

ALTER TABLE notices ADD COLUMN details TEXT;
