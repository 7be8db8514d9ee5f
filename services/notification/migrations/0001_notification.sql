-- A notice in an inbox, with the words in which it was given: a later template does not change them.
-- addressee is whom its event calls for: person, family or office. about is that event, recorded at about_at.
-- cause is JSON: the fact that the event rests on, or null.
CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    addressee TEXT NOT NULL,
    person TEXT,
    division TEXT NOT NULL,
    template TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    about TEXT NOT NULL,
    about_at TIMESTAMPTZ NOT NULL,
    about_type TEXT NOT NULL,
    cause TEXT NOT NULL,
    issued_on DATE NOT NULL,
    read_on DATE
);
CREATE INDEX notice_person ON notice (person, id);
CREATE INDEX notice_division ON notice (addressee, division, id);

-- A death that some event told of. What an event recorded from registered on, and before annulled, calls for is the
-- family's. Until the registration itself is heard, registered is when the first event that rests on it was recorded.
CREATE TABLE death (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    registered TIMESTAMPTZ NOT NULL,
    annulled TIMESTAMPTZ
);
CREATE INDEX death_person ON death (person);

-- The division of a person, as some event told it last.
CREATE TABLE resident (
    person TEXT NOT NULL PRIMARY KEY,
    division TEXT NOT NULL
);
