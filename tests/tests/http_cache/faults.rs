//! Rules that are broken are found.
