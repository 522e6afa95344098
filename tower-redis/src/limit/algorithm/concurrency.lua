-- The rule of concurrency.rs, which is that of strict_window.rs under a name of its own.
rules.c = strict_window
