-- The topology as it was at each time, so that old flows are judged by the version that was valid then.

-- Pieces of versions, cut where their content says so: what two versions have in common stands here once.
CREATE TABLE flowsight.topology_chunk (
    hash  uuid PRIMARY KEY,
    bytes bytea NOT NULL
);

-- A version: everything that was read, as one canonical document. `version` is the digest of the resources.
CREATE TABLE flowsight.topology_document (
    version           text PRIMARY KEY,
    resources         integer NOT NULL,
    vnets             integer NOT NULL,
    private_endpoints integer NOT NULL,
    firewalls         integer NOT NULL,
    problems          integer NOT NULL,
    bytes             bigint NOT NULL,
    -- Pieces in order.
    chunks            uuid[] NOT NULL,
    stored_at         timestamptz NOT NULL DEFAULT now()
);

-- From when on a version is valid; until the next row. The same version may come back.
CREATE TABLE flowsight.topology_validity (
    valid_from  timestamptz PRIMARY KEY,
    version     text NOT NULL REFERENCES flowsight.topology_document,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE VIEW flowsight.topology_version AS
SELECT v.valid_from AS "time", v.valid_from, lead(v.valid_from) OVER (ORDER BY v.valid_from) AS valid_until, v.version,
    d.resources, d.vnets, d.private_endpoints, d.firewalls, d.problems, d.bytes, v.recorded_at
FROM flowsight.topology_validity v JOIN flowsight.topology_document d ON d.version = v.version;

COMMENT ON VIEW flowsight.topology_version IS
    'The versions of the topology that judged flows, one row for each time that one became valid.';
COMMENT ON COLUMN flowsight.topology_version."time" IS 'The same as valid_from, for plots.';
COMMENT ON COLUMN flowsight.topology_version.valid_from IS
    'Event time from which on it judges flows (from the next full minute); the first one also judges what is older.';
COMMENT ON COLUMN flowsight.topology_version.valid_until IS
    'Event time at which the next version became valid; null for the one that is valid now.';
COMMENT ON COLUMN flowsight.topology_version.version IS
    'Digest of the resources and overlays; the same version may become valid again.';
COMMENT ON COLUMN flowsight.topology_version.resources IS 'Azure resources in it.';
COMMENT ON COLUMN flowsight.topology_version.vnets IS 'Virtual networks in it.';
COMMENT ON COLUMN flowsight.topology_version.private_endpoints IS 'Private endpoints in it.';
COMMENT ON COLUMN flowsight.topology_version.firewalls IS 'Azure Firewalls and appliances in it.';
COMMENT ON COLUMN flowsight.topology_version.problems IS
    'Contradictions and dangling references in it; flowsight check tells them.';
COMMENT ON COLUMN flowsight.topology_version.bytes IS 'Size of its document.';
COMMENT ON COLUMN flowsight.topology_version.recorded_at IS 'Wall-clock time at which it was stored.';

-- The role belongs to the first migration; a server whose owner may not create roles has none.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flowsight_reader') THEN
        GRANT SELECT ON flowsight.topology_version TO flowsight_reader;
    END IF;
END $$;
