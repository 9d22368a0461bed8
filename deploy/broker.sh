#!/bin/sh
# Makes sure that there is a broker: installs mosquitto where this may install packages, and says
# the one command elsewhere. It changes nothing where there is one.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"
command -v mosquitto >/dev/null && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "== mosquitto, the broker, from apt-get"
    { apt-get update && apt-get install -y --no-install-recommends mosquitto; } >/dev/null 2>&1 || true
    command -v mosquitto >/dev/null && exit 0
fi
echo "doorwatch: there is no mosquitto on this machine: sudo apt-get install mosquitto" >&2
exit 1
