#!/usr/bin/env bash
# Runs the benchmarks: the pure cores first, then load on a centre of its own. What others reach on this kind of
# machine (2 cores, SIPp or the load driver beside them) is printed with each.
# usage: bench.sh   (PROFILE and DATA can be set)
set -euo pipefail

profile=${PROFILE:-quick}
data=${DATA:-target/bench}
http=17080 grpc=17081 sip=17060 rtp=22000-25999

bench() {
    local crate=$1 name=$2
    shift 2
    cargo bench --quiet --locked --profile "$profile" --package "$crate" --bench "$name" -- "$@"
}
title() { printf '\n%s\n%s\n' "$1" "${1//?/─}"; }
others() { printf '  others: %s\n' "$@"; }
calls() { bench ingress-voice calls --sip "127.0.0.1:$sip" --grpc "http://127.0.0.1:$grpc" --pid "$centre" "$@"; }

cargo build --locked --profile "$profile" --package switchboard
folder=$profile
[ "$profile" != dev ] || folder=debug
switchboard="target/$folder/switchboard --data $data"

title "Router core: 1,000 to 100,000 agents, 200 skills, 100,000 waiting (aim: 1,000,000 inputs/s a core, p99 20 µs)"
others "matching by Postgres SKIP LOCKED 595/s" "BullMQ 5,900/s" "Redis Lua 50,000/s, not durable"
bench router core

title "Router: 100,000 waiting, killed and started again (aim: 5 s)"
cargo build --quiet --locked --profile "$profile" --package router
bench router recovery

title "Media thread (aim: 3 µs a packet, 0.4 ‰ of a core a bridged call, 0.2 ‰ a held one)"
others "a packet: rtpengine 6.6 µs" "a bridged call: Asterisk 1.9 ‰, FreeSWITCH 3.9 ‰, RustPBX 1.7 ‰" \
    "a held call: Asterisk 1.3 ‰, FreeSWITCH 2.4 ‰"
bench ingress-voice engine

rm -rf "$data"
mkdir -p "$data"
# shellcheck disable=SC2086 # the program and its flag
$switchboard up --demo --http-port "$http" --grpc-port "$grpc" --sip-port "$sip" --rtp-ports "$rtp" \
    >"$data/centre.log" 2>&1 &
centre=$!
trap 'kill "$centre" 2>/dev/null; wait "$centre" 2>/dev/null || true' EXIT
# shellcheck disable=SC2086
$switchboard status --wait 60s >/dev/null

title "Chat (aim: 5,000 messages/s taken in, p99 20 ms, 0.2 ms CPU each)"
others "Live Helper Chat: 491 messages/s, p50 16 ms, p99 28 ms, 3.75 ms CPU each"
bench ingress-chat load --http "127.0.0.1:$http" --grpc "http://127.0.0.1:$grpc" --pid "$centre"

bench ingress-voice calls --centre --agents 500 >"$data/agents.yaml"
# shellcheck disable=SC2086
$switchboard apply -f "$data/agents.yaml" >/dev/null

title "Calls, 40/s: INVITE in → INVITE to a free agent (aim: p50 2 ms, p99 4 ms, 2 ms CPU a call)"
others "Asterisk p50 2.5, p99 3.3 ms, 7 ms CPU" "FreeSWITCH 61, 113 ms, 19 ms" "RustPBX 4.5, 5.7 ms, 7.2 ms"
calls --mode setup --rate 40 --seconds 20

title "Calls, 120/s: the same (aim: p50 2 ms, p99 5 ms)"
others "Asterisk p50 3.0, p99 5.1 ms" "FreeSWITCH collapses" "RustPBX 4.6, 19.6 ms"
calls --mode setup --rate 120 --seconds 20

title "Queue backed up, 20 agents: agent's BYE → its next INVITE (aim: p50 2 ms, p99 10 ms, 39.5 calls/s)"
others "Asterisk p50 826, p99 1012 ms, 16 calls/s" "FreeSWITCH 436, 671 ms, 19.9 calls/s"
calls --mode backlog --agents 20

title "Held calls with music (aim: 0.2 ‰ of a core, 40 KB each)"
others "Asterisk 1.3 ‰, 99 to 157 KB" "FreeSWITCH 2.4 ‰, 51 to 136 KB"
calls --mode held --calls 500

title "Bridged calls with audio both ways (aim: 0.4 ‰ of a core each)"
others "Asterisk 1.9 ‰" "FreeSWITCH 3.9 ‰" "RustPBX 1.7 ‰"
calls --mode bridged --calls 200
calls --mode bridged --agents 500 --calls 500
