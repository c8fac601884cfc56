-- The router decides from its log alone; what stands here makes starts short and explanations long.

-- The fold of each partition of the log, as of one position. Written together, by whichever replica comes first.
CREATE TABLE router.snapshot (
  partition smallint PRIMARY KEY,
  -- Position in the log up to which `state` and `outbox` account for everything.
  sequence  bigint NOT NULL,
  -- Versioned bytes of the core's state.
  state     bytea NOT NULL,
  -- Outputs that the log did not hold at that position.
  outbox    bytea NOT NULL
);

-- Up to where all snapshots account for the log: a start reads on from here.
CREATE TABLE router.position (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL
);

-- Every offer with the decision behind it, for explanations.
CREATE TABLE router.offer (
  tenant_id      text NOT NULL,
  offer_id       text NOT NULL,
  interaction_id text NOT NULL,
  agent_id       text NOT NULL,
  made_at        bigint NOT NULL,
  -- Protobuf of switchboard.router.v1.Decision.
  decision       bytea NOT NULL,
  -- switchboard.router.v1.OfferOutcome, 0 while it rings.
  outcome        integer NOT NULL DEFAULT 0,
  ended_at       bigint,
  PRIMARY KEY (tenant_id, offer_id)
);
-- Explain asks by interaction.
CREATE INDEX offer_interaction ON router.offer (tenant_id, interaction_id, made_at);
-- Old ones are deleted by time.
CREATE INDEX offer_made_at ON router.offer USING brin (made_at);
SELECT chassis_protect('router.offer');
