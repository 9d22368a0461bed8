#!/bin/sh
# Makes this machine a door unit or a hub, and upgrades it: run it again with the newer files.
#
#   sudo deploy/install.sh unit            a box at a door
#   sudo deploy/install.sh hub             the consortium's hub
#   sudo deploy/install.sh unit --again    also a version that was tried and went back
#   sudo doorwatch upgrade FILE.tar        an installed machine looks at a bundle before it runs it
#   sudo deploy/install.sh remove          takes the software off; the list and its key stay
#   sudo deploy/install.sh remove --purge  and destroys the list, its key and every setting
#
# For Raspberry Pi OS and Debian, bookworm or trixie, 64 bits. In a checkout it builds what is
# there and asks the package registry for the rest; unpacked from a bundle (make wheelhouse) it
# needs no network. What is the same already is left as it is.
set -eu
LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL DEBIAN_FRONTEND PATH
umask 022

OPT=/opt/doorwatch
SYSTEM=/etc/systemd/system
NEEDS_MB=1200 # a version takes some 500, and the one before stays
HERE=$(cd "$(dirname "$0")" && pwd)
READ_ONLY=$OPT/current/share/doorwatch/read-only.sh
SCRATCH=

say() { echo "== $*"; }
refuse() {
    echo "doorwatch: $*" >&2
    exit 1
}
tidy() {
    status=$?
    [ -z "$SCRATCH" ] || rm -rf "$SCRATCH"
    exit "$status"
}

# --- may it be done here? -----------------------------------------------------------------------
check_machine() {
    [ "$(id -u)" = 0 ] || refuse "only root can install: put sudo before it"
    if ! command -v apt-get >/dev/null || [ ! -d /run/systemd/system ]; then
        refuse "this is no running Debian: use Raspberry Pi OS or Debian, bookworm or trixie"
    fi
    case $(uname -m) in
        aarch64 | x86_64) ;;
        armv*) refuse "this system has 32 bits: write the 64-bit Raspberry Pi OS to the card" ;;
        *) refuse "there are no packages for $(uname -m): use a Raspberry Pi 4 or 5, or a PC" ;;
    esac
    PYTHON=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
        refuse "there is no Python: apt-get install python3"
    case $PYTHON in
        3.11 | 3.12 | 3.13) ;;
        *) refuse "Python $PYTHON does not fit: use bookworm (3.11) or trixie (3.13)" ;;
    esac
    [ -w /opt ] || refuse "the system is read-only: sudo $READ_ONLY write COMMAND runs this command"
    mkdir -p "$OPT/versions" "$OPT/bin"
    free_mb=$(df -Pm "$OPT" | awk 'NR == 2 { print $4 }')
    [ "$free_mb" -ge $NEEDS_MB ] ||
        refuse "only $free_mb MB are free under $OPT, $NEEDS_MB are needed: make room"
}

# A machine may be a unit and the hub: fine for a trial, and one thief takes both.
check_roles() {
    KNOWN=$(cat "$OPT/roles" 2>/dev/null || true)
    ROLES=$(printf '%s\n%s\n' "$KNOWN" "$1" | sort -u | xargs)
    [ ! -e "$OPT/trial.json" ] ||
        refuse "the last version is still on trial: wait two minutes (systemctl status doorwatch-trial)"
}

has_role() { case " $ROLES " in *" $1 "*) ;; *) return 1 ;; esac }

# A bundle is used only as it was made, and where this machine names who may make one, by them. That
# is for the first time and for mistakes: `doorwatch upgrade` looks before any of this is run.
check_bundle() {
    (cd "$HERE" && sha256sum --quiet --strict -c SHA256SUMS) >/dev/null 2>&1 ||
        refuse "files of this bundle are missing or altered: copy it again"
    # A wheel beside them would be taken for a better fit than the one that was checked.
    listed=$(cut -c67- "$HERE/SHA256SUMS" | sort)
    there=$(cd "$HERE" && find . ! -type d ! -path './SHA256SUMS*' | sort)
    [ "$listed" = "$there" ] ||
        refuse "there are files in this bundle that are not of it: unpack it into an empty folder"
    signers=/etc/doorwatch/allowed_signers
    [ -e $signers ] || return 0
    ssh-keygen -Y verify -f $signers -I doorwatch -n doorwatch -s "$HERE/SHA256SUMS.sig" \
        <"$HERE/SHA256SUMS" >/dev/null 2>&1 ||
        refuse "the bundle is not signed by anybody in $signers: get it from them"
}

on_a_pi() { grep -qs '^Raspberry Pi' /proc/device-tree/model; }

# --- what it is made of -------------------------------------------------------------------------
has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# install_packages WHAT FOR: only what is missing is asked for; without a network one line says so.
want_package() {
    has_package "$1" && return 0
    say "$1, from apt-get"
    { [ -n "${LISTS:-}" ] || apt-get update; } >/dev/null 2>&1 || true
    LISTS=new
    apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1
}

system_packages() {
    if has_role hub; then
        want_package mosquitto || refuse "there is no mosquitto: connect the machine to install it"
        quiet_broker
    fi
    if has_role unit && on_a_pi; then
        want_package python3-picamera2 ||
            say "no python3-picamera2: a USB camera works, a camera module needs it"
        want_package python3-lgpio || has_pins || can_fetch_pins ||
            refuse "no python3-lgpio, which drives the pins, and no wheel of it for Python $PYTHON: connect the machine, sudo apt-get update, sudo apt-get install python3-lgpio, then this again"
    fi
}

# Asked for what it does, as its first releases are empty; in the scratch folder, as it leaves a pipe
# where it is asked, and one in a bundle would be a file too many.
has_pins() (
    cd "$SCRATCH" && /usr/bin/python3 -s -c 'from lgpio import gpiochip_open' 2>/dev/null
)

# Nobody has made wheels of it for a newer Python on Arm.
can_fetch_pins() {
    case $PYTHON in 3.11 | 3.12) say "no python3-lgpio: taken from the wheels" ;; *) return 1 ;; esac
}

# Debian starts a broker of its own; one that somebody has set up for something stays.
quiet_broker() {
    for used in /etc/mosquitto/conf.d/*.conf "$SYSTEM/mosquitto.service.d/doorwatch.conf"; do
        if [ -e "$used" ]; then return 0; fi
    done
    systemctl --quiet disable --now mosquitto 2>/dev/null || true
}

# Camera module and pins of a Pi come with its system; nothing else of the system is wanted.
system_site() { if has_role unit && on_a_pi; then echo --system-site-packages; fi; }

# What else a Pi needs: apt's simplejpeg (of picamera2) is older than the numpy that is used here.
pi_wheels() {
    if ! has_role unit || ! on_a_pi; then return 0; fi
    has_pins || echo lgpio
    if [ "$PYTHON" = 3.11 ] && has_package python3-picamera2; then echo simplejpeg; fi
}

find_wheel() {
    if [ -d "$HERE/wheels" ]; then
        CONSTRAINTS=$HERE/constraints.txt
        WHEEL=$(echo "$HERE"/wheels/doorwatch-*.whl)
        return 0
    fi
    say "building it from this checkout"
    CONSTRAINTS=$HERE/constraints.txt
    /usr/bin/python3 "$HERE/environment.py" "$SCRATCH/pip" >/dev/null
    "$SCRATCH/pip/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$SCRATCH" "$HERE/.." ||
        refuse "it cannot be built (the reason is above): connect the machine, or use a bundle"
    WHEEL=$(echo "$SCRATCH"/doorwatch-*.whl)
}

# Names the version by its number and by everything that it is made of.
name_version() {
    number=$(basename "$WHEEL" | cut -d- -f2)
    digest=$({
        cat "$WHEEL" "$CONSTRAINTS"
        echo "$PYTHON $(uname -m) $(system_site) $(pi_wheels)"
    } | sha256sum | cut -c1-8)
    NAME=$number-$digest
    VERSION=$OPT/versions/$NAME
}

pip_install() {
    if [ -d "$HERE/wheels" ]; then
        "$VERSION/bin/python" "$(echo "$HERE"/wheels/pip-*.whl)/pip" install --quiet --no-cache-dir \
            --no-index --find-links "$HERE/wheels" --constraint "$CONSTRAINTS" "$@"
    else
        "$SCRATCH/pip/bin/python" -m pip --python "$VERSION/bin/python" install --quiet \
            --no-cache-dir --constraint "$CONSTRAINTS" "$@"
    fi
}

make_version() {
    if [ -e "$VERSION/complete" ]; then
        say "$NAME is here already"
        return 0
    fi
    say "putting $NAME beside what is here"
    rm -rf "$VERSION"
    # shellcheck disable=SC2046 # each is none or several words
    {
        /usr/bin/python3 -m venv --without-pip $(system_site) "$VERSION"
        pip_install "$WHEEL" $(pi_wheels)
    } || refuse "its packages cannot be installed (the reason is above): connect the machine, or use a bundle"
    sync -f "$VERSION"
    touch "$VERSION/complete"
    sync -f "$VERSION"
}

# --- users, folders, services -------------------------------------------------------------------
# Each is a link into the version in force, so that it goes back with it; only what decides which
# version that is must not depend on one.
prepare_system() {
    share=$VERSION/share/doorwatch in_force=$OPT/current/share/doorwatch
    mkdir -p /etc/doorwatch /etc/tmpfiles.d /etc/sysusers.d /etc/systemd/system.conf.d
    ln -sfn "$in_force/watchdog.conf" /etc/systemd/system.conf.d/doorwatch-watchdog.conf
    for role in $ROLES; do
        case $role in
            hub) prefix=hub- name=doorwatch-hub ;;
            *) prefix='' name=doorwatch ;;
        esac
        systemd-sysusers "$share/${prefix}sysusers.conf"
        systemd-tmpfiles --create "$share/${prefix}tmpfiles.conf"
        ln -sfn "$in_force/${prefix}sysusers.conf" "/etc/sysusers.d/$name.conf"
        ln -sfn "$in_force/${prefix}tmpfiles.conf" "/etc/tmpfiles.d/$name.conf"
        ln -sfn "$in_force/command.sh" "/usr/local/bin/$name"
    done
    [ -e "$OPT/bin/doorwatch-switch" ] || lay_switch
    if has_role unit; then seal_key; fi
    for role in $ROLES; do echo "$role"; done >"$OPT/roles"
}

# What decides between versions is replaced only by one that has proved itself.
lay_switch() {
    share=$VERSION/share/doorwatch
    /usr/bin/python3 -m zipapp "$share/switch" --output "$OPT/bin/.new" --python "/usr/bin/python3 -I"
    chmod 755 "$OPT/bin/.new"
    sync "$OPT/bin/.new"
    mv "$OPT/bin/.new" "$OPT/bin/doorwatch-switch"
    for unit in settle trial; do
        cp "$share/systemd/doorwatch-$unit.service" "$SYSTEM/"
    done
}

# The key of the list is sealed to this machine from the start; SECURITY.md has better ways.
seal_key() {
    [ ! -e /etc/credstore.encrypted/gallery.key ] || return 0
    STATE_DIRECTORY=/var/lib/doorwatch RUNTIME_DIRECTORY=/run/doorwatch \
        "$VERSION/bin/doorwatch" key move --to credential >/dev/null ||
        refuse "the key of the list cannot be sealed (the reason is above)"
}

units() {
    for file in "$VERSION"/share/doorwatch/systemd/doorwatch-*; do
        unit=$(basename "$file")
        case $unit in
            doorwatch-settle.service | doorwatch-trial.service) ;;
            doorwatch-again@.service) echo "$unit" ;;
            doorwatch-hub* | doorwatch-broker*) if has_role hub; then echo "$unit"; fi ;;
            *) if has_role unit; then echo "$unit"; fi ;;
        esac
    done
}

link_units() {
    for unit in $(units); do
        ln -sfn "$OPT/current/share/doorwatch/systemd/$unit" "$SYSTEM/$unit"
    done
    systemctl daemon-reload
}

# What starts with the machine; a broker apart from the hub is another recipe (deploy/hub.md).
started_units() {
    for unit in $(units); do
        case $unit in doorwatch-broker*) continue ;; esac
        if grep -q '^WantedBy=' "$SYSTEM/$unit"; then echo "$unit"; fi
    done
}

# By hand, as systemctl would follow the link to the version that is in force today.
enable_units() {
    for unit in doorwatch-settle.service doorwatch-trial.service $(started_units); do
        # shellcheck disable=SC2013 # words are wanted
        for target in $(sed -n 's/^WantedBy=//p' "$SYSTEM/$unit"); do
            mkdir -p "$SYSTEM/$target.wants"
            ln -sfn "../$unit" "$SYSTEM/$target.wants/$unit"
        done
    done
    systemctl daemon-reload
}

# Doesn't wait: a unit without a camera, or a hub that is not founded yet, takes its time.
start_units() {
    systemctl reset-failed 'doorwatch-*' 2>/dev/null || true
    # shellcheck disable=SC2046 # names of units
    systemctl start --no-block $(started_units)
}

what_comes() {
    if has_role unit; then
        echo "sudo doorwatch status says how it is"
    else
        echo "sudo doorwatch-hub init makes it a hub, see $OPT/current/share/doorwatch/hub.md"
    fi
}

# --- putting it into force ----------------------------------------------------------------------
self_test() {
    say "self-test of $NAME"
    systemd-run --quiet --pipe --wait --collect \
        --property=User=doorwatch --property=LoadCredentialEncrypted=gallery.key \
        --property=PrivateNetwork=yes --property=PrivateTmp=yes --property=NoNewPrivileges=yes \
        --property=ProtectSystem=strict --property=ReadWritePaths=/var/lib/doorwatch \
        --setenv=STATE_DIRECTORY=/var/lib/doorwatch --setenv=RUNTIME_DIRECTORY=/run/doorwatch \
        "$VERSION/bin/doorwatch" self-test ||
        refuse "$NAME fails its self-test, so nothing was changed: see the table above"
}

put_into_force() {
    before=$(readlink "$OPT/current" || true)
    if [ "$before" = "versions/$NAME" ] && [ "$(echo "$KNOWN" | xargs)" = "$ROLES" ]; then
        say "$NAME is in force already: nothing was changed"
        return 0
    fi
    if [ -e "$VERSION/refused" ] && [ "$1" != --again ]; then
        refuse "$NAME was tried and went back ($(cat "$VERSION/refused")): see to that, then --again"
    fi
    rm -f "$VERSION/refused"
    if has_role unit; then self_test; fi
    link_units
    if [ -z "$before" ] || [ "$before" = "versions/$NAME" ]; then
        "$OPT/bin/doorwatch-switch" to "$NAME"
        enable_units
        start_units
        say "$NAME is in force and starts: $(what_comes)"
        return 0
    fi
    say "putting $NAME into force, on trial for at most 90 seconds"
    "$OPT/bin/doorwatch-switch" to "$NAME"
    await_trial
}

await_trial() {
    until=$(($(date +%s) + 300))
    while [ -e "$OPT/trial.json" ]; do
        [ "$(date +%s)" -lt $until ] ||
            refuse "the trial does not end: start the machine anew, which settles it"
        sleep 0.5
    done
    if [ "$(readlink "$OPT/current")" != "versions/$NAME" ]; then
        refuse "$NAME did not come up and the version before is back: doorwatch status says why"
    fi
    lay_switch
    enable_units
    start_units
    say "$NAME is in force and works"
}

# --- taking it off ------------------------------------------------------------------------------
# The list lies on a partition of its own then, and what takes that back is part of the software.
check_writable() {
    if grep -qsF '# doorwatch: read-only system' /etc/fstab; then
        refuse "the system is read-only: sudo $READ_ONLY off, then sudo reboot, then this again"
    fi
    [ -w /opt ] || refuse "the system is mounted read-only: sudo mount -o remount,rw / before this"
}

remove_all() {
    say "taking the software off"
    systemctl stop 'doorwatch-*' 2>/dev/null || true
    for unit in "$SYSTEM"/doorwatch-*; do
        [ -e "$unit" ] || [ -L "$unit" ] || continue
        rm -rf "$unit" "$SYSTEM"/*.wants/"$(basename "$unit")"
    done
    systemctl daemon-reload
    rm -rf "$OPT" /etc/systemd/system.conf.d/doorwatch-watchdog.conf \
        /etc/sysusers.d/doorwatch.conf /etc/tmpfiles.d/doorwatch.conf \
        /etc/sysusers.d/doorwatch-hub.conf /etc/tmpfiles.d/doorwatch-hub.conf \
        /usr/local/bin/doorwatch /usr/local/bin/doorwatch-hub /run/doorwatch
    if [ "$1" != --purge ]; then
        say "the list, its key and the settings stay: /var/lib/doorwatch*, /etc/doorwatch"
        return 0
    fi
    # Without its key the list cannot be read, whatever a card keeps of deleted files.
    sealed=/etc/credstore.encrypted
    find /var/lib/doorwatch /var/lib/doorwatch-hub /etc/doorwatch "$sealed"/gallery.key* "$sealed"/hub.key* \
        \( -name '*.key' -o -name '*.key.moving' -o -name 'gallery.*' \) -type f ! -name '*.db*' \
        -exec shred -u {} + 2>/dev/null || true
    for key in "$sealed"/gallery.key* "$sealed"/hub.key*; do
        [ ! -e "$key" ] || refuse "$key cannot be destroyed: remove it by hand"
    done
    rm -rf /var/lib/doorwatch /var/lib/doorwatch-hub /etc/doorwatch
    for user in $(getent passwd | cut -d: -f1 | grep '^doorwatch' || true); do userdel "$user"; done
    for group in $(getent group | cut -d: -f1 | grep '^doorwatch' || true); do groupdel "$group"; done
    say "the list, its key and the settings are gone"
    [ ! -d /var/backups/doorwatch-hub ] || say "the hub's backups stay: /var/backups/doorwatch-hub"
}

install_all() {
    check_machine
    check_roles "$1"
    [ ! -d "$HERE/wheels" ] || check_bundle
    SCRATCH=$(mktemp -d)
    system_packages
    find_wheel
    name_version
    make_version
    prepare_system
    put_into_force "${2:-}"
}

trap tidy EXIT
case ${1:-} in
    -h | --help | help) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" ;;
    unit | hub) install_all "$1" "${2:-}" ;;
    remove)
        [ "$(id -u)" = 0 ] || refuse "only root can take it off: put sudo before it"
        check_writable
        remove_all "${2:-}"
        ;;
    *) refuse "say what this machine is to be: install.sh unit, or install.sh hub (or --help)" ;;
esac
