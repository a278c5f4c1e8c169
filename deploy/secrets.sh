#!/bin/sh
# The secrets of compose.yaml, made once; those that are there stay. OpenAI's key is yours to write down.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
once() { test -s "secrets/$1" || cat > "secrets/$1"; }

random 24 | tr '+/' '-_' | once postgres_password
printf 'postgresql://chat:%s@postgres:5432/chat' "$(cat secrets/postgres_password)" | once database_url
random 48 | once secret_key
random 32 | tr '+/' '-_' | once encryption_keys
test -e secrets/openai_api_key || : > secrets/openai_api_key
# The containers read them as the user 10001, and Postgres as its own; others on this machine are kept out by
# the directory.
chmod 644 secrets/*
chmod 700 secrets
echo "In deploy/secrets: $(ls secrets | tr '\n' ' ')"
test -s secrets/openai_api_key || echo "Write your key into deploy/secrets/openai_api_key, or name providers in the admin."
