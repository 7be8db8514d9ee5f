//! Stories of the bus, on a real nats-server.

#![cfg(test)]

mod server;
