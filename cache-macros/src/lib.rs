//! The attribute macros of `tower-redis`.
