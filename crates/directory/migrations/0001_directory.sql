-- Who works here, on what, when, and where customers arrive. Documents are protobuf of switchboard.directory.v1.

CREATE TABLE directory.tenant (
  tenant_id text PRIMARY KEY,
  document  bytea NOT NULL
);
SELECT chassis_protect('directory.tenant');

-- Users, with what proves who they are. Hashes never leave this service, but for the digests, which SIP needs.
CREATE TABLE directory.account (
  tenant_id      text NOT NULL REFERENCES directory.tenant,
  login          text NOT NULL,
  -- User without its password.
  document       bytea NOT NULL,
  -- Argon2id in the PHC format; empty: can't sign in with a password.
  password_hash  text NOT NULL,
  -- H(login:switchboard:password) of agents (RFC 7616), hex; empty for everybody else.
  sip_ha1_md5    text NOT NULL,
  sip_ha1_sha256 text NOT NULL,
  PRIMARY KEY (tenant_id, login)
);
-- Sign-in without a tenant asks who has the login.
CREATE INDEX account_login ON directory.account (login);
SELECT chassis_protect('directory.account');

-- Agents, skills, teams, queues, routing profiles, hours, entry points.
CREATE TABLE directory.entity (
  tenant_id text NOT NULL REFERENCES directory.tenant,
  kind      text NOT NULL,
  key       text NOT NULL,
  document  bytea NOT NULL,
  PRIMARY KEY (tenant_id, kind, key)
);
SELECT chassis_protect('directory.entity');

-- Where customers arrive. Widgets (chat 2, video 6) are addressed by the key of their entry point, which other tenants may
-- use too; everything else has one owner in the whole deployment.
CREATE TABLE directory.address (
  tenant_id   text NOT NULL REFERENCES directory.tenant,
  channel     integer NOT NULL,
  address     text NOT NULL,
  entry_point text NOT NULL,
  PRIMARY KEY (channel, address, tenant_id)
);
CREATE UNIQUE INDEX address_owner ON directory.address (channel, address) WHERE channel NOT IN (2, 6);
CREATE INDEX address_tenant ON directory.address (tenant_id);
SELECT chassis_protect('directory.address');

-- Sign-ins. Times in milliseconds since 1970.
CREATE TABLE directory.session (
  session_id   text PRIMARY KEY,
  tenant_id    text NOT NULL REFERENCES directory.tenant,
  login        text NOT NULL,
  -- SHA-256 of the secret in the refresh token that is good now, and of those it replaced.
  refresh_hash bytea NOT NULL,
  spent_hashes bytea[] NOT NULL DEFAULT '{}',
  created_at   bigint NOT NULL,
  expires_at   bigint NOT NULL,
  revoked      boolean NOT NULL DEFAULT false
);
CREATE INDEX session_of_user ON directory.session (tenant_id, login) WHERE NOT revoked;
CREATE INDEX session_expiry ON directory.session (expires_at);
SELECT chassis_protect('directory.session');
