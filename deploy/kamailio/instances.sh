#!/bin/sh
# Keeps the edge's list of voice instances as a name resolves, and tells the edge when it has changed:
#
#   instances.sh LIST PORT NAME             writes LIST once there is an instance, and ends
#   instances.sh LIST PORT NAME SOCKET      goes on, and has the edge behind SOCKET read what is new
#
# An instance is at PORT of every address of NAME. An answer without any changes nothing: the edge pings, and knows better.
set -eu

list=$1 port=$2 name=$3 socket=${4:-}
every=${EVERY:-2}

instances() {
    { getent ahostsv4 "$name" || true; } | cut -d ' ' -f 1 | sort -u | sed "s/.*/1 sip:&:$port 0 0/"
}

told=$(cat "$list" 2>/dev/null || true)
while :; do
    now=$(instances)
    if [ -n "$now" ] && [ "$now" != "$told" ]; then
        printf '%s\n' "$now" >"$list.new"
        mv "$list.new" "$list"
        # An edge that does not listen yet reads the list when it starts, and one that has just read it refuses to do so again
        # for five seconds: both are told once more.
        if [ -z "$socket" ]; then
            told=$now
        else
            case $(kamcmd -s "unixs:$socket" dispatcher.reload 2>&1) in
                Ok*) told=$now ;;
            esac
        fi
    fi
    if [ -z "$socket" ] && [ -s "$list" ]; then
        exit 0
    fi
    sleep "$every"
done
