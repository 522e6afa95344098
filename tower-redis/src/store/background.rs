//! What is done while nobody waits for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use futures_util::future::Shared;

/// Something to be done.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs something in the background.
pub(super) type Spawn = Box<dyn Fn(Task) + Send + Sync>;

/// Makes a task one that goes on when nobody waits for it.
pub(super) type Apart = Box<dyn Fn(Task) -> Task + Send + Sync>;

/// What those who wait for it share.
pub(super) type Attempt = Mutex<Option<Shared<Task>>>;
