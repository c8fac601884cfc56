-- What was changed in a tenant, by whom and when: one row a line of a diff, never a secret.
CREATE TABLE directory.change (
  seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id text NOT NULL REFERENCES directory.tenant,
  -- Milliseconds since 1970.
  at        bigint NOT NULL,
  -- Key of the user, or name of the service.
  actor     text NOT NULL,
  -- Protobuf of switchboard.directory.v1.Change.
  document  bytea NOT NULL
);
CREATE INDEX change_of_tenant ON directory.change (tenant_id, seq);
SELECT chassis_protect('directory.change');
