# syntax=docker/dockerfile:1
# The demo server: `docker build -t tower-redis-demo .`, or `docker compose up --build`.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
# what .dockerignore lets through: the sources, and of the tests only what makes the workspace whole
COPY . .
# the caches keep the dependencies, downloaded and compiled, whichever source has changed
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --package demo-server \
    && cp target/release/demo-server /demo-server

FROM debian:bookworm-slim
COPY --from=build /demo-server /usr/local/bin/demo-server
# it writes nothing, and needs no right to
USER 10001:10001
ENV LISTEN_ADDR=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["demo-server"]
