//! A load that those before it may not overwrite.

use crate::error::Error;
use crate::store::Leased;

use crate::cache::engine::Engine;
use crate::cache::flight::Fills as _;
use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::terms::Call;

use super::asked::Asked;
use super::ticket::{Flight, Granted, Ticket};

impl<V: Hold> Engine<V> {
    /// A load of `key` whatever is there, which those before it may not overwrite.
    pub(crate) async fn start_anew(&self, key: &[u8], call: &Call) -> Flight<V> {
        let permit = self.permit_anew(key, self.premises(&call.tags));
        let ticket = match self.grant_anew(key, call, permit.premises()).await {
            Ok(ticket) => ticket,
            Err(error) => {
                self.far_failed(&error);
                Ticket::Away
            }
        };
        let anew = true;
        Flight {
            permit,
            ticket,
            anew,
        }
    }

    async fn grant_anew(
        &self,
        key: &[u8],
        call: &Call,
        premises: &Premises,
    ) -> Result<Ticket, Error> {
        let Some(far) = self.far() else {
            return Ok(Ticket::Near);
        };
        let asked = Asked::of(far, key, call, premises, self.now());
        let tokens = far.tokens(&asked.present()).await?;
        let stamp = self.late_stamp(far, call).await?;
        let place = asked.place;
        Ok(match far.store.lease_anew(&place).await? {
            Leased::Granted(lease) => Ticket::Leased(Box::new(Granted {
                place,
                lease,
                tokens,
                stamp,
                holding: None,
            })),
            Leased::There(_) | Leased::Foreign | Leased::Held { .. } | Leased::Failed { .. } => {
                Ticket::Near
            }
        })
    }
}
