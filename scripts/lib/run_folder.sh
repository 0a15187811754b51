# SPDX-License-Identifier: Apache-2.0
# The run folder: where scripts/up keeps what it started, and how scripts/down, scripts/demo find it again. Sourced.
#
#   arguments        what the folder was made with: a second scripts/up must say the same
#   ports            listen=HOST:PORT and primary_port=PORT, chosen once
#   endpoints        for people and programs: one name=value a line
#   afterimage.toml  options of the server: the source, with its password (readable by the owner)
#   root-password    of Afterimage, first line
#   afterimage.cnf   options for the mariadb and mysql clients: host, port, user, password (readable by the owner)
#   primary.cnf      the same for the private primary
#   *.pid            what runs now
#   log/             afterimage.log, primary.log, install.log
#   data/            Afterimage's store
#   primary/         the private primary's data folder
#
# Needs: $top, the root of the checkout. Sets: $run.

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# One lock a folder, so that two scripts/up do not start two of everything. Children must close descriptor 9.
use_run_folder() {
    run=$1
    mkdir -p "$run"
    chmod 700 "$run"
    run=$(cd "$run" && pwd -P)
    mkdir -p "$run/log"
    exec 9>"$run/lock"
    flock -n 9 || fail "another scripts/up or scripts/down works on $run now"
}

# The pid in file $1 if that process is alive and has $2 in its command line (a pid may have been given to a stranger).
running_pid() {
    local pid
    [[ -r $1 ]] || return 1
    pid=$(<"$1")
    [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2" || return 1
    # A zombie has ended, whoever has yet to notice.
    [[ $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) != Z ]] || return 1
    printf '%s\n' "$pid"
}

afterimage_pid() { running_pid "$run/afterimage.pid" "$run/data"; }
primary_pid() { running_pid "$run/primary.pid" "--datadir=$run/primary/data"; }

# SIGTERM, up to $3 seconds, then SIGKILL. $1 name, $2 pid.
stop_process() {
    local name=$1 pid=$2 patience_s=$3 waited=0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null &&
        [[ $(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) != Z ]]; do
        if [[ $waited -ge $((patience_s * 10)) ]]; then
            say "$name (pid $pid) did not stop within $patience_s s; killing it"
            kill -KILL "$pid" 2>/dev/null || true
            sleep 1
            return 0
        fi
        sleep 0.1
        waited=$((waited + 1))
    done
    say "$name (pid $pid) stopped"
}

# A TCP port on 127.0.0.1 on which nobody listens now, never MySQL's own.
free_port() {
    python3 -c 'import socket
while True:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if port not in (3306, 33060):
        break
print(port)'
}

# 24 letters and digits from the kernel.
random_password() { head -c 512 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c 24; }

# Writes options for a client. $1 file, $2 host, $3 port, $4 user, $5 password.
write_client_options() {
    (
        umask 077
        printf '[client]\nprotocol=tcp\nhost=%s\nport=%s\nuser=%s\npassword="%s"\n' \
            "$2" "$3" "$4" "${5//\"/\\\"}" >"$1.new"
        mv "$1.new" "$1"
    )
}

afterimage_sql() { mariadb --defaults-file="$run/afterimage.cnf" --batch --skip-column-names -e "$@"; }
primary_sql() { mariadb --defaults-file="$run/primary.cnf" --batch --skip-column-names -e "$@"; }

# The last lines of file $1, of those from byte $2 on.
log_end() {
    printf -- '--- end of %s\n' "$1" >&2
    tail -c "+${2:-1}" "$1" 2>/dev/null | tail -n 40 >&2 || true
    printf -- '---\n' >&2
}
