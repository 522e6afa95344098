#![doc = include_str!("../README.md")]
#![doc = include_str!("../../docs/migrating-from-tower-governor.md")]
#![doc = include_str!("../../docs/migrating-from-express-rate-limit.md")]
