-- Bulletproof in PostgreSQL (13 or newer). Applied by migrate(), or by whatever applies your own migrations.
-- The tables lie in the schema that your connections see first (search_path).

-- Who may write for a call: one row a call that uses onceInTransaction. Its lock makes the runs of a call take turns.
CREATE TABLE bulletproof_calls (
  id            text        PRIMARY KEY,
  -- JobContext.fencingToken of the newest run seen here; an older run is refused.
  fencing_token bigint      NOT NULL,
  touched_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bulletproof_calls_touched_at ON bulletproof_calls (touched_at);

-- Steps that are done: written in the transaction of their effect.
CREATE TABLE bulletproof_steps (
  call_id     text        NOT NULL REFERENCES bulletproof_calls ON DELETE CASCADE,
  name        text        NOT NULL,
  -- JSON of the step's result; NULL stands for undefined.
  result      text,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (call_id, name)
);

-- Calls that were enqueued in a transaction and are not relayed to Redis yet.
CREATE TABLE bulletproof_outbox (
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
CREATE INDEX bulletproof_outbox_open ON bulletproof_outbox (id) WHERE refused_at IS NULL;
CREATE INDEX bulletproof_outbox_ordering ON bulletproof_outbox (ordering_key, id)
  WHERE ordering_key IS NOT NULL AND refused_at IS NULL;
