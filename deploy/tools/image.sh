#!/usr/bin/env bash
# Builds the image of one service from a binary that this machine compiles.
# usage: image.sh SERVICE   (TAG, PROFILE and STORAGE can be set)
set -euo pipefail

service=$1
tag=${TAG:-switchboard/$service:dev}
profile=${PROFILE:-release}
storage=${STORAGE:-vfs}

cargo build --locked --profile "$profile" --package "$service" --bin "$service"
folder=$profile
[ "$profile" != dev ] || folder=debug
speech=
case $service in ingress-voice | switchboard) speech=speech ;; esac
deploy/tools/image_files.sh "target/$folder/$service" "target/images/$service" $speech
buildah --storage-driver "$storage" build --isolation chroot --build-arg FILES=prebuilt \
    --build-arg "SERVICE=$service" --ignorefile deploy/docker/Dockerfile.dockerignore \
    --file deploy/docker/Dockerfile --tag "$tag" .
echo "built $tag"
