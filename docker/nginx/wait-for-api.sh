#!/bin/sh
# Keeps nginx from answering before there is an api. If none comes within a minute the container ends, and its restart
# policy tries again.
set -eu

left=${API_WAIT_SECONDS:-60}
until curl --fail --silent --output /dev/null --max-time 2 "http://$API_ADDRESS/health/live"; do
  left=$((left - 1))
  if [ "$left" -le 0 ]; then
    echo "$0: there is no api at $API_ADDRESS" >&2
    exit 1
  fi
  sleep 1
done
