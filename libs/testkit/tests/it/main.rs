//! The kit's own promises: faults that really happen, and servers that do not outlive a test process.

#![cfg(test)]

mod nats;
mod postgres;
mod proxy;
mod words;
