-- Moments are milliseconds since 1970, UTC.

-- One visitor's engagement. Changed under its row lock only, so that sequences have no gaps.
CREATE TABLE ingress_chat.conversation (
  tenant_id          text     NOT NULL,
  interaction_id     uuid     NOT NULL,
  entry_point        text     NOT NULL,
  flow               text     NOT NULL,
  visitor_id         uuid     NOT NULL,
  customer_name      text     NOT NULL,
  customer_email     text     NOT NULL,
  -- switchboard.chat.v1.ConversationState
  phase              smallint NOT NULL,
  queue              text     NOT NULL,
  agent_id           text     NOT NULL,
  agent_name         text     NOT NULL,
  offer_id           text     NOT NULL,
  -- switchboard.interaction.v1.EndReason, 0 while it goes on
  end_reason         smallint NOT NULL,
  -- Place in the flow; null once the flow is done with it.
  script             bytea,
  last_sequence      bigint   NOT NULL,
  customer_delivered bigint   NOT NULL,
  customer_seen      bigint   NOT NULL,
  agent_seen         bigint   NOT NULL,
  started_at         bigint   NOT NULL,
  ended_at           bigint,
  active_at          bigint   NOT NULL,
  online_until       bigint   NOT NULL,
  due_at             bigint,
  version            bigint   NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
) WITH (fillfactor = 80);

-- A visitor has one open conversation at an entry point: two tabs, or two devices, share it. (4 = ended)
CREATE UNIQUE INDEX conversation_open ON ingress_chat.conversation (tenant_id, visitor_id, entry_point) WHERE phase <> 4;
-- What the sweep looks for.
CREATE INDEX conversation_due ON ingress_chat.conversation (due_at) WHERE due_at IS NOT NULL;
SELECT chassis.chassis_protect('ingress_chat.conversation');

CREATE TABLE ingress_chat.message (
  tenant_id         text     NOT NULL,
  interaction_id    uuid     NOT NULL,
  sequence          bigint   NOT NULL,
  message_id        uuid     NOT NULL,
  -- switchboard.interaction.v1.Party
  author            smallint NOT NULL,
  author_id         text     NOT NULL,
  author_name       text     NOT NULL,
  text              text     NOT NULL,
  -- switchboard.interaction.v1.Message with nothing but attachments and options; null without both
  extra             bytea,
  sent_at           bigint   NOT NULL,
  client_message_id text     NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id, sequence)
);
-- The inbox of messages: the same id of the same side twice is one message.
CREATE UNIQUE INDEX message_client_id ON ingress_chat.message (tenant_id, interaction_id, author, client_message_id)
  WHERE client_message_id <> '';
SELECT chassis.chassis_protect('ingress_chat.message');

CREATE TABLE ingress_chat.attachment (
  tenant_id      text   NOT NULL,
  attachment_id  uuid   NOT NULL,
  interaction_id uuid   NOT NULL,
  file_name      text   NOT NULL,
  content_type   text   NOT NULL,
  size_bytes     bigint NOT NULL,
  content        bytea  NOT NULL,
  created_at     bigint NOT NULL,
  PRIMARY KEY (tenant_id, attachment_id)
);
-- Compressed files do not compress again.
ALTER TABLE ingress_chat.attachment ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX attachment_of ON ingress_chat.attachment (tenant_id, interaction_id);
SELECT chassis.chassis_protect('ingress_chat.attachment');
