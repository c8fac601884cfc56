-- Customers, their cases, and the history of every interaction.
-- Moments are milliseconds since 1970, UTC; spans are milliseconds. Enumerations are the numbers of the protos.

CREATE TABLE crm.customer (
  tenant_id     text NOT NULL,
  customer_id   text NOT NULL,
  name          text NOT NULL,
  first_seen_at bigint NOT NULL,
  last_seen_at  bigint NOT NULL,
  interactions  integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, customer_id)
);
SELECT chassis_protect('crm.customer');

-- How customers are recognised: one identity names one customer.
CREATE TABLE crm.identity (
  tenant_id   text NOT NULL,
  kind        smallint NOT NULL,
  value       text NOT NULL,
  customer_id text NOT NULL,
  PRIMARY KEY (tenant_id, kind, value)
);
CREATE INDEX identity_customer ON crm.identity (tenant_id, customer_id);
SELECT chassis_protect('crm.identity');

-- What customers are found under, compared by prefix in byte order: such comparisons are leak-proof, so that the
-- index serves them under row-level security; those of pg_trgm and ILIKE are not.
CREATE TABLE crm.search_word (
  tenant_id   text NOT NULL,
  word        text COLLATE "C" NOT NULL,
  customer_id text NOT NULL,
  PRIMARY KEY (tenant_id, word, customer_id)
);
CREATE INDEX search_word_customer ON crm.search_word (tenant_id, customer_id);
SELECT chassis_protect('crm.search_word');

CREATE TABLE crm.support_case (
  tenant_id        text NOT NULL,
  case_id          text NOT NULL,
  number           bigint NOT NULL,
  customer_id      text NOT NULL,
  state            smallint NOT NULL,
  opened_at        bigint NOT NULL,
  last_activity_at bigint NOT NULL,
  resolved_at      bigint,
  PRIMARY KEY (tenant_id, case_id),
  UNIQUE (tenant_id, number)
);
CREATE INDEX support_case_customer ON crm.support_case (tenant_id, customer_id, opened_at DESC);
SELECT chassis_protect('crm.support_case');

CREATE TABLE crm.case_counter (
  tenant_id   text PRIMARY KEY,
  last_number bigint NOT NULL
);
SELECT chassis_protect('crm.case_counter');

CREATE TABLE crm.interaction (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  channel        smallint NOT NULL,
  direction      smallint NOT NULL,
  entry_point    text NOT NULL,
  instance       text NOT NULL,
  queue          text NOT NULL,
  agent_id       text NOT NULL,
  customer_id    text NOT NULL,
  case_id        text NOT NULL,
  state          smallint NOT NULL,
  end_reason     smallint NOT NULL,
  disposition    text NOT NULL,
  note           text NOT NULL,
  started_at     bigint NOT NULL,
  queued_at      bigint,
  answered_at    bigint,
  ended_at       bigint,
  closed_at      bigint,
  wait_ms        bigint,
  talk_ms        bigint,
  wrap_up_ms     bigint,
  -- The facts it is made of: core::history.
  history        jsonb NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
);
-- One index for each filter of the list, newest first.
CREATE INDEX interaction_started ON crm.interaction (tenant_id, started_at DESC, interaction_id DESC);
CREATE INDEX interaction_customer ON crm.interaction (tenant_id, customer_id, started_at DESC, interaction_id DESC);
CREATE INDEX interaction_agent ON crm.interaction (tenant_id, agent_id, started_at DESC, interaction_id DESC);
CREATE INDEX interaction_queue ON crm.interaction (tenant_id, queue, started_at DESC, interaction_id DESC);
CREATE INDEX interaction_channel ON crm.interaction (tenant_id, channel, started_at DESC, interaction_id DESC);
CREATE INDEX interaction_open ON crm.interaction (tenant_id, started_at DESC, interaction_id DESC) WHERE state < 7;
SELECT chassis_protect('crm.interaction');

CREATE TABLE crm.message (
  tenant_id         text NOT NULL,
  interaction_id    text NOT NULL,
  sequence          bigint NOT NULL,
  message_id        text NOT NULL,
  author            smallint NOT NULL,
  author_id         text NOT NULL,
  author_name       text NOT NULL,
  text              text NOT NULL,
  -- Arrays, null when there are none.
  attachments       jsonb,
  options           jsonb,
  sent_at           bigint NOT NULL,
  client_message_id text NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id, sequence)
);
SELECT chassis_protect('crm.message');

CREATE TABLE crm.timeline (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  -- Of the event, so that it is told once.
  message_id     text NOT NULL,
  -- Position in the stream.
  sequence       bigint NOT NULL,
  at             bigint NOT NULL,
  kind           text NOT NULL,
  line           text NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id, message_id)
);
SELECT chassis_protect('crm.timeline');

CREATE TABLE crm.note (
  tenant_id      text NOT NULL,
  note_id        text NOT NULL,
  customer_id    text NOT NULL,
  interaction_id text NOT NULL,
  author_id      text NOT NULL,
  text           text NOT NULL,
  written_at     bigint NOT NULL,
  -- What the caller named the request, so that it is written once; null when it was not named.
  request_id     text,
  PRIMARY KEY (tenant_id, note_id),
  UNIQUE (tenant_id, request_id)
);
CREATE INDEX note_customer ON crm.note (tenant_id, customer_id, written_at DESC);
SELECT chassis_protect('crm.note');

-- What people call agents and queues, for the lines of a timeline.
CREATE TABLE crm.display_name (
  tenant_id text NOT NULL,
  kind      text NOT NULL,
  key       text NOT NULL,
  name      text NOT NULL,
  stored_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, kind, key)
);
SELECT chassis_protect('crm.display_name');
