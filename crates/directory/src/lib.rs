//! Tenants, users, agents, skills, teams, queues, routing profiles, hours and entry points.
