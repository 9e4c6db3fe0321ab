-- One who reads the jobs of a catalog on PostgreSQL, and nothing else: psql -d bareos -f bareos-catalog.sql
CREATE ROLE jobreport LOGIN;
GRANT SELECT ON Job, Client, Log TO jobreport;
