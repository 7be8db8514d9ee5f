-- Every event of every other service, as it was told. data is its JSON text.
CREATE TABLE event (
    id TEXT NOT NULL PRIMARY KEY,
    event_type TEXT NOT NULL,
    service TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    recorded TIMESTAMPTZ NOT NULL,
    legal_date DATE NOT NULL,
    division TEXT NOT NULL,
    actor TEXT NOT NULL,
    correlation TEXT NOT NULL,
    causation TEXT,
    data TEXT NOT NULL
);
CREATE INDEX event_type_recorded ON event (event_type, recorded);

-- Whom an event tells about. part is what its data says of this person: of a list, only the person's own items.
-- whole: the event is about this person and nobody else.
CREATE TABLE subject_person (
    person TEXT NOT NULL,
    event TEXT NOT NULL,
    whole BOOLEAN NOT NULL,
    part TEXT NOT NULL,
    PRIMARY KEY (person, event)
);
