//! Keys in the log.

/// What of a prefix may be shown: what follows the last `:` may be a secret.
pub(super) fn shown(prefix: &[u8]) -> String {
    match prefix.iter().rposition(|byte| *byte == b':') {
        Some(at) if at + 1 == prefix.len() => prefix.escape_ascii().to_string(),
        Some(at) => {
            let start = prefix.get(..=at).unwrap_or_default();
            format!(
                "{} and {} bytes",
                start.escape_ascii(),
                prefix.len() - at - 1
            )
        }
        None => format!("{} bytes", prefix.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_last_colon_is_not_shown() {
        assert_eq!(shown(b"users:"), "users:");
        assert_eq!(shown(b"session:canary"), "session: and 6 bytes");
        assert_eq!(shown(b"canary"), "6 bytes");
    }
}
