-- When interactions were closed, for explanations of those that nobody was offered.
CREATE TABLE router.closing (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  queue          text NOT NULL,
  -- Empty: nobody answered.
  agent_id       text NOT NULL,
  -- Milliseconds since 1970.
  ended_at       bigint NOT NULL,
  closed_at      bigint NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
);
-- Old ones are deleted by time.
CREATE INDEX closing_closed_at ON router.closing USING brin (closed_at);
SELECT chassis_protect('router.closing');
