#!/bin/bash -e

app --daemon &
pid=$!
app-client configure
kill "$pid"
wait "$pid" || true
