-- Earlier states of the fold, one now and then: a replay of last week begins from one of these.
CREATE TABLE router.history (
  partition smallint NOT NULL,
  -- Position in the log up to which `state` and `outbox` account for everything.
  sequence  bigint NOT NULL,
  -- The log's time at that position, milliseconds since 1970.
  at        bigint NOT NULL,
  state     bytea NOT NULL,
  outbox    bytea NOT NULL,
  PRIMARY KEY (partition, sequence)
);
-- A replay asks for the last one before a moment, the writer whether there is a young one.
CREATE INDEX history_at ON router.history (partition, at);
