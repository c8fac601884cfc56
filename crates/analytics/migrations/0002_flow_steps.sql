-- What customers did in flows, step by step: made of FlowStepTaken.

CREATE TABLE analytics.flow_step (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  -- Position in the stream: the order in which things happened, and what makes a repetition known.
  sequence       bigint NOT NULL,
  at             bigint NOT NULL,
  flow           text NOT NULL,
  step           text NOT NULL,
  outcome        text NOT NULL,
  -- What was pressed by mistake; nothing else that a customer enters is kept.
  wrong_key      text NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id, sequence)
);
-- Reports read a span of time.
CREATE INDEX flow_step_at ON analytics.flow_step (tenant_id, at);
SELECT chassis_protect('analytics.flow_step');
