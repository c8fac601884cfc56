-- Which lives hold calls, and the calls of one that is over.
CREATE INDEX live_calls_lives ON ingress_voice.live_calls (instance, life, started_at) WHERE NOT calling_back;
