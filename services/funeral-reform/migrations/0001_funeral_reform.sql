-- An entry in the register of deaths. An annulled one stays, with the day on which it was annulled.
CREATE TABLE death (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    division TEXT NOT NULL,
    died_on DATE NOT NULL,
    place TEXT,
    source TEXT,
    registered_on DATE NOT NULL,
    late BOOLEAN NOT NULL,
    annulled_on DATE,
    version BIGINT NOT NULL
);
-- Nobody dies twice.
CREATE UNIQUE INDEX death_of_person ON death (person) WHERE annulled_on IS NULL;
CREATE INDEX death_person ON death (person, id);

-- That an entry is wrong: proposed by one officer, decided by another. stage is JSON: who, when, why.
CREATE TABLE annulment (
    id TEXT NOT NULL PRIMARY KEY,
    death TEXT NOT NULL,
    reason TEXT NOT NULL,
    stage TEXT NOT NULL,
    pending BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX annulment_pending ON annulment (death) WHERE pending;
