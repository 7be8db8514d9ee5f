# Every program of the suite in one image; docker-compose.yml starts each service from it as a process of its own.
#
# Not run until run: there was no Docker where this was written. What can be told without it is told by
# services/suite/tests/it/compose.rs.

FROM rust:1.95.0-slim-trixie AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --workspace --bins \
 && mkdir /out \
 && cd target/release \
 && cp minzheng minzheng-registration minzheng-funeral-reform minzheng-social-assistance minzheng-disbursement \
       minzheng-notification minzheng-insight minzheng-gateway /out/

FROM debian:13.1-slim
RUN useradd --system --uid 10001 --no-create-home minzheng
COPY --from=build /out/ /usr/local/bin/
USER minzheng
# Logs are JSON lines on standard error; SIGTERM drains. Each program tells with `help` what it reads.
CMD ["minzheng", "--help"]
