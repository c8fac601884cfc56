#!/usr/bin/env bash
# Lints the protos, and refuses a change that breaks who already speaks them.
# usage: proto.sh BUF [BASE]   BASE: the revision to compare with; by default the last tag v*, else origin/main,
#                              else the commit before this one
set -euo pipefail

buf=$1
base=${2:-}

"$buf" lint proto
echo "buf lint: clean"

if [ -z "$base" ]; then
    base=$(git describe --tags --abbrev=0 --match 'v*' HEAD 2>/dev/null || true)
fi
if [ -z "$base" ]; then
    base=$(git rev-parse --quiet --verify origin/main 2>/dev/null || true)
    if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD 2>/dev/null || true)" ]; then
        base=$(git rev-parse --quiet --verify HEAD~1 2>/dev/null || true)
    fi
fi
if [ -z "$base" ] || ! git cat-file -e "$base:proto" 2>/dev/null; then
    echo "buf breaking: skipped, there is no earlier revision with protos"
    exit 0
fi
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$base" proto | tar -x -C "$old"
"$buf" breaking proto --against "$old/proto"
echo "buf breaking: nothing broken since $(git rev-parse --short "$base")"
