-- A store of schema 1 as it was written: every block in the database, no segments, no records.
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE block (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL, length INTEGER NOT NULL, bytes BLOB
);
CREATE UNIQUE INDEX block_hash ON block (hash);
CREATE TABLE head (writer BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
-- SHA-256 of "first block" and of "second block".
INSERT INTO block (hash, length, bytes) VALUES
  (x'2af7909ca08f18facc556624b02e1a5c683bb0f557137b1ef7e0028fc457715c', 11, x'666972737420626c6f636b'),
  (x'd387a3f3e5c0aebd3847c2dde0a248ddb1fa8f04fe6ff99e9ce7e60fdbcd9c3f', 12, x'7365636f6e6420626c6f636b');
INSERT INTO head VALUES (x'01010101010101010101010101010101', x'0a0b');
INSERT INTO setting VALUES ('window', x'07');
PRAGMA application_id = 1229996915;
PRAGMA user_version = 1;
