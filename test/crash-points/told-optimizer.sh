#!/bin/sh
# An optimizer that does what the files beside its results say: fails (everywhere, or on the host that it is told to be on),
# leaves something that is no result, or waits.
folder=$1
host=$2
key=$(grep -o '"key":"[^"]*"' "$WINDROW_PROBLEM" | head -n 1 | cut -d '"' -f 4)
echo "running $key"
[ ! -e "$folder/$key.fails" ] || exit 7
if [ -e "$folder/$key.fails-on-$host" ]; then
  # Failing at once, it would have taken everything before another host has taken anything.
  sleep 0.3
  exit 8
fi
if [ -e "$folder/$key.corrupt" ]; then
  echo nonsense >"$WINDROW_OUTPUT"
  exit 0
fi
while [ -e "$folder/$key.waits" ]; do sleep 0.05; done
cp "$folder/$key.h5" "$WINDROW_OUTPUT"
