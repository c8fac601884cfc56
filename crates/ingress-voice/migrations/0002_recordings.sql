-- Recordings of calls; the sound is in files, encrypted.
CREATE TABLE ingress_voice.recordings (
  tenant_id      text NOT NULL,
  recording_id   text NOT NULL,
  interaction_id text NOT NULL,
  agent_id       text NOT NULL,
  queue          text NOT NULL,
  -- Below the recordings folder.
  path           text NOT NULL,
  -- Process that writes it.
  instance       text NOT NULL,
  started_at     timestamptz NOT NULL,
  -- Absent while it is written, and after a death of the process.
  length_ms      bigint,
  kept_until     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, recording_id)
);
CREATE INDEX recordings_interaction ON ingress_voice.recordings (tenant_id, interaction_id);
CREATE INDEX recordings_kept_until ON ingress_voice.recordings (kept_until);
SELECT chassis.chassis_protect('ingress_voice.recordings');

-- Agents who took a recorded call: they may hear it.
CREATE TABLE ingress_voice.recorded_agents (
  tenant_id    text NOT NULL,
  recording_id text NOT NULL,
  agent_id     text NOT NULL,
  PRIMARY KEY (tenant_id, recording_id, agent_id)
);
SELECT chassis.chassis_protect('ingress_voice.recorded_agents');

-- Who looked at a recording or listened to it. Outlives the recording.
CREATE TABLE ingress_voice.recording_accesses (
  tenant_id    text NOT NULL,
  access_id    bigint GENERATED ALWAYS AS IDENTITY,
  recording_id text NOT NULL,
  user_id      text NOT NULL,
  what         text NOT NULL,
  at           timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, access_id)
);
CREATE INDEX recording_accesses_recording ON ingress_voice.recording_accesses (tenant_id, recording_id, access_id);
SELECT chassis.chassis_protect('ingress_voice.recording_accesses');
