//! The rows that a stopped run does not answer.

use super::answering::Answering;
use super::live::LiveAnswer;
use botticelli_error::BotticelliError;

impl Answering {
    /// Reads the rest of the table without a call, after an early stop. The live output gets the rows with a record, and the tally
    /// counts all.
    pub(super) async fn read_rest(&mut self) -> Result<(), BotticelliError> {
        // Failures of earlier runs that this one did not retry remain.
        for (key, pending) in std::mem::take(&mut self.pending) {
            let Some(place) = self.journal.index().get(&key) else { continue };
            for _ in 0..pending.rows {
                self.tally.add_found(&key, place);
            }
            if let Some(live) = &mut self.live
                && !live.has(place)
            {
                live.push(pending.kept, LiveAnswer::Found(place));
            }
        }
        while !self.source.is_ended() {
            std::future::poll_fn(|context| self.source.poll_chunk(context)).await?;
            // A stopped run starts no row.
            let _ = self.next_row();
            if let Some(live) = &mut self.live
                && live.is_behind()
            {
                live.settle().await?;
            }
        }
        Ok(())
    }
}
