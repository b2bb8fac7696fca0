#!/usr/bin/env bash
# The training step on this machine's accelerator: replayed reference steps, then ours beside two peers, in a table.
#
#   bench/accelerator.sh --wheels DIR   with a GPU; DIR holds the plugin's wheels (and the peers'), nothing is fetched
#   bench/accelerator.sh                the plugin and the peers' modules are those of this machine's Python
#   bench/accelerator.sh --cpu          reduced, without a GPU: bench-tiny on the CPU plugin
#
#   --wheels DIR      jax_cuda1x_pjrt with the nvidia_* wheels it needs (--cpu: a CPU plugin); torch and jax if wanted
#   --plugin FILE     the PJRT library, in place of one from --wheels or the Python's (or SYNCLR_XLA_PLUGIN=FILE)
#   --peers DIR       torch_step.py and jax_step.py (default ../shared/bench beside this tree)
#   --reference DIR   files of recorded steps (default ../shared/reference/synclr-step beside this tree)
#   --python CMD      the Python that installs wheels and has the peers' modules (default python3)
#   --steps N         timed steps a run, after warming up; each run tells their median (default 20, with --cpu 3)
#   --repeats N       how often everything is run, in turns; the table has the medians (default 1)
#   --minutes N       no further runs are begun after this time
#   --out DIR         logs and results (default build/accelerator)
#
# Node modules must be there (npm ci). Where TypeScript is not among them, dist/ and build/ are taken as they are.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "bench/accelerator.sh: $1" >&2
  exit 2
}

cpu='' wheels='' plugin=${SYNCLR_XLA_PLUGIN:-} peers=../shared/bench reference=../shared/reference/synclr-step
python=python3 out=build/accelerator pass=()
while [ $# -gt 0 ]; do
  case $1 in
    --cpu) cpu=--cpu; shift; continue ;;
    --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit ;;
    --wheels | --plugin | --peers | --reference | --python | --steps | --repeats | --minutes | --out)
      [ $# -gt 1 ] || fail "$1 needs a value" ;;
    *) fail "unknown option $1; --help lists them" ;;
  esac
  case $1 in
    --wheels) wheels=$2 ;;
    --plugin) plugin=$2 ;;
    --peers) peers=$2 ;;
    --reference) reference=$2 ;;
    --python) python=$2 ;;
    --out) out=$2 ;;
    --steps | --repeats | --minutes)
      case $2 in '' | *[!0-9]*) fail "$1 $2: not a number" ;; esac
      pass+=("$1" "$2") ;;
  esac
  shift 2
done
[ -z "$wheels" ] || [ -d "$wheels" ] || fail "--wheels $wheels: no such folder"
[ -z "$plugin" ] || [ -f "$plugin" ] || fail "$plugin: no such file"
command -v node >/dev/null || fail 'needs Node 20.19 or newer'
[ -d node_modules ] || fail 'no node_modules here: npm ci first'
mkdir -p "$out"

if [ -d node_modules/typescript ]; then
  node_modules/.bin/tsc && node_modules/.bin/tsc -p tsconfig.bench.json
  node scripts/kernels.js dist && node scripts/kernels.js build/src
elif [ ! -f dist/cli/verify-step.js ] || [ ! -f build/bench/accelerator.js ]; then
  fail 'neither TypeScript in node_modules nor dist/ and build/: npm ci, or npm run build:bench where it is'
fi

# Installs packages from the folder of wheels alone: install TARGET_OPTIONS… -- PACKAGES…
install() {
  if command -v uv >/dev/null; then uv pip install --quiet --no-index --find-links "$wheels" "$@"
  else "$python" -m pip install --quiet --no-index --find-links "$wheels" "$@"
  fi
}
# Names of the packages of which there are wheels that match a pattern.
packages() {
  find "$wheels" -maxdepth 1 -name '*.whl' -printf '%f\n' | grep -E "^($1)-" | sed 's/-.*//; s/_/-/g' | sort -u || true
}
library() {
  find "$1" \( -name 'xla_*_plugin.so' -o -name 'pjrt_*_plugin.so' -o -name 'libpjrt_*.so' \) -print -quit 2>/dev/null
}

torch=$python jax=$python
if [ -n "$wheels" ]; then
  if [ -z "$plugin" ]; then
    pattern='jax_cuda1[0-9]_pjrt|nvidia_[a-z0-9_]+'
    [ -z "$cpu" ] || pattern='[a-z0-9_]+_(pjrt|xla)_cpu'
    mapfile -t names < <(packages "$pattern")
    [ ${#names[@]} -gt 0 ] || fail "$wheels holds no wheel of a plugin ($pattern)"
    # Into one folder, where the plugin finds NVIDIA's libraries beside it.
    [ -n "$(library "$out/plugin")" ] || install --no-deps --target "$out/plugin" "${names[@]}"
    plugin=$(library "$out/plugin")
    [ -n "$plugin" ] || fail "no PJRT library among ${names[*]}"
  fi
  # Each peer in an environment of its own: they ask for different versions of NVIDIA's libraries.
  for peer in torch jax; do
    [ -n "$(packages "$peer")" ] || continue
    [ -x "$out/$peer/bin/python" ] || "$python" -m venv "$out/$peer"
    needed=("$peer")
    if [ -n "$(packages numpy)" ]; then needed+=(numpy); fi
    if [ $peer = jax ] && [ -z "$cpu" ]; then
      for name in $(packages 'jax_cuda1[0-9]_plugin'); do needed+=("$name[with-cuda]"); done
    fi
    (python=$out/$peer/bin/python; VIRTUAL_ENV=$out/$peer install "${needed[@]}")
    declare "$peer=$out/$peer/bin/python"
  done
fi
if [ -z "$plugin" ] && [ -z "$cpu" ]; then
  site=$("$python" -c 'import jax_plugins; print(list(jax_plugins.__path__)[0])' 2>/dev/null || true)
  [ -z "$site" ] || plugin=$(library "$site")
fi
[ -n "$plugin" ] || fail "no PJRT plugin: name its wheels (--wheels DIR) or its library (--plugin FILE)"
SYNCLR_XLA_PLUGIN=$(realpath "$plugin")
export SYNCLR_XLA_PLUGIN

[ -d "$peers" ] || peers=''
exec node build/bench/accelerator.js $cpu --peers "$peers" --reference "$reference" --torch "$torch" --jax "$jax" \
  --out "$out" ${pass[@]+"${pass[@]}"}
