# SPDX-License-Identifier: Apache-2.0
# A MariaDB primary of our own under run/primary, with a small shop to play with. Sourced, after run_folder.sh.
#
# It is Debian's MariaDB server with its own data folder, on 127.0.0.1 and a free port: the system's own MariaDB, its
# configuration and port 3306 are not touched. root may log in over the socket in the data folder only; accounts with
# generated passwords serve TCP: shop_admin for people (run/primary.cnf), afterimage for replication.

find_server_program() {
    PATH=/usr/sbin:/usr/bin:$PATH command -v "$1" || fail "$1 is missing; scripts/install-packages run"
}

# Needs $primary_port. Returns when the server answers; on the first start the accounts are made.
start_private_primary() {
    local folder=$run/primary log=$run/log/primary.log mariadbd as_root=() first=()
    if primary_pid >/dev/null; then
        say "primary: runs already on 127.0.0.1:$primary_port"
        return
    fi
    mariadbd=$(find_server_program mariadbd)
    [[ $EUID -ne 0 ]] || as_root=(--user=root)
    if [[ ! -e $folder/installed ]]; then
        install_private_primary "${as_root[@]}"
        first=(--init-file="$folder/accounts.sql")
    fi
    # The socket's path is relative to the data folder, because a socket's path may not pass 107 bytes.
    setsid "$mariadbd" --no-defaults "${as_root[@]}" "${first[@]}" --datadir="$folder/data" --socket=mysql.sock \
        --pid-file="$folder/data/mariadbd.pid" --bind-address=127.0.0.1 --port="$primary_port" --skip-name-resolve \
        --server-id=1 --log-bin=binlog --binlog-format=ROW --binlog-row-image=FULL --binlog-row-metadata=FULL \
        --binlog-annotate-row-events=ON --gtid-strict-mode=ON --sync-binlog=1 --character-set-server=utf8mb4 \
        --collation-server=utf8mb4_general_ci --innodb-buffer-pool-size=128M --innodb-log-file-size=48M \
        --max-allowed-packet=256M </dev/null >>"$log" 2>&1 9>&- &
    local child=$!
    printf '%s\n' "$child" >"$run/primary.pid"
    # The child is this script's copy until it is the server: its command line tells.
    until primary_pid >/dev/null || ! kill -0 "$child" 2>/dev/null; do
        sleep 0.02
    done
    wait_for_private_primary "$log"
    touch "$folder/installed"
    rm -f "$folder/accounts.sql"
    say "primary: MariaDB on 127.0.0.1:$primary_port, data in $folder"
}

install_private_primary() {
    local folder=$run/primary log=$run/log/install.log admin_password replica_password
    # What a cut installation left is worth nothing.
    rm -rf "$folder"
    (umask 077 && mkdir -p "$folder")
    "$(find_server_program mariadb-install-db)" --no-defaults "$@" --datadir="$folder/data" --skip-test-db \
        --auth-root-authentication-method=socket --innodb-log-file-size=48M >"$log" 2>&1 </dev/null ||
        { log_end "$log"; fail "mariadb-install-db failed"; }
    admin_password=$(random_password)
    replica_password=$(random_password)
    (
        umask 077
        printf '%s\n' "$replica_password" >"$folder/replica-password"
        # An init file holds one statement a line.
        cat >"$folder/accounts.sql" <<SQL
CREATE OR REPLACE USER shop_admin@127.0.0.1 IDENTIFIED BY '$admin_password';
GRANT ALL PRIVILEGES ON *.* TO shop_admin@127.0.0.1 WITH GRANT OPTION;
CREATE OR REPLACE USER afterimage@127.0.0.1 IDENTIFIED BY '$replica_password';
GRANT SELECT, RELOAD, PROCESS, LOCK TABLES, SHOW VIEW, TRIGGER, EVENT, REPLICATION SLAVE, REPLICATION CLIENT, SLAVE MONITOR ON *.* TO afterimage@127.0.0.1;
SQL
    )
    write_client_options "$run/primary.cnf" 127.0.0.1 "$primary_port" shop_admin "$admin_password"
}

wait_for_private_primary() {
    local waited=0
    until primary_sql 'SELECT 1' >/dev/null 2>&1; do
        if ! primary_pid >/dev/null; then
            log_end "$1"
            fail "the private primary ended while starting"
        fi
        [[ $waited -lt 1200 ]] || { log_end "$1"; fail "the private primary does not answer on port $primary_port"; }
        sleep 0.1
        waited=$((waited + 1))
    done
}

# Makes database shop, once in the folder's life: about 10,000 rows, the same on every machine.
load_shop() {
    [[ ! -e $run/primary/shop-loaded ]] || return 0
    mariadb --defaults-file="$run/primary.cnf" <"$top/scripts/lib/shop.sql" || fail "the shop could not be loaded"
    touch "$run/primary/shop-loaded"
    say "primary: database shop with $(primary_sql "SELECT (SELECT COUNT(*) FROM shop.customers)
        + (SELECT COUNT(*) FROM shop.products) + (SELECT COUNT(*) FROM shop.orders)
        + (SELECT COUNT(*) FROM shop.order_lines)") rows"
}

# A few transactions after the first copy, once, so that there is a history to ask about.
play_morning() {
    [[ ! -e $run/primary/morning-played ]] || return 0
    mariadb --defaults-file="$run/primary.cnf" shop <"$top/scripts/lib/morning.sql" || fail "the primary refused a write"
    touch "$run/primary/morning-played"
}
