-- Recorded prompts: a key and a language name a recording, a recording is its bytes.

-- `audio` is the SHA-256 of `wav`, hexadecimal: a recording never changes.
CREATE TABLE ivr.recording (
  tenant_id text NOT NULL,
  audio     text NOT NULL,
  wav       bytea NOT NULL,
  length_ms bigint NOT NULL,
  PRIMARY KEY (tenant_id, audio)
);
-- Sound hardly gets smaller by compression.
ALTER TABLE ivr.recording ALTER COLUMN wav SET STORAGE EXTERNAL;
SELECT chassis_protect('ivr.recording');

CREATE TABLE ivr.prompt (
  tenant_id text NOT NULL,
  key       text NOT NULL,
  language  text NOT NULL,
  audio     text NOT NULL,
  PRIMARY KEY (tenant_id, key, language),
  FOREIGN KEY (tenant_id, audio) REFERENCES ivr.recording
);
-- For the deletion of a recording that nothing names any more.
CREATE INDEX prompt_audio ON ivr.prompt (tenant_id, audio);
SELECT chassis_protect('ivr.prompt');
