-- Phones that agents can be rung on. They survive a restart, so that nobody has to register again.
CREATE TABLE ingress_voice.registrations (
  tenant_id  text NOT NULL,
  agent_id   text NOT NULL,
  -- SIP URI of the device.
  contact    text NOT NULL,
  -- "192.0.2.1:5062": where its packets come from, and so where ours go.
  source     text NOT NULL,
  tcp        boolean NOT NULL,
  user_agent text NOT NULL,
  -- A request that is older than the last one of its device is ignored (RFC 3261 section 10.3).
  call_id    text NOT NULL,
  cseq       bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agent_id, contact)
);
CREATE INDEX registrations_expires_at ON ingress_voice.registrations (expires_at);
SELECT chassis.chassis_protect('ingress_voice.registrations');

-- Calls that have begun and not ended, made from their own events: what a dead process leaves behind.
CREATE TABLE ingress_voice.live_calls (
  tenant_id      text NOT NULL,
  interaction_id text NOT NULL,
  -- Process that holds the line, and which life of it.
  instance       text NOT NULL,
  life           text NOT NULL,
  started_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, interaction_id)
);
CREATE INDEX live_calls_instance ON ingress_voice.live_calls (instance, life);
SELECT chassis.chassis_protect('ingress_voice.live_calls');
