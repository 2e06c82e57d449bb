# What the set-up scripts share; sourced, not run.

log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { echo "setup: $*"; }

fail() {
  echo "setup: FAILED: $1" >&2
  shift
  local line
  for line in "$@"; do echo "setup:   $line" >&2; done
  exit 1
}

# Run a command quietly; show what it printed only when it fails.
quietly() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    return 1
  fi
}

can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || { command -v sudo && sudo -n true; } >/dev/null 2>&1; }
}

# Run apt-get as root; only where can_install says yes.
apt() {
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  quietly "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

apt_update() { apt update || say "apt-get update failed; trying with the package lists that are there"; }

apt_install() { apt install --yes --no-install-recommends "$@"; }
