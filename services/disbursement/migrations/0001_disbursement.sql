-- Which person is paid in which division: what social-assistance granted, with its present end. until_month is the
-- first month that is no longer owed; ended_by is the fact behind it, as JSON.
CREATE TABLE entitlement (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    until_month TEXT,
    ended_by TEXT
);
CREATE INDEX entitlement_person ON entitlement (person);

-- What funeral-reform says, whether the person is known here or not.
CREATE TABLE death (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    died_on DATE NOT NULL,
    annulled BOOLEAN NOT NULL
);
CREATE INDEX death_person ON death (person) WHERE NOT annulled;

-- Where a person is paid. One row a correction, never changed: issues keep the version that they were sent with.
CREATE TABLE account (
    person TEXT NOT NULL,
    version BIGINT NOT NULL,
    payee TEXT NOT NULL,
    division TEXT NOT NULL,
    holder BYTEA NOT NULL,
    number BYTEA NOT NULL,
    number_hash TEXT NOT NULL,
    last4 TEXT NOT NULL,
    bank TEXT NOT NULL,
    relation TEXT NOT NULL,
    set_on DATE NOT NULL,
    set_by TEXT NOT NULL,
    PRIMARY KEY (person, version)
);
-- The version that counts; its absence is a reason to hold.
CREATE TABLE payee (
    person TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- A signed amount as social-assistance computed it. rest is what is not netted yet: above zero to be paid, below zero
-- a take-back that waits for the lines that it corrects. held: not in a payment, and rest is not zero. division is the
-- run's until the entitlement is known.
CREATE TABLE line (
    id TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    run_month TEXT NOT NULL,
    entitlement TEXT NOT NULL,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    rest BIGINT NOT NULL,
    held BOOLEAN NOT NULL,
    corrects TEXT NOT NULL
);
CREATE INDEX line_entitlement ON line (entitlement, month);
CREATE INDEX line_person ON line (person);
CREATE INDEX line_held ON line (programme, division) WHERE held;

-- What a take-back took, and from which line: before it was paid (recovery is null, both cancel out), or after (a claim
-- of a recovery).
CREATE TABLE netting (
    take_back TEXT NOT NULL,
    n BIGINT NOT NULL,
    line TEXT,
    amount BIGINT NOT NULL,
    recovery TEXT,
    PRIMARY KEY (take_back, n)
);
CREATE INDEX netting_line ON netting (line);
CREATE INDEX netting_recovery ON netting (recovery);

CREATE TABLE batch (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    month TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    maker TEXT NOT NULL,
    maker_name TEXT NOT NULL,
    checker TEXT,
    checker_name TEXT,
    made_on DATE NOT NULL,
    sealed_on DATE,
    note TEXT,
    hash TEXT,
    bank_total BIGINT,
    chunks BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX batch_month ON batch (month, id);

-- What a person gets by one transfer: the lines minus what is kept back for recoveries. It belongs to the batch that
-- issued it first. absorbed: came back from the bank, and paid a recovery instead of being issued again.
CREATE TABLE payment (
    id TEXT NOT NULL PRIMARY KEY,
    batch TEXT NOT NULL,
    person TEXT NOT NULL,
    division TEXT NOT NULL,
    programme TEXT NOT NULL,
    month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    absorbed BIGINT NOT NULL,
    state TEXT NOT NULL,
    issues BIGINT NOT NULL
);
CREATE INDEX payment_person ON payment (person, id);
CREATE INDEX payment_batch ON payment (batch);
CREATE INDEX payment_returned ON payment (programme, division) WHERE state = 'returned';

-- A line in a payment, with what of it was left to pay then.
CREATE TABLE payment_line (
    line TEXT NOT NULL PRIMARY KEY,
    payment TEXT NOT NULL,
    amount BIGINT NOT NULL
);
CREATE INDEX payment_line_payment ON payment_line (payment);

-- A payment in a bank file; again, with the next number, after it came back and its account was corrected. version is
-- the account's, set when the batch is sealed. outcome is null until the bank answers.
CREATE TABLE issue (
    payment TEXT NOT NULL,
    n BIGINT NOT NULL,
    batch TEXT NOT NULL,
    person TEXT NOT NULL,
    division TEXT NOT NULL,
    amount BIGINT NOT NULL,
    version BIGINT,
    outcome TEXT,
    reason TEXT,
    settled_on DATE,
    PRIMARY KEY (payment, n)
);
CREATE INDEX issue_batch ON issue (batch, payment);

-- What left a batch before it was sealed, and why. lines and cause are JSON.
CREATE TABLE withdrawn (
    id TEXT NOT NULL PRIMARY KEY,
    batch TEXT NOT NULL,
    person TEXT NOT NULL,
    entitlement TEXT NOT NULL,
    division TEXT NOT NULL,
    lines TEXT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    cause TEXT NOT NULL,
    withdrawn_on DATE NOT NULL
);
CREATE INDEX withdrawn_batch ON withdrawn (batch, id);

-- Who read a bank file, and for what.
CREATE TABLE bank_file_read (
    id TEXT NOT NULL PRIMARY KEY,
    batch TEXT NOT NULL,
    officer TEXT NOT NULL,
    purpose TEXT,
    read_at TIMESTAMPTZ NOT NULL
);

-- Money that was paid and is not owed: one for a run and an entitlement. outstanding is kept beside the ledger, so that
-- the proof has something to compare. per_month is what an agreed offset keeps back; null without one. lines are the
-- take-backs that raised it. cause is what had ended the entitlement, as JSON; null where less was owed for another
-- reason.
CREATE TABLE recovery (
    id TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    run_month TEXT NOT NULL,
    entitlement TEXT NOT NULL,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    amount BIGINT NOT NULL,
    outstanding BIGINT NOT NULL,
    months TEXT NOT NULL,
    lines TEXT NOT NULL,
    cause TEXT,
    raised_on DATE NOT NULL,
    per_month BIGINT,
    entries BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (run, entitlement)
);
CREATE INDEX recovery_person ON recovery (person, id);

-- The ledger of a recovery. An offset names the payment that it was kept back from, and its batch's month; one that is
-- undone has an entry below zero.
CREATE TABLE recovery_entry (
    recovery TEXT NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    entered_on DATE NOT NULL,
    payment TEXT,
    month TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (recovery, n)
);
CREATE INDEX recovery_entry_payment ON recovery_entry (payment);

-- An offset or a waiver: proposed by one officer, decided by another. ground is the consent, or the reasons in words.
CREATE TABLE agreement (
    id TEXT NOT NULL PRIMARY KEY,
    recovery TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    ground TEXT NOT NULL,
    stage TEXT NOT NULL,
    pending BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agreement_pending ON agreement (recovery, kind) WHERE pending;
