#!/bin/sh
# Makes the virtual environment of the test phone, once, and prints its python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${PHONES_VENV:-$here/../../target/phones-venv}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pjsua2' 2>/dev/null; then
  python3 -m venv "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'pjsua2-python==2.15.1.post1' >&2
fi
cd "$venv/bin" && echo "$(pwd)/python"
