//! Tabular data.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{TabularClassificationResponse, TabularRegressionResponse, TabularRequest};
use botticelli_error::BotticelliError;

/// A driver with models of tabular data.
///
/// ```
/// use botticelli_core::tasks::{Table, TabularRequest};
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::TabularDriver;
///
/// async fn quality(driver: &dyn TabularDriver) -> Result<Vec<String>, BotticelliError> {
///     let table = Table::new().with_column("alcohol", ["9.4", "9.8"]);
///     Ok(driver.classify_rows(TabularRequest::new(table)).await?.labels().to_vec())
/// }
/// ```
#[async_trait]
pub trait TabularDriver: TaskDriver {
    /// Returns the label of each row.
    ///
    /// ```
    /// # use botticelli_core::tasks::{Table, TabularRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::TabularDriver) -> botticelli_error::ModelsResult<()> {
    /// let table = Table::new().with_column("alcohol", ["9.4", "9.8"]);
    /// for label in driver.classify_rows(TabularRequest::new(table)).await?.labels() {
    ///     println!("{label}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_rows(
        &self,
        request: TabularRequest,
    ) -> Result<TabularClassificationResponse, BotticelliError>;

    /// Returns the number of each row.
    ///
    /// ```
    /// # use botticelli_core::tasks::{Table, TabularRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::TabularDriver) -> botticelli_error::ModelsResult<()> {
    /// let table = Table::new().with_column("height", ["11.52", "12.48"]);
    /// for value in driver.predict_rows(TabularRequest::new(table)).await?.values() {
    ///     println!("{value}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn predict_rows(
        &self,
        request: TabularRequest,
    ) -> Result<TabularRegressionResponse, BotticelliError>;
}
