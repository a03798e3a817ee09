# Run once by the PostgreSQL image, on an empty volume: a database and an owner for each of the two processes. Neither
# can open the other's.
for name in rebac gateway; do
  psql -v ON_ERROR_STOP=1 -q -U "${POSTGRES_USER:-postgres}" -d postgres \
    -v name="$name" -v password="$(cat "/run/secrets/${name}_database_password")" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect on database :"name" from public;
SQL
done
