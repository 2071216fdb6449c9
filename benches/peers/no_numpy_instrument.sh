#!/bin/sh
# Stands for numpy_instrument.py where there is no numpy: names its benchmarks, and says why none runs.
echo '{"assay_protocol": 1, "context": {}, "benchmarks": [
{"name": "peer/bind/numpy", "fixed_iterations": null},
{"name": "peer/similarity-1000/numpy", "fixed_iterations": null}]}' | tr -d '\n'
echo
while read -r request; do
  name=$(printf '%s' "$request" | sed 's/.*"benchmark": *"\([^"]*\)".*/\1/')
  printf '{"benchmark": "%s", "error": "not run: no python3 here has numpy (Debian: python3-numpy)"}\n' "$name"
done
