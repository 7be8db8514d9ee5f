-- Whether the officer has to choose another password before anything else.
ALTER TABLE account ADD COLUMN temporary BOOLEAN NOT NULL DEFAULT FALSE;

-- Why an officer opens the pages of a person: asked once a session. session is the session's hash.
CREATE TABLE purpose (
    session TEXT NOT NULL,
    person TEXT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (session, person)
);

-- Who read about whom, when and why (查阅留痕). Rows are only ever added. No name and no number stands here: what is
-- the service that answered, or the console; purpose is empty where a program gave none.
CREATE TABLE person_read (
    id TEXT NOT NULL PRIMARY KEY,
    read_at TIMESTAMPTZ NOT NULL,
    read_on DATE NOT NULL,
    officer TEXT NOT NULL,
    person TEXT NOT NULL,
    purpose TEXT,
    what TEXT NOT NULL
);
CREATE INDEX person_read_person ON person_read (person, id);
CREATE INDEX person_read_officer ON person_read (officer, id);
