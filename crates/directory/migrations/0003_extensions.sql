-- What colleagues dial to reach an agent's phones.
CREATE TABLE directory.extension (
  tenant_id text NOT NULL REFERENCES directory.tenant,
  extension text NOT NULL,
  agent     text NOT NULL,
  PRIMARY KEY (tenant_id, extension)
);
SELECT chassis_protect('directory.extension');
