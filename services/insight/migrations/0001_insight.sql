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

-- What the events tell, typed, so that a figure is a sum of rows. Each row holds what its own event says and is joined
-- with others when it is read: so all is the same in whatever order the services are heard. Months are text: 2020-07.

-- A case 办件. decided_month and outcome stay empty until it is decided, withdrawn_month unless it is withdrawn.
CREATE TABLE heard_case (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    accepted_month TEXT NOT NULL,
    decided_month TEXT,
    outcome TEXT,
    withdrawn_month TEXT
);
CREATE INDEX heard_case_accepted ON heard_case (accepted_month);
CREATE INDEX heard_case_decided ON heard_case (decided_month);

-- An entitlement 待遇. ended_from, end_reason and end_month (of the fact that ends it) are those of the last stop that
-- was not lifted.
CREATE TABLE heard_entitlement (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    class TEXT NOT NULL,
    mode TEXT NOT NULL,
    division TEXT NOT NULL,
    first_month TEXT NOT NULL,
    ended_from TEXT,
    end_reason TEXT,
    end_month TEXT
);
CREATE INDEX heard_entitlement_case ON heard_entitlement (case_id);
CREATE INDEX heard_entitlement_end ON heard_entitlement (end_month);

-- A standard 标准 that was adopted.
CREATE TABLE heard_standard (
    division TEXT NOT NULL,
    key TEXT NOT NULL,
    first_month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (division, key, first_month)
);

-- A line 发放明细, signed, in fen. division is that of the run; the person's is that of the entitlement.
CREATE TABLE heard_line (
    id TEXT NOT NULL PRIMARY KEY,
    entitlement TEXT NOT NULL,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    month TEXT NOT NULL,
    run_month TEXT NOT NULL,
    amount BIGINT NOT NULL
);
CREATE INDEX heard_line_month ON heard_line (month, entitlement);

-- What the bank answered for a payment 发放 in a batch, in fen. A payment that came back can be in a later batch.
CREATE TABLE heard_payment (
    id TEXT NOT NULL,
    batch TEXT NOT NULL,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (id, batch)
);
CREATE INDEX heard_payment_month ON heard_payment (month);

-- The lines that a payment pays.
CREATE TABLE heard_payment_line (
    payment TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (payment, line)
);

-- A line that the bank answered for: paid at last, or as yet only returned.
CREATE TABLE heard_settlement (
    line TEXT NOT NULL PRIMARY KEY,
    paid BOOLEAN NOT NULL
);

-- A recovery 追缴, in fen.
CREATE TABLE heard_recovery (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    programme TEXT NOT NULL,
    division TEXT NOT NULL,
    entitlement TEXT NOT NULL,
    raised_month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    outstanding BIGINT NOT NULL
);
CREATE INDEX heard_recovery_raised ON heard_recovery (raised_month);

-- The take-back lines that raised a recovery.
CREATE TABLE heard_claim (
    line TEXT NOT NULL PRIMARY KEY,
    recovery TEXT NOT NULL
);
CREATE INDEX heard_claim_recovery ON heard_claim (recovery);

-- A released report 统计报表, which does not change any more: figures are JSON, each with its indicator's definition as
-- it was; flags are the checks that did not hold. Unlike all of the above it cannot be heard again from the streams.
CREATE TABLE report (
    id TEXT NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    from_month TEXT NOT NULL,
    to_month TEXT NOT NULL,
    released_on DATE NOT NULL,
    released_by TEXT NOT NULL,
    figures TEXT NOT NULL,
    flags TEXT NOT NULL
);
CREATE INDEX report_division ON report (division);

-- The rows that made a figure of a report, as they were.
CREATE TABLE report_row (
    report TEXT NOT NULL,
    indicator TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT,
    division TEXT NOT NULL,
    class TEXT NOT NULL,
    mode TEXT NOT NULL,
    month TEXT NOT NULL,
    amount BIGINT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (report, indicator, id)
);
