-- Flows in all their versions. Documents are protobuf of switchboard.ivr.v1.Flow.

-- Every version there ever was: a customer finishes the version they began.
CREATE TABLE ivr.flow_version (
  tenant_id text NOT NULL,
  key       text NOT NULL,
  version   integer NOT NULL,
  document  bytea NOT NULL,
  PRIMARY KEY (tenant_id, key, version)
);
SELECT chassis_protect('ivr.flow_version');

-- The version that begins now. No row: nothing begins any more.
CREATE TABLE ivr.flow (
  tenant_id text NOT NULL,
  key       text NOT NULL,
  version   integer NOT NULL,
  PRIMARY KEY (tenant_id, key),
  FOREIGN KEY (tenant_id, key, version) REFERENCES ivr.flow_version
);
SELECT chassis_protect('ivr.flow');
