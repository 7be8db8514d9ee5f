#!/bin/sh
# Makes a role and a database for each service, named minzheng_<service>; no other role connects to it.
# $1: the folder with a password a service, as `minzheng secrets` writes it. The PostgreSQL image runs this once, on an
# empty data folder, as its superuser; elsewhere psql's own variables (PGHOST, PGPORT) say where the server is.
set -eu
folder=${1:-/run/minzheng}
for file in "$folder"/*; do
  service=$(basename "$file")
  [ "$service" = superuser ] && continue
  name=minzheng_$(printf %s "$service" | tr - _)
  # On standard input, where no list of processes shows it. Names and passwords need no quoting.
  psql --quiet --no-password --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<SQL
CREATE ROLE "$name" LOGIN PASSWORD '$(cat "$file")';
CREATE DATABASE "$name" OWNER "$name" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE "$name" FROM PUBLIC;
SQL
done
