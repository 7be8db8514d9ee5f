-- What happened, in the words of the events; never changed, never deleted. `n` only tells rows apart and grows
-- within an aggregate; the order that counts is the chain's.
CREATE TABLE journal (
    n {serial},
    id TEXT NOT NULL UNIQUE,
    aggregate TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    type TEXT NOT NULL,
    division TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    legal_date DATE NOT NULL,
    actor TEXT NOT NULL,
    correlation TEXT NOT NULL,
    causation TEXT,
    -- For those who watch: no part of what happened, and so of no link of the chain.
    trace TEXT,
    data TEXT NOT NULL,
    UNIQUE (aggregate, sequence)
);

-- The number and the instant of each aggregate's last event, where writers run beside one another (PostgreSQL only):
-- the row that they queue at.
CREATE TABLE numbering (
    aggregate TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);

-- Journal rows that have no place in the chain yet.
CREATE TABLE unsealed (
    n BIGINT NOT NULL PRIMARY KEY
);

-- The chain: position k is also message k of the service's stream.
CREATE TABLE seal (
    position BIGINT NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL UNIQUE,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

CREATE TABLE seal_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    position BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Up to which event of an aggregate a consumer has come.
CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    source TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (consumer, source, aggregate)
);

-- Events that could not be applied, and those that wait behind them.
CREATE TABLE parked (
    consumer TEXT NOT NULL,
    source TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    envelope TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    parked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (consumer, source, aggregate, sequence)
);

-- The last stream position that a consumer has settled, applied or parked.
CREATE TABLE reading (
    consumer TEXT NOT NULL,
    source TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (consumer, source)
);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

-- Each stream that ever carried this journal, by its creation time.
CREATE TABLE epoch (
    number BIGINT NOT NULL PRIMARY KEY,
    created TEXT NOT NULL UNIQUE,
    seen_at TIMESTAMPTZ NOT NULL
);

-- Answers to requests that carried an idempotency key.
CREATE TABLE answered (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    output TEXT NOT NULL,
    answered_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (caller, key)
);
