#!/usr/bin/env bash
# Measures lanes beside its peers on this machine and writes the tables of
# benchmarks/RESULTS.md. README.md says what is measured and how.
#
# It wants Debian, Go and, where packages are missing, root. It is meant for a
# machine that does nothing else meanwhile.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: run.sh [-native] [-rounds N] [-seconds S] [-cores N] [-only RE] [-out FILE]

  -native     let the peers use all instructions that the machine has, not AVX2
              alone; writes RESULTS-native.md
  -rounds N   rounds, in each of which everything is measured in turn (5)
  -seconds S  for each measurement in a round (0.1)
  -cores N    number of cores to use beside one (2)
  -only RE    measure only cases whose keys the regular expression matches, such
              as op=batchnorm or lenet2; writes build/only.md
  -out FILE   where to write the tables (benchmarks/RESULTS.md)
EOF
  exit 2
}

command="benchmarks/peers/run.sh $*"
native='' rounds=5 seconds=0.1 cores=2 only='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    -native) native=1; shift; continue ;;
    -rounds | -seconds | -cores | -only | -out) [ $# -ge 2 ] || usage ;;
    *) usage ;;
  esac
  declare "${1#-}=$2"
  shift 2
done

here=$(cd "$(dirname "$0")" && pwd)
build=$here/build
raw=$build/measurements${native:+-native}${only:+-only}.txt
tables=$here/../RESULTS${native:+-native}.md
[ -z "$only" ] || tables=$build/only.md
out=$(realpath -m "${out:-$tables}")
all_cores=(1)
[ "$cores" -le 1 ] || all_cores+=("$cores")
onnxruntime=onnxruntime-node@1.30.0
packages=(g++ libdnnl-dev libopenblas-dev libblis-dev python3-torch)

# Whatever the caller's environment says of the peers is not theirs.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE BLIS_ARCH_TYPE ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA
unset ATEN_CPU_CAPABILITY LANES_KERNELS GOMAXPROCS GOGC GODEBUG NODE_OPTIONS PYTHONPATH LD_PRELOAD
export PYTHONDONTWRITEBYTECODE=1

version() { dpkg-query -W -f '${Version}' "$1"; }

install_peers() {
  local missing=()
  for package in "${packages[@]}"; do
    version "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  if [ ${#missing[@]} -gt 0 ]; then
    apt-get -q update
    apt-get -qy -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}"
  fi
  # No scripts: that of this package fetches support for GPUs.
  npm install --prefix "$build/npm" --ignore-scripts --no-audit --no-fund --no-progress "$onnxruntime"
}

build_programs() {
  local cxx=(g++ -O2 -std=c++17)
  "${cxx[@]}" -o "$build/onednn" onednn/onednn.cpp -ldnnl
  "${cxx[@]}" -DIMPL='"onednn"' -DONEDNN -o "$build/sgemm-onednn" sgemm/sgemm.cpp -ldnnl
  "${cxx[@]}" -DIMPL='"openblas"' -o "$build/sgemm-openblas" sgemm/sgemm.cpp -lopenblas
  "${cxx[@]}" -DIMPL='"blis"' -o "$build/sgemm-blis" sgemm/sgemm.cpp -lblis
  go build -o "$build/" ./lanes ./gonum ./gorgonia ./tables
  /usr/bin/python3 pytorch/lenet5.py export "$build/lenet5.onnx"
}

# blis_number NAME: the number by which this build of BLIS knows a kind of
# processor. It recognises none that is younger than itself, and then computes
# without SIMD; so it is told.
blis_number() {
  local number said
  for number in {0..30}; do
    said=$(BLIS_ARCH_DEBUG=1 BLIS_ARCH_TYPE=$number "$build/sgemm-blis" 1 0.001 <<<'op=sgemm/ 0 0 8 8 8' 2>&1) || continue
    if [[ $said == *"'$1'"* ]]; then
      echo "$number"
      return
    fi
  done
  echo "BLIS has no kernels for $1" >&2
  return 1
}

has_avx512() { grep -qw avx512f /proc/cpuinfo; }

# choose_instructions restricts the peers to AVX2. onnxruntime knows no such
# restriction.
choose_instructions() {
  local type number types=(haswell zen3)
  if [ -z "$native" ]; then
    export OPENBLAS_CORETYPE=Haswell ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2
  elif has_avx512; then
    types+=(skx)
  fi
  blis_types=()
  for type in "${types[@]}"; do
    number=$(blis_number "$type")
    blis_types+=("$number")
  done
}

settings() {
  cat <<EOF
command: $command
commit: $(git describe --always --dirty --abbrev=12)
date: $(date -u '+%Y-%m-%d %H:%M UTC')
machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, $(uname -sr), load average before the run $(cut -d' ' -f1 /proc/loadavg)
instruction sets of the peers: $(if [ -n "$native" ]; then echo "all that the machine has$(has_avx512 && echo ', AVX-512 among them')"; else echo "AVX2 (onnxruntime: all that the machine has)"; fi)
measurement: the best of $rounds rounds of $seconds s
go: $(go version | cut -d' ' -f3-)
onednn: $(version libdnnl-dev)
openblas: $(version libopenblas-dev)
blis: $(version libblis-dev)
pytorch: $(version python3-torch)
onnxruntime: ${onnxruntime#*@}, node $(node --version)
gonum: $(go list -m -f '{{.Version}}' gonum.org/v1/gonum)
gorgonia: $(go list -m -f '{{.Version}}' gorgonia.org/gorgonia)
EOF
}

# list_cases writes what is to be measured on each number of cores to a file.
list_cases() {
  for workers in "${all_cores[@]}"; do
    "$build/tables" -cases "$workers" -only "$only" >"$build/cases$workers.txt"
  done
  for workers in "${all_cores[@]}"; do
    [ ! -s "$build/cases$workers.txt" ] || return 0
  done
  echo "no case has a key that $only matches" >&2
  return 1
}

# measure WORKERS: one measurement of all cases.
measure() {
  local workers=$1 cases=$build/cases$1.txt blas type
  blas=/usr/lib/$(gcc -print-multiarch)/openblas-pthread # for PyTorch
  export OMP_NUM_THREADS=$workers OPENBLAS_NUM_THREADS=$workers BLIS_NUM_THREADS=$workers
  "$build/lanes" "$workers" "$seconds" <"$cases"
  "$build/onednn" "$workers" "$seconds" <"$cases"
  "$build/sgemm-onednn" "$workers" "$seconds" <"$cases"
  "$build/sgemm-openblas" "$workers" "$seconds" <"$cases"
  for type in "${blis_types[@]}"; do
    BLIS_ARCH_TYPE=$type "$build/sgemm-blis" "$workers" "$seconds" <"$cases"
  done
  "$build/gonum" "$workers" "$seconds" <"$cases"
  "$build/gorgonia" "$workers" "$seconds" <"$cases"
  LD_LIBRARY_PATH=$blas /usr/bin/python3 pytorch/layers.py "$workers" "$seconds" <"$cases"
  LD_LIBRARY_PATH=$blas /usr/bin/python3 pytorch/lenet5.py "$workers" "$seconds" <"$cases"
  NODE_PATH=$build/npm/node_modules node onnxruntime/lenet5.js "$workers" "$seconds" "$build/lenet5.onnx" <"$cases"
}

cd "$here"
mkdir -p "$build"
install_peers
build_programs
choose_instructions
list_cases
settings >"$raw"
for ((round = 1; round <= rounds; round++)); do
  for workers in "${all_cores[@]}"; do
    [ -s "$build/cases$workers.txt" ] || continue
    echo "round $round of $rounds, cores: $workers" >&2
    measure "$workers" >>"$raw"
  done
done
"$build/tables" <"$raw" >"$out"
cat "$out"
