#!/bin/sh
# Ceph's object gateway in the place of MinIO: started as MinIO is (`server /data`), with its variables for the key, on its
# port, and with an answer at the address where it is asked for its health. What is stored is in memory.
set -eu
[ "$1" = server ] || { echo "only 'server' is understood, not '$*'" >&2; exit 64; }
key=${MINIO_ROOT_USER:?} secret=${MINIO_ROOT_PASSWORD:?}
folder=/data/ceph
fsid=$(sed -n 's/^fsid = //p' /opt/stand-in/ceph.conf)
monitor=$(sed -n 's/^mon_host = .*:\([0-9]*\)]$/\1/p' /opt/stand-in/ceph.conf)

rm -rf "$folder"
mkdir -p "$folder"
cp /opt/stand-in/ceph.conf "$folder"

# MinIO's address for its health, /minio/health/live, names an object here, one that everybody may read.
put() {
  printf 'user = "%s:%s"\n' "$key" "$secret" |
    curl --silent --show-error --fail --config - --aws-sigv4 aws:amz:us-east-1:s3 \
      --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --request PUT "$@"
}
{
  until curl --silent --output /dev/null http://127.0.0.1:9000/; do sleep 0.1; done
  put http://127.0.0.1:9000/minio
  put --header 'x-amz-acl: public-read' --data-binary ok http://127.0.0.1:9000/minio/health/live
} &

# The gateway ends when its input does, which here is never: SIGTERM ends it.
mkfifo "$folder/input"
exec sh /opt/stand-in/radosgw.sh "$folder" "$fsid" "$monitor" "$key" "$secret" 0<>"$folder/input"
