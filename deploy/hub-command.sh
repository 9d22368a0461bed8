#!/bin/sh
# The command `doorwatch-hub` of an installed hub: runs as the hub's user, whose files it writes.
# install.sh links /usr/local/bin/doorwatch-hub to it.
#
#   sudo doorwatch-hub unit list
set -eu

if [ "$(id -u)" != 0 ]; then
    echo "doorwatch: commands of this hub are for its administrator: sudo doorwatch-hub $*" >&2
    exit 1
fi
umask 077
exec runuser --user doorwatch-hub -- env STATE_DIRECTORY=/var/lib/doorwatch-hub \
    /opt/doorwatch/current/bin/doorwatch-hub "$@"
