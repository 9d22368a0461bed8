#!/bin/sh
# Makes the system of a door unit read-only, so that nothing but the list is ever written: a power
# cut then finds nothing half done, the card lasts, and what somebody changes on it while it runs is
# gone with the next start.
#
#   sudo read-only.sh on /dev/sda1       the list moves to this partition (64 MiB are plenty)
#   sudo read-only.sh write COMMAND...   runs one command on a writable system: an upgrade, apt-get
#   sudo read-only.sh off                takes it all back
#   sudo read-only.sh show               says how it is
#
# It counts from the next start of the machine on. The log is kept in memory only, and Debian's own
# updates have to be asked for: sudo read-only.sh write apt-get upgrade
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

STATE=/var/lib/doorwatch
KEPT=/etc/fstab.before-doorwatch
MARK='# doorwatch: read-only system'
LABEL=doorwatch
JOURNAL=/etc/systemd/journald.conf.d/doorwatch-read-only.conf
SETTLE=/etc/systemd/system/doorwatch-settle.service.d/read-only.conf
# What would only fail on a system that nothing can be written to.
WRITERS='apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer man-db.timer
    logrotate.timer systemd-random-seed.service dphys-swapfile.service'

refuse() {
    echo "doorwatch: $*" >&2
    exit 1
}

is_on() { grep -qsF "$MARK" /etc/fstab; }
is_writable() { [ -w /etc/fstab ] && findmnt --noheadings --output OPTIONS / | grep -qE '^rw(,|$)'; }

# --- on -----------------------------------------------------------------------------------------
# A partition is taken if it is empty, or ours from before; nothing else is ever overwritten.
prepare_partition() {
    [ -b "$1" ] || refuse "$1 is no partition: name one, as lsblk shows them"
    if findmnt --source "$1" >/dev/null; then refuse "$1 is in use: umount it first"; fi
    found=$(blkid --probe --output value --match-tag LABEL "$1" || true)
    [ "$found" = $LABEL ] && return 0
    if blkid --probe "$1" >/dev/null 2>&1; then
        refuse "$1 holds something: if it may go, run wipefs --all $1 and try again"
    fi
    mkfs.ext4 -q -L $LABEL "$1"
}

# copy_list FROM TO: with owners and modes, and on the disk before anything else is changed. What was
# there goes first: beside a newer list, the log of an older one would be played into it.
copy_list() {
    find "$2" -mindepth 1 -delete
    cp --archive --no-target-directory "$1" "$2"
    sync --file-system "$2"
}

stop_doorwatch() {
    systemctl stop doorwatch-engine doorwatch-sync doorwatch-page 2>/dev/null || true
}

# The partition may turn up late; whoever started before it would go on without the list.
before_services() {
    for unit in settle trial firstboot engine page sync; do
        printf ',x-systemd.before=doorwatch-%s.service' $unit
    done
}

mark_read_only() {
    awk '$1 !~ /^#/ && ($2 == "/" || $2 ~ /^\/boot/) { $4 = ($4 == "" ? "ro" : $4 ",ro") } { print }' $KEPT
    echo "$MARK"
    # Without its partition the unit starts all the same: amber, because there is no list.
    echo "LABEL=$LABEL $STATE ext4 noatime,nodev,nosuid,noexec,nofail,x-systemd.device-timeout=20s$(before_services) 0 2"
    for folder in /tmp /var/tmp /var/log /var/lib/NetworkManager /var/lib/dhcp /var/lib/systemd/timesync; do
        [ ! -d $folder ] || echo "tmpfs $folder tmpfs nodev,nosuid,size=32M,mode=$(stat --format %a $folder) 0 0"
    done
}

turn_on() {
    [ -n "${1-}" ] || refuse "name the partition for the list: read-only.sh on /dev/sda1"
    if is_on; then refuse "it is on already: read-only.sh show"; fi
    is_writable || refuse "the system cannot be written: start it anew, then try again"
    [ -d $STATE ] || refuse "there is no door unit here: run install.sh unit first"
    prepare_partition "$1"
    stop_doorwatch
    mnt=$(mktemp -d)
    mount "$1" "$mnt"
    copy_list $STATE "$mnt"
    umount "$mnt"
    rmdir "$mnt"

    mkdir -p "$(dirname $JOURNAL)" "$(dirname $SETTLE)"
    printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n' >$JOURNAL
    # An upgrade that a power cut left half done is settled first of all, and has to write for that.
    printf '[Service]\nExecStartPre=+/bin/sh -c "test ! -e /opt/doorwatch/trial.json || mount -o remount,rw /"\n' >$SETTLE
    # shellcheck disable=SC2086 # one word each
    systemctl mask --quiet $WRITERS 2>/dev/null || true
    # Names are looked up where NetworkManager writes them, outside of the system's files.
    if [ -d /etc/NetworkManager ] && [ ! -L /etc/resolv.conf ]; then
        ln -sf /run/NetworkManager/resolv.conf /etc/resolv.conf
    fi
    cp --archive /etc/fstab $KEPT
    mark_read_only >/etc/fstab.new
    mv /etc/fstab.new /etc/fstab
    sync
    # A list that stayed below the partition would still know today's people in a year.
    find $STATE -mindepth 1 -delete
    mount "$1" $STATE
    sync
    echo "The system is read-only from the next start on, and the list lies on $1: sudo reboot"
}

# --- off ----------------------------------------------------------------------------------------
turn_off() {
    is_on || refuse "it is not on: nothing to take back"
    mount -o remount,rw /
    stop_doorwatch
    if findmnt $STATE >/dev/null; then
        copy=$(mktemp -d "$(dirname $STATE)/doorwatch.XXXXXX")
        copy_list $STATE "$copy"
        rm -rf "$copy/lost+found"
        umount $STATE
        copy_list "$copy" $STATE
        rm -rf "$copy"
    fi
    mv $KEPT /etc/fstab
    rm -f $JOURNAL $SETTLE
    # shellcheck disable=SC2086 # one word each
    systemctl unmask --quiet $WRITERS 2>/dev/null || true
    sync
    echo "The system can be written from the next start on: sudo reboot"
    echo "The partition still holds the sealed list: wipefs --all it before you give it away."
}

# The system's own file systems, the card's boot partition among them; not one that is not mounted.
read_only_places() {
    awk '$1 !~ /^#/ && ($2 == "/" || $2 ~ /^\/boot/) { print $2 }' /etc/fstab | while read -r place; do
        if findmnt "$place" >/dev/null; then echo "$place"; fi
    done
}

# --- write --------------------------------------------------------------------------------------
run_writable() {
    [ $# -gt 0 ] || refuse "name a command: read-only.sh write apt-get upgrade"
    is_on || refuse "it is not on: run the command as it is"
    # Also where somebody interrupts the command, or the line to this machine breaks.
    trap 'exit 130' HUP INT TERM
    trap end_writing EXIT
    for place in $(read_only_places); do mount -o remount,rw "$place"; done
    "$@" || exit $?
}

end_writing() {
    status=$?
    trap '' HUP INT TERM
    # A new version proves itself first, and may go back: that writes as well.
    while [ -e /opt/doorwatch/trial.json ]; do sleep 1; done
    sync
    for place in $(read_only_places); do
        mount -o remount,ro "$place" ||
            echo "doorwatch: something still writes: $place is read-only after the next start" >&2
    done
    exit $status
}

show() {
    if is_on; then echo "on: the list lies on the partition labelled $LABEL"; else echo "off"; fi
    if is_writable; then echo "the system can be written now"; else echo "the system is read-only now"; fi
}

[ "$(id -u)" = 0 ] || refuse "only root can do this: put sudo before it"
case ${1-} in
    on) turn_on "${2-}" ;;
    off) turn_off ;;
    write)
        shift
        run_writable "$@"
        ;;
    show) show ;;
    *) refuse "say on PARTITION, off, write COMMAND or show" ;;
esac
