//! The text that `INFO` answers: lines of `name:value` under headings.

#[derive(Debug, Clone, Copy)]
pub(super) struct Info<'a>(&'a str);

impl<'a> Info<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The value of the first field of that name; empty ones are none.
    pub(super) fn field(self, name: &str) -> Option<&'a str> {
        let fields = self.0.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = fields.into_iter().find(|(found, _)| *found == name)?;
        let value = value.trim_end();
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let info = Info::new(
            "# Memory\r\nmaxmemory_human:1M\r\nmaxmemory:1\r\nexecutable:/a:b\r\nconfig_file:\r\n",
        );
        assert_eq!(info.field("maxmemory"), Some("1"));
        assert_eq!(info.field("executable"), Some("/a:b"));
        assert_eq!(info.field("config_file"), None);
        assert_eq!(info.field("# Memory"), None);
    }
}
