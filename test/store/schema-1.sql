-- A store of schema 1 as it was written: every block in the database, no segments, no records.
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE block (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL, length INTEGER NOT NULL, bytes BLOB
);
CREATE UNIQUE INDEX block_hash ON block (hash);
CREATE TABLE head (
  space BLOB NOT NULL, writer BLOB NOT NULL, seq INTEGER NOT NULL,
  hash BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (space, writer, seq)
) WITHOUT ROWID;
CREATE INDEX head_hash ON head (hash);
CREATE TABLE setting (
  space BLOB NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, name)
) WITHOUT ROWID;
-- SHA-256 of "first block" and of "second block".
INSERT INTO block (hash, length, bytes) VALUES
  (x'2af7909ca08f18facc556624b02e1a5c683bb0f557137b1ef7e0028fc457715c', 11, x'666972737420626c6f636b'),
  (x'd387a3f3e5c0aebd3847c2dde0a248ddb1fa8f04fe6ff99e9ce7e60fdbcd9c3f', 12, x'7365636f6e6420626c6f636b');
-- Of the space 07…07 the third head of the writer 01…01, and its hash.
INSERT INTO head VALUES (
  x'0707070707070707070707070707070707070707070707070707070707070707',
  x'01010101010101010101010101010101', 3,
  x'bea0b72e71bfe7f15a88c25305bf96a9681e34d3aabe0c9a1b7093cb32d8ff05', x'0a0b'
);
INSERT INTO setting VALUES (x'', 'window', x'07');
PRAGMA application_id = 1229996883;
PRAGMA user_version = 1;
