-- A unit of the division tree. A code is given out once and never again (行政区划代码管理办法), so it is the key;
-- it holds from valid_from up to and without valid_until. successors is a JSON list of codes.
CREATE TABLE division (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT,
    valid_from DATE NOT NULL,
    valid_until DATE,
    successors TEXT NOT NULL
);

-- A person. The name is sealed; the hashes are keyed.
CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    name BYTEA NOT NULL,
    name_hash TEXT NOT NULL,
    surname_hash TEXT NOT NULL,
    sex TEXT NOT NULL,
    birth_date DATE NOT NULL,
    division TEXT NOT NULL,
    deceased_on DATE,
    version BIGINT NOT NULL
);
CREATE INDEX person_name ON person (name_hash);
CREATE INDEX person_surname ON person (surname_hash);

-- Whose a number is, and when it was: from valid_from up to and without valid_until. A wrong mapping ends and stays.
-- hash is keyed, over the kind of document and the number; sealed is the number.
CREATE TABLE number (
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ,
    PRIMARY KEY (hash, valid_from)
);
-- At any time a number is one person's, and a person has one number of a kind.
CREATE UNIQUE INDEX number_holder ON number (hash) WHERE valid_until IS NULL;
CREATE UNIQUE INDEX number_of_person ON number (person, kind) WHERE valid_until IS NULL;

-- A number that was typed wrongly, and what is right: proposed by one officer, decided by another. hash and sealed
-- are empty where the person has no number at all. stage is JSON: who, when, why.
CREATE TABLE number_correction (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT,
    sealed BYTEA,
    sex TEXT,
    birth_date DATE,
    reason TEXT NOT NULL,
    stage TEXT NOT NULL,
    pending BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX number_correction_pending ON number_correction (person, kind) WHERE pending;

-- What funeral-reform says, as dated facts: person.deceased_on follows from those that were not annulled.
CREATE TABLE death (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    died_on DATE NOT NULL,
    annulled_on DATE
);
CREATE INDEX death_person ON death (person);
