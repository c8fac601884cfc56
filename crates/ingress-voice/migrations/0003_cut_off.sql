-- Whose call it is, so that a customer whose call dies with its process is recognised when they call back.
ALTER TABLE ingress_voice.live_calls ADD COLUMN phone text NOT NULL DEFAULT '';

-- Customers whose calls died with a process, until they are served or it is too long ago.
CREATE TABLE ingress_voice.cut_off (
  tenant_id      text NOT NULL,
  -- E.164 with "+".
  phone          text NOT NULL,
  -- The call that died, and when it had begun: since then the customer waits.
  interaction_id text NOT NULL,
  since          timestamptz NOT NULL,
  cut_off_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, phone)
);
CREATE INDEX cut_off_at ON ingress_voice.cut_off (cut_off_at);
SELECT chassis.chassis_protect('ingress_voice.cut_off');
