#!/usr/bin/env bash
# Lays out the files of an image: a program, the libraries it is linked to, certificates, time zones, one user.
# usage: image_files.sh PROGRAM FOLDER [SPEECH]   with SPEECH, espeak-ng and its voices too
set -euo pipefail

program=$1
root=$2
speech=${3:-}

libraries_of() {
    ldd "$1" | grep -oE '/[^ )]+' | sort -u | while read -r library; do
        install -D -m 0755 "$library" "$root$library"
    done
}

rm -rf "$root"
mkdir -p "$root/etc/ssl/certs" "$root/usr/share" "$root/tmp"
chmod 1777 "$root/tmp"
install -m 0755 "$program" "$root/service"
libraries_of "$program"
if [ -n "$speech" ]; then
    espeak=$(command -v espeak-ng)
    install -D -m 0755 "$espeak" "$root/usr/bin/espeak-ng"
    libraries_of "$espeak"
    voices=$(find /usr/lib /usr/share -type d -name espeak-ng-data | head -n 1)
    mkdir -p "$root$(dirname "$voices")"
    cp -r "$voices" "$root$voices"
fi
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
# Opening hours are told in the centre's own time zone.
if [ -d /usr/share/zoneinfo ]; then
    cp -r /usr/share/zoneinfo "$root/usr/share/zoneinfo"
    rm -rf "$root/usr/share/zoneinfo/right" "$root/usr/share/zoneinfo/posix"
fi
echo 'switchboard:x:65532:65532::/:/sbin/nologin' >"$root/etc/passwd"
echo 'switchboard:x:65532:' >"$root/etc/group"
