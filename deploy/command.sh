#!/bin/sh
# The commands `doorwatch` and `doorwatch-hub` of an installed machine: each word runs as the user
# whose files it writes, with the key that systemd hands out. install.sh links /usr/local/bin/doorwatch
# (or doorwatch-hub) to it.
#
#   sudo doorwatch status
set -eu

name=$(basename "$0")
program=/opt/doorwatch/current/bin/$name

if [ "$(id -u)" != 0 ]; then
    echo "doorwatch: its commands are for the administrator of this machine: sudo $name $*" >&2
    exit 1
fi

if [ "$name" = doorwatch-hub ]; then
    export STATE_DIRECTORY=/var/lib/doorwatch-hub
    user=doorwatch-hub groups='' key=hub.key mask=0077
else
    export STATE_DIRECTORY=/var/lib/doorwatch RUNTIME_DIRECTORY=/run/doorwatch
    user=doorwatch-sync groups='doorwatch-list doorwatch-door gpio' key=gallery.key mask=0007
fi

case $name:${1-} in
    # Keys are made and sealed by systemd's own tools, as root; help needs nobody.
    *:key | *: | *:-*) exec "$program" "$@" ;;
    doorwatch:test-indicators) user=doorwatch-lamp ;;
    doorwatch:page-certificate) user=doorwatch-page ;;
    doorwatch:set-pin)
        user=doorwatch-page
        for word in "$@"; do
            if [ "$word" = --manager ]; then user=doorwatch; fi # the engine reads that one
        done
        ;;
esac

# A terminal is passed on for questions; a pipe stays one for scripts.
ends=--pipe
if [ -t 0 ] && [ -t 1 ]; then ends=--pty; fi

# Root may read every file, so its commands may: a photo or a key may lie in anybody's home.
# shellcheck disable=SC2016 # the inner shell is to look at its own words
exec systemd-run --quiet --wait --collect "$ends" --service-type=exec \
    --property=User="$user" --property=UMask="$mask" --property=SupplementaryGroups="$groups" \
    --property=AmbientCapabilities=CAP_DAC_OVERRIDE \
    --property=CapabilityBoundingSet=CAP_DAC_OVERRIDE \
    --property=LoadCredentialEncrypted="$key" \
    --property=LimitCORE=0 --property=NoNewPrivileges=yes \
    --setenv=STATE_DIRECTORY --setenv=RUNTIME_DIRECTORY --setenv=DOORWATCH_PASSPHRASE_FILE \
    --setenv=TERM --setenv=LANG --setenv=COLUMNS \
    -- /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$program" "$@"
