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
# The edge's files are those of deploy/: a copy would drift.
for file in "$chart"/files/*; do
    if [ ! -L "$file" ] || [ ! -f "$file" ]; then
        echo "chart: $file must be a link into deploy/" >&2
        exit 1
    fi
done
# helm tells of each link that it follows.
quiet() { "$@" 2> >(grep -v 'found symbolic link' >&2 || true); }
for values in "$chart"/values*.yaml; do
    name=$(basename "$values" .yaml)
    quiet "$helm" lint --quiet --strict "$chart" --values "$values"
    quiet "$helm" template switchboard "$chart" --namespace switchboard --values "$values" >"$out/$name.yaml"
    # Without --strict a misspelt field passes.
    python3 -m kubernetes_validate --quiet --strict --kubernetes-version 1.37 "$out/$name.yaml"
    echo "chart: $name renders $(grep -c '^kind:' "$out/$name.yaml") valid objects"
done

# The edge is rendered only where it is asked for, and with the very files of deploy/.
if grep -q 'name: switchboard-edge' "$out/values.yaml"; then
    echo "chart: there is an edge though none is asked for" >&2
    exit 1
fi
python3 - "$out/values-edge.yaml" <<'CHECK'
import sys, yaml
objects = [each for each in yaml.safe_load_all(open(sys.argv[1])) if each]
find = lambda kind, name: next(each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name)
files = find("ConfigMap", "switchboard-edge")["data"]
for name, path in [("kamailio.cfg", "kamailio/kamailio.cfg"), ("instances.sh", "kamailio/instances.sh"), ("rtpengine.conf", "rtpengine/rtpengine.conf")]:
    assert files[name].strip() == open(f"deploy/{path}").read().strip(), f"{name} is not deploy/{path}"
voice = find("Deployment", "switchboard-ingress-voice")["spec"]["template"]["spec"]["containers"][0]
env = {each["name"]: each.get("value") for each in voice["env"]}
ports = {each["name"]: each["containerPort"] for each in voice["ports"]}
assert env["INGRESS_VOICE__INGRESS_VOICE__SIP_PORT"] == "5062" and ports["sip-udp"] == 5062, "the instances keep the edge's port"
print("chart: the edge has the files of deploy/, the instances have moved to its inner port")
CHECK

# So is the relay, and the voice instances tell browsers of it.
if grep -q 'name: switchboard-turn' "$out/values.yaml"; then
    echo "chart: there is a relay though none is asked for" >&2
    exit 1
fi
python3 - "$out/values-turn.yaml" <<'CHECK'
import sys, yaml
objects = [each for each in yaml.safe_load_all(open(sys.argv[1])) if each]
find = lambda kind, name: next(each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name)
file = find("ConfigMap", "switchboard-turn")["data"]["turnserver.conf"]
assert file.strip() == open("deploy/coturn/turnserver.conf").read().strip(), "turnserver.conf is not deploy/coturn/turnserver.conf"
pod = find("Deployment", "switchboard-ingress-voice")["spec"]["template"]["spec"]
env = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
urls = env["INGRESS_VOICE__INGRESS_VOICE__ICE_URLS"].split()
assert urls == ["turn:turn.example.org:3478", "turn:turn.example.org:3478?transport=tcp"], urls
secret = env["INGRESS_VOICE__INGRESS_VOICE__TURN_SECRET_FILE"].rsplit("/", 1)[1]
mounted = next(each for each in pod["volumes"] if each["name"] == "secrets")["projected"]["sources"]
assert any(item["path"] == secret for source in mounted for item in source["secret"]["items"]), "the instances have no secret of the relay"
print("chart: the relay has the file of deploy/, the instances its address and secret")
CHECK
