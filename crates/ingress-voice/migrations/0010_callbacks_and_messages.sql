-- A call-back is held by one instance from the moment its agent is rung. While its customer is not on the line, its death
-- is not the end of the interaction, but of an attempt.
ALTER TABLE ingress_voice.live_calls ADD COLUMN calling_back boolean NOT NULL DEFAULT false;

-- A message that a customer left, rather than a conversation.
ALTER TABLE ingress_voice.recordings ADD COLUMN voicemail boolean NOT NULL DEFAULT false;
CREATE INDEX recordings_voicemail ON ingress_voice.recordings (tenant_id, recording_id) WHERE voicemail;
