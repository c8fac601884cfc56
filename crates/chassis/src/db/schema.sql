-- What every service's schema has, made by its owner. Runs at every start.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE "{role}" NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS chassis;
CREATE SCHEMA IF NOT EXISTS {schema};
SET search_path = {schema}, chassis, public;
GRANT "{role}" TO CURRENT_USER;

-- Fences a table by its tenant_id: a transaction sees and writes the tenant it was begun for, or with '*' all of them.
CREATE OR REPLACE FUNCTION chassis.chassis_protect(fenced regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', fenced);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', fenced);
  EXECUTE format('DROP POLICY IF EXISTS tenant ON %s', fenced);
  EXECUTE format('CREATE POLICY tenant ON %s USING (tenant_id = current_setting(''switchboard.tenant'', true)
    OR current_setting(''switchboard.tenant'', true) = ''*'')', fenced);
END $$;

-- Facts on their way to the bus, in the order of seq; a row lives until the bus has it.
CREATE TABLE IF NOT EXISTS {schema}.outbox (
  seq            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard          smallint NOT NULL DEFAULT 0,
  message_id     text NOT NULL UNIQUE,
  interaction_id text NOT NULL,
  subject        text NOT NULL,
  envelope       bytea NOT NULL
);

-- What a consumer or command has seen, so that it happens once.
CREATE TABLE IF NOT EXISTS {schema}.inbox (
  consumer   text NOT NULL,
  message_id text NOT NULL,
  seen_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, message_id)
);
CREATE INDEX IF NOT EXISTS inbox_seen_at ON {schema}.inbox USING brin (seen_at);

-- How far each consumer has read the stream, moved in the transaction that handles what was read.
CREATE TABLE IF NOT EXISTS {schema}.consumer_position (
  consumer text PRIMARY KEY,
  sequence bigint NOT NULL
);
