-- An account of an officer. roles and divisions are JSON lists; password is an Argon2id string (PHC format).
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    divisions TEXT NOT NULL,
    password TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    failures BIGINT NOT NULL,
    closed_until TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_login ON account (login);

-- An officer who is signed in. hash is SHA-256 of what the cookie holds: who reads the table cannot sign in.
CREATE TABLE session (
    hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    expires TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_account ON session (account);
