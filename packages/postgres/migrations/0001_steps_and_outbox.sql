-- Bulletproof in PostgreSQL (13 or newer). Applied by migrate(), or by whatever applies your own migrations.
CREATE SCHEMA IF NOT EXISTS bulletproof;

-- Who may write for a call: one row a call that uses onceInTransaction. Its lock makes the runs of a call take turns.
CREATE TABLE bulletproof.calls (
  id            text        PRIMARY KEY,
  -- JobContext.fencingToken of the newest run seen here; an older run is refused.
  fencing_token bigint      NOT NULL,
  touched_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX calls_touched_at ON bulletproof.calls (touched_at);

-- Steps that are done: written in the transaction of their effect.
CREATE TABLE bulletproof.steps (
  call_id     text        NOT NULL REFERENCES bulletproof.calls ON DELETE CASCADE,
  name        text        NOT NULL,
  -- JSON of the step's result; NULL stands for undefined.
  result      text,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (call_id, name)
);

-- Calls that were enqueued in a transaction and are not relayed to Redis yet.
CREATE TABLE bulletproof.outbox (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Id of the call in Bulletproof: relaying a row twice enqueues it once.
  call_id      text        NOT NULL UNIQUE,
  -- The call as JSON: { job, input, options }.
  call         text        NOT NULL,
  -- Rows of one key are relayed in the order of their commits.
  ordering_key text,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Not tried again before then: no app knows its job or its queue yet.
  retry_at     timestamptz,
  -- Set when the app refuses the call for good; set both to NULL to try again.
  refused_at   timestamptz,
  refusal      text
);
CREATE INDEX outbox_open ON bulletproof.outbox (id) WHERE refused_at IS NULL;
CREATE INDEX outbox_ordering ON bulletproof.outbox (ordering_key, id)
  WHERE ordering_key IS NOT NULL AND refused_at IS NULL;
