//! A private copy of everything for tests: Postgres, NATS, services, simulated bus, real clients.
