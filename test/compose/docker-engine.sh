#!/bin/sh
# A Docker engine of the test's own in $1/engine, started by hand: no iptables, no default bridge, no routing. When standard
# input closes, whoever started it is gone: its containers and networks go, and the folder $1 with all that is in it.
set -eu
top=$1 folder=$1/engine
mkdir "$folder"

exec 3<&0 </dev/null
export DOCKER_HOST="unix://$folder/docker.sock"
watcher=
end() {
  trap - EXIT TERM
  {
    # shellcheck disable=SC2046
    {
      docker unpause $(docker ps --quiet --filter status=paused)
      docker rm --force --volumes $(docker ps --all --quiet)
    }
    docker network prune --force
    kill -TERM "$engine" "$watcher"
    wait
    # What the kernel still holds for containers: their file systems and network namespaces.
    # shellcheck disable=SC2046
    umount $(cut -d ' ' -f 2 /proc/mounts | grep "^$folder/" | sort -r)
  } >>"$folder/end.log" 2>&1 || true
  rm -rf "$top"
}

dockerd --host "$DOCKER_HOST" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/docker.pid" \
  --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false --bridge=none \
  --default-address-pool base=172.31.252.0/22,size=26 >"$folder/engine.log" 2>&1 &
engine=$!
trap end EXIT
trap 'exit 1' TERM
{ while read -r _line; do :; done; kill -TERM $$; } <&3 &
watcher=$!
exec 3<&-
wait "$engine"
