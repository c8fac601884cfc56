#!/bin/sh
# demo.sh PROGRAM FOLDER "FLAGS OF up" "FLAGS OF demo": a centre in FOLDER and the played people in it. They leave first.
program=$1 folder=$2 up_flags=$3 demo_flags=$4
# Sessions of their own: a ctrl-c reaches only this script, which ends them in order. The centre's log goes beside its folder.
# shellcheck disable=SC2086 # flags are words
setsid "$program" --data "$folder" up --demo $up_flags 2>"$folder.log" &
up=$!
people=
stop() {
    trap '' INT TERM
    if [ -n "$people" ]; then
        kill -TERM "$people" 2>/dev/null
        wait "$people"
    fi
    kill -TERM "$up" 2>/dev/null
    wait "$up"
    exit 0
}
trap stop INT TERM
until "$program" --data "$folder" status >/dev/null 2>&1; do
    kill -0 "$up" 2>/dev/null || { tail -n 5 "$folder.log"; exit 1; }
    sleep 1
done
# shellcheck disable=SC2086
setsid "$program" --data "$folder" demo $demo_flags &
people=$!
# Whoever ends first takes the other one along.
while kill -0 "$up" 2>/dev/null && kill -0 "$people" 2>/dev/null; do
    sleep 1
done
stop
