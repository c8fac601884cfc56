-- Calls that wait for somebody to take them: made from the calls' own events, gone with the call.
ALTER TABLE ingress_voice.live_calls ADD COLUMN parked_at timestamptz;
ALTER TABLE ingress_voice.live_calls ADD COLUMN parked_by text NOT NULL DEFAULT '';
ALTER TABLE ingress_voice.live_calls ADD COLUMN parked_label text NOT NULL DEFAULT '';
ALTER TABLE ingress_voice.live_calls ADD COLUMN parked_queue text NOT NULL DEFAULT '';
CREATE INDEX live_calls_parked ON ingress_voice.live_calls (tenant_id, parked_at) WHERE parked_at IS NOT NULL;
