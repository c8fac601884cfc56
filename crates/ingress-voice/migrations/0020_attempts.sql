-- Which attempt of a call-back it is (the offer), what came of it once it is over, and why: kept until the router has heard it.
-- 0: it goes on; else the number of the outcome (switchboard.router.v1.CallbackOutcome).
ALTER TABLE ingress_voice.live_calls ADD COLUMN attempt text NOT NULL DEFAULT '';
ALTER TABLE ingress_voice.live_calls ADD COLUMN outcome integer NOT NULL DEFAULT 0;
ALTER TABLE ingress_voice.live_calls ADD COLUMN outcome_detail text NOT NULL DEFAULT '';
CREATE INDEX live_calls_attempts ON ingress_voice.live_calls (started_at) WHERE calling_back;
