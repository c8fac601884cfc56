-- The facts figures are made of. Live figures are rebuilt from these rows; reports read them.
-- Moments are milliseconds since 1970, UTC; spans are milliseconds. Enumerations are the numbers of the protos.

-- Every change of a row takes the next number, so that a reader asks only for what changed since. A tenant's facts
-- are written by one consumer at a time: its rows become visible in the order of their numbers.
CREATE SEQUENCE analytics.revision;

CREATE TABLE analytics.interaction (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  channel        smallint NOT NULL,
  entry_point    text NOT NULL,
  queue          text NOT NULL,
  agent_id       text NOT NULL,
  disposition    text NOT NULL,
  end_reason     smallint NOT NULL,
  started_at     bigint,
  queued_at      bigint,
  answered_at    bigint,
  ended_at       bigint,
  closed_at      bigint,
  talk_ms        bigint,
  wrap_up_ms     bigint,
  -- Somebody waits or works.
  open           boolean NOT NULL,
  -- When something last happened.
  active_at      bigint NOT NULL,
  -- The facts it is made of: core::journey.
  journey        jsonb NOT NULL,
  revision       bigint NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
);
CREATE INDEX interaction_revision ON analytics.interaction (tenant_id, revision);
CREATE INDEX interaction_active ON analytics.interaction (tenant_id, active_at);
CREATE INDEX interaction_open ON analytics.interaction (tenant_id) WHERE open;
CREATE INDEX interaction_queue_day ON analytics.interaction (tenant_id, queue, queued_at);
CREATE INDEX interaction_agent_day ON analytics.interaction (tenant_id, agent_id, closed_at);
SELECT chassis_protect('analytics.interaction');

-- How each agent stands, and what is configured of them. stored_at: when the bus took the newest fact of the kind.
CREATE TABLE analytics.agent (
  tenant_id     text NOT NULL,
  agent_id      text NOT NULL,
  name          text NOT NULL DEFAULT '',
  profile       text NOT NULL DEFAULT '',
  removed       boolean NOT NULL DEFAULT false,
  configured_at bigint NOT NULL DEFAULT 0,
  status        smallint NOT NULL DEFAULT 0,
  aux_code      text NOT NULL DEFAULT '',
  state         smallint NOT NULL DEFAULT 0,
  since         bigint,
  -- Array of [channel, used, slots].
  loads         jsonb NOT NULL DEFAULT '[]',
  changed_at    bigint NOT NULL DEFAULT 0,
  revision      bigint NOT NULL,
  PRIMARY KEY (tenant_id, agent_id)
);
CREATE INDEX agent_revision ON analytics.agent (tenant_id, revision);
SELECT chassis_protect('analytics.agent');

-- Every state an agent was in, from `since` until the next row.
CREATE TABLE analytics.agent_state (
  tenant_id text NOT NULL,
  agent_id  text NOT NULL,
  since     bigint NOT NULL,
  -- Position in the stream.
  sequence  bigint NOT NULL,
  status    smallint NOT NULL,
  aux_code  text NOT NULL,
  state     smallint NOT NULL,
  PRIMARY KEY (tenant_id, agent_id, since, sequence)
);
SELECT chassis_protect('analytics.agent_state');

CREATE TABLE analytics.queue (
  tenant_id     text NOT NULL,
  queue         text NOT NULL,
  name          text NOT NULL,
  within_ms     bigint NOT NULL,
  removed       boolean NOT NULL,
  configured_at bigint NOT NULL,
  revision      bigint NOT NULL,
  PRIMARY KEY (tenant_id, queue)
);
CREATE INDEX queue_revision ON analytics.queue (tenant_id, revision);
SELECT chassis_protect('analytics.queue');

-- The queues that agents of a routing profile serve.
CREATE TABLE analytics.profile (
  tenant_id     text NOT NULL,
  profile       text NOT NULL,
  queues        text[] NOT NULL,
  configured_at bigint NOT NULL,
  revision      bigint NOT NULL,
  PRIMARY KEY (tenant_id, profile)
);
CREATE INDEX profile_revision ON analytics.profile (tenant_id, revision);
SELECT chassis_protect('analytics.profile');
