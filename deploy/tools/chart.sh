#!/usr/bin/env bash
# Lints the chart, renders it with each values file, and validates what comes out against the API's schemas.
# usage: chart.sh PARTS_DIR
set -euo pipefail

parts=$1
helm=$parts/helm/helm
chart=helm/switchboard
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

export PYTHONPATH=$parts/python
for values in "$chart"/values*.yaml; do
    name=$(basename "$values" .yaml)
    "$helm" lint --quiet --strict "$chart" --values "$values"
    "$helm" template switchboard "$chart" --namespace switchboard --values "$values" >"$out/$name.yaml"
    # Without --strict a misspelt field passes.
    python3 -m kubernetes_validate --quiet --strict --kubernetes-version 1.37 "$out/$name.yaml"
    echo "chart: $name renders $(grep -c '^kind:' "$out/$name.yaml") valid objects"
done
