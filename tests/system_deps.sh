#!/usr/bin/env bash
# The servers, the browser and the shells that some tests start: from Debian's packages, and a chat server in an
# environment of its own. What cannot be had is told, and the tests that need it skip and say so.
set -uo pipefail
cd "$(dirname "$0")/.."

packages=(ngircd postfix chromium fonts-dejavu-core postgresql-15 zsh fish)
servers=.venv-servers

from_debian() {
  local missing=()
  for package in "${packages[@]}"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "Debian's packages: all there (${packages[*]})"
    return
  fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Debian's packages: ${missing[*]} cannot be installed without apt-get and root"
    return
  fi
  # nothing that is installed here may start by itself: the tests start what they need
  local policy=/usr/sbin/policy-rc.d ours=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=yes
  fi
  # the tests make servers of their own; Debian would make one for the whole machine
  local clusters=/etc/postgresql-common/createcluster.conf
  if [ ! -e "$clusters" ]; then
    mkdir -p "${clusters%/*}" && echo 'create_main_cluster = false' >"$clusters"
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    </dev/null >/dev/null && echo "Debian's packages: installed ${missing[*]}" ||
    echo "Debian's packages: ${missing[*]} could not be installed"
  [ "$ours" = no ] || rm -f "$policy"
}

chat_server() {
  if cmp -s requirements-servers.lock "$servers/installed.lock"; then
    echo "chat server: there ($servers)"
    return
  fi
  rm -rf "$servers"
  "${PYTHON:-python3}" -m venv "$servers" &&
    "$servers/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
      -r requirements-servers.lock &&
    cp requirements-servers.lock "$servers/installed.lock" &&
    echo "chat server: installed into $servers" ||
    echo "chat server: could not be installed into $servers"
}

# unpacked beside the tests, not installed: no service of it is to run here
unpacked() { # NAME PROGRAM PACKAGE
  local place=$servers/$1
  if [ -x "$place/$2" ]; then
    echo "${2##*/}: there ($place)"
    return
  fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "${2##*/}: cannot be had without apt-get and dpkg-deb"
    return
  fi
  local scratch
  scratch=$(mktemp -d)
  (cd "$scratch" && { apt-get download -qq "$3" || { apt-get update -qq && apt-get download -qq "$3"; }; }) \
    >/dev/null 2>&1 && mkdir -p "$place" && dpkg-deb -x "$scratch/$3"_*.deb "$place" &&
    echo "${2##*/}: unpacked into $place" ||
    echo "${2##*/}: could not be had"
  rm -rf "$scratch"
}

from_debian
chat_server
unpacked prometheus usr/bin/promtool prometheus
unpacked nginx usr/sbin/nginx nginx
