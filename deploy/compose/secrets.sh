#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, once; they are not committed.
set -euo pipefail

folder=$(dirname "$0")/secrets
mkdir -p "$folder"
if [ -e "$folder/auth-secret" ] && [ -e "$folder/turn-secret" ]; then
    echo "$folder: made already"
    exit 0
fi
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
random >"$folder/turn-secret"
chmod 0644 "$folder/turn-secret"
if [ -e "$folder/auth-secret" ]; then
    echo "$folder: turn-secret made, the others were there"
    exit 0
fi

postgres=$(random)
nats=$(random)
printf '%s' "$postgres" >"$folder/postgres-password"
printf 'postgres://switchboard:%s@postgres:5432/switchboard' "$postgres" >"$folder/postgres-url"
printf 'nats://switchboard:%s@nats:4222' "$nats" >"$folder/nats-url"
cat >"$folder/nats.conf" <<CONF
http: 127.0.0.1:8222
authorization { user: "switchboard", password: "$nats" }
jetstream { store_dir: "/data" }
CONF
random >"$folder/auth-secret"
# The services run as nobody and read these as mounted files.
chmod 0755 "$folder"
chmod 0644 "$folder"/*
echo "$folder: made"
