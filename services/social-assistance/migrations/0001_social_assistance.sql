-- A case 办件 on its way to a decision. clock and stage are JSON; state repeats the stage for lists.
CREATE TABLE assistance_case (
    id TEXT NOT NULL PRIMARY KEY,
    programme TEXT NOT NULL,
    person TEXT NOT NULL,
    class TEXT NOT NULL,
    mode TEXT NOT NULL,
    division TEXT NOT NULL,
    accepted_on DATE NOT NULL,
    due DATE,
    clock TEXT NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    first_month TEXT,
    open BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX assistance_case_open ON assistance_case (person, programme) WHERE open;
CREATE INDEX assistance_case_state ON assistance_case (state, id);

-- What a granted case gives, from first_month on. Never changed: what ends it are dated facts beside it. Every fact
-- (entitlement, stop, death, annulment, standard) is recorded later than the known_at of every run: see store/runs.rs.
CREATE TABLE entitlement (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    programme TEXT NOT NULL,
    person TEXT NOT NULL,
    class TEXT NOT NULL,
    mode TEXT NOT NULL,
    division TEXT NOT NULL,
    first_month TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX entitlement_person ON entitlement (person);
CREATE INDEX entitlement_programme ON entitlement (programme, id);

-- A stop: proposed by one officer, agreed by another (then recorded_at is set). from_month is the first month not owed.
CREATE TABLE stop (
    id TEXT NOT NULL PRIMARY KEY,
    entitlement TEXT NOT NULL,
    from_month TEXT NOT NULL,
    reason TEXT NOT NULL,
    stage TEXT NOT NULL,
    pending BOOLEAN NOT NULL,
    recorded_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX stop_pending ON stop (entitlement) WHERE pending;
CREATE INDEX stop_entitlement ON stop (entitlement);

-- What funeral-reform says, whether the person is known here or not.
CREATE TABLE death (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    died_on DATE NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    annulled_at TIMESTAMPTZ
);
CREATE INDEX death_person ON death (person);

-- A standard: entered by one officer and agreed by another, or taken over from the county's policy. It counts from
-- adopted_at on, for months from first_month on.
CREATE TABLE standard (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    division TEXT NOT NULL,
    first_month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    document TEXT NOT NULL,
    stage TEXT,
    pending BOOLEAN NOT NULL,
    adopted_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);

-- A month's run: it settles the months from since on by what was recorded up to known_at. Never changed, so that
-- whoever records a fact can read known_at without waiting for a run that moves on.
CREATE TABLE run (
    id TEXT NOT NULL PRIMARY KEY,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    month TEXT NOT NULL,
    since TEXT NOT NULL,
    known_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX run_known ON run (known_at);
CREATE INDEX run_month ON run (month, id);

-- How far a run has come: units are settled in the order of their ids, the last one was settled_to. One run of a
-- programme is open at a time, so that none goes by older facts than the run before it.
CREATE TABLE run_progress (
    run TEXT NOT NULL PRIMARY KEY,
    programme TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    settled_to TEXT NOT NULL,
    parts BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    current_sum BIGINT NOT NULL,
    back_pay BIGINT NOT NULL,
    take_back BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX run_open ON run_progress (programme) WHERE open;

-- A signed amount for a unit and a month; n counts the lines of one unit and month, so that none is written twice.
CREATE TABLE line (
    id TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    entitlement TEXT NOT NULL,
    person TEXT NOT NULL,
    division TEXT NOT NULL,
    programme TEXT NOT NULL,
    class TEXT NOT NULL,
    mode TEXT NOT NULL,
    month TEXT NOT NULL,
    n BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    kind TEXT NOT NULL,
    corrects TEXT NOT NULL,
    causes TEXT NOT NULL,
    UNIQUE (entitlement, month, n)
);
CREATE INDEX line_run ON line (run, id);
CREATE INDEX line_person ON line (person, id);
CREATE INDEX line_month ON line (month, id);
