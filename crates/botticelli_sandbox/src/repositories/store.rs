//! The repositories of a sandbox, and the faults of their requests.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::{HubFault, HubFaultTarget};
use super::repository::{HubFile, Repository};

/// The repositories of a sandbox. A test can change them while the sandbox runs.
#[derive(Debug, Default)]
pub(crate) struct Repositories {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    repositories: Vec<Repository>,
    faults: VecDeque<HubFault>,
    /// Origin of the second server.
    storage: Option<String>,
}

impl Repositories {
    pub(crate) fn new(repositories: Vec<Repository>, faults: Vec<HubFault>) -> Self {
        Self { state: Mutex::new(State { repositories, faults: faults.into(), storage: None }) }
    }

    pub(crate) fn set_storage(&self, origin: String) {
        self.state().storage = Some(origin);
    }

    pub(super) fn storage(&self) -> String {
        self.state().storage.clone().unwrap_or_default()
    }

    /// Adds a repository, or replaces the one with the same kind and name.
    pub(crate) fn publish(&self, repository: Repository) {
        let mut state = self.state();
        state.repositories.retain(|other| (other.kind, &other.id) != (repository.kind, &repository.id));
        state.repositories.push(repository);
    }

    /// Adds a fault for the next request that it affects.
    pub(crate) fn inject(&self, fault: HubFault) {
        self.state().faults.push_back(fault);
    }

    pub(super) fn find(&self, kind: &str, id: &str) -> Option<Repository> {
        let state = self.state();
        state.repositories.iter().find(|repository| repository.kind == kind && repository.id == id).cloned()
    }

    /// Returns the large file with this checksum.
    pub(super) fn stored(&self, checksum: &str) -> Option<HubFile> {
        let state = self.state();
        let mut files = state.repositories.iter().flat_map(|repository| repository.files.values());
        files.find(|file| file.is_large && file.checksum == checksum).cloned()
    }

    /// Returns the next fault if it affects requests of this kind, and removes it.
    pub(super) fn take_fault(&self, target: HubFaultTarget) -> Option<HubFault> {
        let mut state = self.state();
        state.faults.front().filter(|fault| fault.definition.target == target)?;
        state.faults.pop_front()
    }

    /// Returns the next fault if it affects any request, and removes it.
    pub(super) fn take_fault_of_all(&self) -> Option<HubFault> {
        let mut state = self.state();
        state.faults.front().filter(|fault| fault.definition.target == HubFaultTarget::All)?;
        state.faults.pop_front()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
