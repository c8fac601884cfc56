-- A phone that registered over TLS is rung over its connection alone.
ALTER TABLE ingress_voice.registrations ADD COLUMN tls boolean NOT NULL DEFAULT false;
