#!/bin/sh
# The commands `doorwatch` and `doorwatch-hub` of an installed machine: each word runs as the user
# whose files it writes, with the key that systemd hands out. install.sh links /usr/local/bin/doorwatch
# (or doorwatch-hub) to it.
#
#   sudo doorwatch status
set -eu

name=$(basename "$0")
program=/opt/doorwatch/current/bin/$name

for word in "$@"; do
    case $word in -h | --help | --version) exec "$program" "$@" ;; esac # for everybody
done
if [ "$(id -u)" != 0 ]; then
    echo "doorwatch: its commands are for the administrator of this machine: sudo $name $*" >&2
    exit 1
fi

# A command goes to the administrator's folder, and is to run nothing that somebody laid there.
export PYTHONSAFEPATH=1

# Two cannot own the pins: the lamp keeper makes way, and comes back however the test ends.
lend_pins() {
    if [ -n "${DOORWATCH_PINS_LENT-}" ] || ! systemctl --quiet is-active doorwatch-lamp; then return 0; fi
    trap 'exit 130' HUP INT TERM
    trap 'systemctl --no-block start doorwatch-lamp' EXIT
    systemctl stop doorwatch-lamp
    DOORWATCH_PINS_LENT=yes "$0" "$@"
    exit
}

if [ "$name" = doorwatch-hub ]; then
    export STATE_DIRECTORY=/var/lib/doorwatch-hub
    user=doorwatch-hub groups='' key=hub.key mask=0077
else
    export STATE_DIRECTORY=/var/lib/doorwatch RUNTIME_DIRECTORY=/run/doorwatch
    user=doorwatch-sync groups='doorwatch-list doorwatch-door gpio' key=gallery.key mask=0007
fi

case $name:${1-} in
    # What looks at a bundle is older than the bundle, and works when a version does not.
    *:upgrade) exec /opt/doorwatch/bin/doorwatch-switch "$@" ;;
    # Keys are made and sealed by systemd's own tools, as root; no word at all shows the help.
    *:key | *: | *:-*) exec "$program" "$@" ;;
    doorwatch:test-indicators)
        user=doorwatch-lamp
        lend_pins "$@"
        ;;
    doorwatch:page-certificate) user=doorwatch-page ;;
    doorwatch:set-pin)
        user=doorwatch-page
        for word in "$@"; do
            if [ "$word" = --manager ]; then user=doorwatch; fi # the engine reads that one
        done
        ;;
esac

# Root may read every file, so its commands may: a photo or a key may lie in anybody's home. Only
# those that are told where to write may write everywhere, and none that reads photos of strangers.
rights=CAP_DAC_READ_SEARCH
case $name:${1-} in
    doorwatch:bench | doorwatch:demo*) rights=CAP_DAC_OVERRIDE ;;
    doorwatch-hub:init | doorwatch-hub:officer | doorwatch-hub:venue) rights=CAP_DAC_OVERRIDE ;;
    doorwatch-hub:backup | doorwatch-hub:drill | doorwatch-hub:restore) rights=CAP_DAC_OVERRIDE ;;
    doorwatch-hub:bench | doorwatch-hub:demo) rights=CAP_DAC_OVERRIDE ;;
    doorwatch:token | doorwatch-hub:unit | doorwatch-hub:entry)
        for word in "$@"; do
            case $word in
                --out | --qr | --photo | --receipts) rights=CAP_DAC_OVERRIDE ;;
                --out=* | --qr=* | --photo=* | --receipts=*) rights=CAP_DAC_OVERRIDE ;;
            esac
        done
        ;;
esac

# A terminal is passed on for questions; a pipe stays one for scripts.
ends=--pipe
if [ -t 0 ] && [ -t 1 ]; then ends=--pty; fi

# Of devices only those of a unit: whoever may read every file could read the disk itself.
# shellcheck disable=SC2016 # the inner shell is to look at its own words
exec systemd-run --quiet --wait --collect "$ends" --service-type=exec \
    --property=User="$user" --property=UMask="$mask" --property=SupplementaryGroups="$groups" \
    --property=AmbientCapabilities="$rights" --property=CapabilityBoundingSet="$rights" \
    --property=ProtectSystem=full --property=DevicePolicy=closed \
    --property=DeviceAllow='char-gpiochip rw' --property=DeviceAllow='/dev/gpiomem rw' \
    --property=DeviceAllow='/dev/gpiomem0 rw' --property=DeviceAllow='char-video4linux rw' \
    --property=DeviceAllow='char-media rw' --property=DeviceAllow='char-dma_heap rw' \
    --property=DeviceAllow='char-usb_device rw' --property=DeviceAllow='char-apex rw' \
    --property=ProtectKernelTunables=yes --property=ProtectKernelModules=yes \
    --property=ProtectKernelLogs=yes --property=ProtectControlGroups=yes \
    --property=ProtectClock=yes --property=RestrictNamespaces=yes \
    --property=RestrictSUIDSGID=yes --property=SystemCallArchitectures=native \
    --property=LoadCredentialEncrypted="$key" \
    --property=LimitCORE=0 --property=NoNewPrivileges=yes \
    --setenv=STATE_DIRECTORY --setenv=RUNTIME_DIRECTORY --setenv=DOORWATCH_PASSPHRASE_FILE \
    --setenv=PYTHONSAFEPATH --setenv=SUDO_USER --setenv=TERM --setenv=LANG --setenv=COLUMNS \
    -- /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$program" "$@"
