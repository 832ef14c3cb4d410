-- What Detect decided (findings, the minutes and sessions they rest on) and what is still to be delivered.
-- All of it is small and local to one node: no partitions, nothing to distribute.

-- How far event time is decided. One row, locked by every transaction that records an evaluation.
CREATE TABLE flowsight.evaluation (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    evaluated_until timestamptz
);
INSERT INTO flowsight.evaluation DEFAULT VALUES;

-- The finding as it is now. `document` holds the exact bytes of its JSON; the columns are copies for queries.
CREATE TABLE flowsight.finding_state (
    fingerprint      text PRIMARY KEY,
    detector         text NOT NULL,
    state            text NOT NULL CHECK (state IN ('open', 'stale', 'resolved')),
    severity         text NOT NULL,
    confidence       text NOT NULL,
    title            text NOT NULL,
    why              text NOT NULL,
    cause            text NOT NULL,
    first_seen       timestamptz NOT NULL,
    last_seen        timestamptz NOT NULL,
    opened_at        timestamptz NOT NULL,
    resolved_at      timestamptz,
    resolved_because text,
    proof            text NOT NULL,
    proof_why        text NOT NULL,
    flapping         boolean NOT NULL,
    explain          text NOT NULL,
    -- The document again, for reading into: jsonb cannot hold U+0000, which stands here as U+FFFD.
    parts            jsonb NOT NULL,
    document         text NOT NULL
);
CREATE INDEX finding_state_opened ON flowsight.finding_state (opened_at, fingerprint);

-- Every opening and resolving, with the message about it: the history of findings.
CREATE TABLE flowsight.alert (
    fingerprint text NOT NULL,
    transition  text NOT NULL CHECK (transition IN ('opened', 'resolved')),
    happened_at timestamptz NOT NULL,
    body        text NOT NULL,
    PRIMARY KEY (fingerprint, transition, happened_at)
);

-- One row per alert and receiver, written in the transaction of the finding, so that no decision goes unsaid.
-- pending -> delivered (2xx) | given_up (its time is over; kept, can be set back to pending).
CREATE TABLE flowsight.outbox (
    fingerprint      text NOT NULL,
    transition       text NOT NULL,
    happened_at      timestamptz NOT NULL,
    receiver         text NOT NULL,
    sequence         bigint GENERATED ALWAYS AS IDENTITY,
    state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'given_up')),
    -- Times below are wall-clock times.
    decided_at       timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    attempts         integer NOT NULL DEFAULT 0,
    first_attempt_at timestamptz,
    finished_at      timestamptz,
    last_reason      text,
    last_status      integer,
    PRIMARY KEY (fingerprint, transition, happened_at, receiver),
    FOREIGN KEY (fingerprint, transition, happened_at) REFERENCES flowsight.alert
);
CREATE INDEX outbox_pending ON flowsight.outbox (receiver, due_at, sequence) WHERE state = 'pending';
CREATE INDEX outbox_pending_finding ON flowsight.outbox (fingerprint, receiver, sequence) WHERE state = 'pending';

CREATE TABLE flowsight.firewall_load_minute (
    firewall        text NOT NULL,
    minute          timestamptz NOT NULL,
    bytes           bigint NOT NULL,
    capacity_bytes  bigint,
    processed_bytes bigint,
    PRIMARY KEY (firewall, minute)
);
CREATE INDEX firewall_load_minute_minute ON flowsight.firewall_load_minute (minute);

CREATE TABLE flowsight.asymmetric_session_row (
    fingerprint  text NOT NULL,
    first_seen   timestamptz NOT NULL,
    client_ip    inet NOT NULL,
    client_port  integer NOT NULL,
    server_ip    inet NOT NULL,
    server_port  integer NOT NULL,
    protocol     smallint NOT NULL,
    opener       text NOT NULL,
    answerer     text NOT NULL,
    forward_path text NOT NULL,
    return_path  text NOT NULL,
    PRIMARY KEY (fingerprint, first_seen, client_ip, client_port, server_ip, server_port, protocol)
);
CREATE INDEX asymmetric_session_row_time ON flowsight.asymmetric_session_row (first_seen);

CREATE VIEW flowsight.finding AS
SELECT opened_at AS "time", fingerprint, detector, state, severity, confidence, title, why, cause,
    parts -> 'subject' AS subject, parts -> 'names' AS names,
    first_seen, last_seen, opened_at, resolved_at, resolved_because, proof, proof_why, flapping,
    parts -> 'counts' AS counts,
    (parts -> 'counts' ->> 'records')::bigint AS records,
    (parts -> 'counts' ->> 'sessions')::bigint AS sessions,
    (parts -> 'counts' ->> 'clients')::bigint AS client_count,
    (parts -> 'counts' ->> 'bytes_sent')::bigint AS bytes_sent,
    (parts -> 'counts' ->> 'bytes_received')::bigint AS bytes_received,
    parts -> 'clients' AS clients, parts -> 'evidence' AS evidence, parts -> 'routes' AS routes,
    parts -> 'remedy' AS remedy, explain,
    nullif(parts -> 'acknowledged', 'null') AS acknowledged, nullif(parts -> 'silenced', 'null') AS silenced
FROM flowsight.finding_state;

CREATE VIEW flowsight.open_finding AS SELECT * FROM flowsight.finding WHERE state = 'open';

CREATE VIEW flowsight.asymmetric_session AS
SELECT first_seen AS "time", fingerprint, opener AS from_id, answerer AS to_id, client_ip, client_port, server_ip,
    server_port, protocol, forward_path, return_path
FROM flowsight.asymmetric_session_row;

-- Megabits a second of a minute: bytes * 8 / 60 s / 10^6.
CREATE VIEW flowsight.firewall_load AS
SELECT minute AS "time", firewall, bytes * 8 / 6e7::double precision AS load_mbps,
    capacity_bytes * 8 / 6e7::double precision AS capacity_mbps,
    bytes / nullif(capacity_bytes, 0)::double precision AS utilisation,
    processed_bytes * 8 / 6e7::double precision AS processed_mbps
FROM flowsight.firewall_load_minute;

COMMENT ON VIEW flowsight.finding IS
    'Contradictions between what the logs saw and what the topology expects, one row each, as of now. Event times.';
COMMENT ON VIEW flowsight.open_finding IS 'The findings that are open: neither stale nor resolved.';
DO $$
DECLARE
    comment text[];
    view_name text;
BEGIN
    FOREACH comment SLICE 1 IN ARRAY ARRAY[
        ['time', 'When it opened (event time): the same as opened_at, for plots.'],
        ['fingerprint', 'Identity, made of detector and subject alone.'],
        ['detector', 'Id of the detector that found it, such as asymmetric-session.'],
        ['state', 'open, stale (its sources fell silent) or resolved.'],
        ['severity', 'info, warning or critical.'],
        ['confidence', 'high, medium or low: what the verdict rests on.'],
        ['title', 'One line for people.'],
        ['why', 'The contradiction, explained.'],
        ['cause', 'Id of what causes it (a route table, or the subnet that has none), by which alerts group.'],
        ['subject', 'What it is about: an object of lower-cased resource ids or prefixes.'],
        ['names', 'Id to name, addresses and prefixes, for every id of subject and cause.'],
        ['first_seen', 'Event time of the first sighting it rests on.'],
        ['last_seen', 'Event time of the last sighting it rests on.'],
        ['opened_at', 'Event time at which the decision to open it fell.'],
        ['resolved_at', 'Event time at which the decision to resolve it fell; null while it is not resolved.'],
        ['resolved_because', 'Why it was resolved; null while it is not.'],
        ['proof', 'none, unproven or proven: whether the logs themselves show the contradiction.'],
        ['proof_why', 'What the proof rests on, or what it lacks.'],
        ['flapping', 'Whether it opens and resolves again and again.'],
        ['counts', 'Totals before any cut: records, sessions, clients, bytes_sent, bytes_received.'],
        ['records', 'Log records it rests on.'],
        ['sessions', 'Sessions it rests on.'],
        ['client_count', 'Distinct clients, all of them; clients lists at most 100.'],
        ['bytes_sent', 'Bytes from the openers; null where no log tells.'],
        ['bytes_received', 'Bytes to the openers; null where no log tells.'],
        ['clients', 'At most 100 clients, most sessions first: address, sessions, bytes.'],
        ['evidence', 'Rows that show it, copied from the logs: they outlive the raw partitions.'],
        ['routes', 'The routes considered, the chosen ones marked, each with its reason.'],
        ['remedy', 'What to change, one step a string.'],
        ['explain', 'The command that shows the routes, ready to copy.'],
        ['acknowledged', 'Who took it on, and when; null where nobody did.'],
        ['silenced', 'The silence that covers it; null where none does.']]
    LOOP
        FOREACH view_name IN ARRAY ARRAY['finding', 'open_finding'] LOOP
            EXECUTE format('COMMENT ON COLUMN flowsight.%I.%I IS %L', view_name, comment[1], comment[2]);
        END LOOP;
    END LOOP;
END $$;

COMMENT ON VIEW flowsight.asymmetric_session IS
    'Sessions whose answer takes another way than their opening; each belongs to a finding of asymmetric-session.';
COMMENT ON COLUMN flowsight.asymmetric_session."time" IS 'Event time of the first sighting of the session.';
COMMENT ON COLUMN flowsight.asymmetric_session.fingerprint IS 'The finding that rests on it.';
COMMENT ON COLUMN flowsight.asymmetric_session.from_id IS 'Where it was opened: subnet id or on-premises prefix.';
COMMENT ON COLUMN flowsight.asymmetric_session.to_id IS 'Where it was answered: subnet id or on-premises prefix.';
COMMENT ON COLUMN flowsight.asymmetric_session.client_ip IS 'Address of the opener.';
COMMENT ON COLUMN flowsight.asymmetric_session.client_port IS 'Port of the opener.';
COMMENT ON COLUMN flowsight.asymmetric_session.server_ip IS 'Address of the answerer.';
COMMENT ON COLUMN flowsight.asymmetric_session.server_port IS 'Port of the answerer.';
COMMENT ON COLUMN flowsight.asymmetric_session.protocol IS 'IANA protocol number.';
COMMENT ON COLUMN flowsight.asymmetric_session.forward_path IS 'What the opening crosses, in words.';
COMMENT ON COLUMN flowsight.asymmetric_session.return_path IS 'What the answer crosses, in words.';

COMMENT ON VIEW flowsight.firewall_load IS 'What crossed each firewall, by minute of event time, against its capacity.';
COMMENT ON COLUMN flowsight.firewall_load."time" IS 'Start of the minute (event time).';
COMMENT ON COLUMN flowsight.firewall_load.firewall IS 'Lower-cased resource id.';
COMMENT ON COLUMN flowsight.firewall_load.load_mbps IS
    'Counted bytes of both directions of the flows whose path crosses it, in megabits a second.';
COMMENT ON COLUMN flowsight.firewall_load.capacity_mbps IS
    'Capacity of the overlay, else of the SKU, in megabits a second; null where nothing says so.';
COMMENT ON COLUMN flowsight.firewall_load.utilisation IS
    'Load divided by capacity: 1 is full; null without a capacity.';
COMMENT ON COLUMN flowsight.firewall_load.processed_mbps IS
    'What the firewall itself counted (metric DataProcessed), in megabits a second; null where it is not exported.';

-- The role belongs to the first migration; a server whose owner may not create roles has none.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'flowsight_reader') THEN
        GRANT SELECT ON flowsight.finding, flowsight.open_finding, flowsight.asymmetric_session,
            flowsight.firewall_load TO flowsight_reader;
    END IF;
END $$;
