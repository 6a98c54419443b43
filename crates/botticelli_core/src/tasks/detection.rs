//! Object detection and image segmentation.

use super::accessors::{media_input, settings, task_request, task_response};
use super::{Media, TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the objects in an image.
///
/// ```
/// use botticelli_core::tasks::{Media, ObjectDetectionRequest};
///
/// let image = Media::new(&b"\xff\xd8\xff\xe0..."[..]);
/// assert_eq!(ObjectDetectionRequest::from(image).with_threshold(0.9).threshold(), Some(0.9));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ObjectDetectionRequest {
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Minimum score of an object, from 0 to 1. Default: the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
}

/// A request for the segments of an image: which pixels belong to which object.
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct ImageSegmentationRequest {
    /// The image.
    #[builder(setter(into, strip_option = false))]
    image: Media,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Kind of segments. Default: the one that the model supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    subtask: Option<SegmentationSubtask>,
    /// Minimum score of a segment, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    /// Minimum score of a pixel, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    mask_threshold: Option<f64>,
    /// Minimum part of a mask that is not covered by others, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap_mask_area_threshold: Option<f64>,
}

/// The kind of segments of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SegmentationSubtask {
    /// One segment for each object.
    Instance,
    /// One segment for each object, and for each kind of background.
    Panoptic,
    /// One segment for each kind of object.
    Semantic,
}

task_request!(ObjectDetectionRequest, ObjectDetectionRequestBuilder);
task_request!(ImageSegmentationRequest, ImageSegmentationRequestBuilder);
settings!(ObjectDetectionRequest {
    copy "minimum score of an object, from 0 to 1." threshold, with_threshold: f64;
});
settings!(ImageSegmentationRequest {
    copy "kind of segments." subtask, with_subtask: SegmentationSubtask;
    copy "minimum score of a segment, from 0 to 1." threshold, with_threshold: f64;
    copy "minimum score of a pixel, from 0 to 1." mask_threshold, with_mask_threshold: f64;
    copy "minimum part of a mask that is not covered by others, from 0 to 1." overlap_mask_area_threshold, with_overlap_mask_area_threshold: f64;
});
media_input!(ObjectDetectionRequest, image, "image");
media_input!(ImageSegmentationRequest, image, "image");

impl ObjectDetectionRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: bytes that are not an image,
    /// a score above 1.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::image("ObjectDetectionRequest", &self.image)?;
        check::fraction("ObjectDetectionRequest", "threshold", self.threshold)
    }
}

impl ImageSegmentationRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: bytes that are not an image,
    /// a score above 1.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        const OWNER: &str = "ImageSegmentationRequest";
        check::image(OWNER, &self.image)?;
        check::fraction(OWNER, "threshold", self.threshold)?;
        check::fraction(OWNER, "mask_threshold", self.mask_threshold)?;
        check::fraction(OWNER, "overlap_mask_area_threshold", self.overlap_mask_area_threshold)
    }
}

/// A rectangle in an image, in pixels from the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundingBox {
    x_min: i64,
    y_min: i64,
    x_max: i64,
    y_max: i64,
}

impl BoundingBox {
    /// Returns the rectangle between two corners, in pixels.
    pub const fn new((x_min, y_min): (i64, i64), (x_max, y_max): (i64, i64)) -> Self {
        Self { x_min, y_min, x_max, y_max }
    }

    /// Returns the left edge, in pixels.
    pub const fn x_min(&self) -> i64 {
        self.x_min
    }

    /// Returns the upper edge, in pixels.
    pub const fn y_min(&self) -> i64 {
        self.y_min
    }

    /// Returns the right edge, in pixels.
    pub const fn x_max(&self) -> i64 {
        self.x_max
    }

    /// Returns the lower edge, in pixels.
    pub const fn y_max(&self) -> i64 {
        self.y_max
    }

    /// Returns the width, in pixels.
    pub const fn width(&self) -> i64 {
        self.x_max.saturating_sub(self.x_min)
    }

    /// Returns the height, in pixels.
    pub const fn height(&self) -> i64 {
        self.y_max.saturating_sub(self.y_min)
    }
}

/// An object in an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectedObject {
    label: String,
    score: f64,
    bounding_box: BoundingBox,
}

impl DetectedObject {
    /// Returns an object with its label, its score and its place.
    pub fn new(label: impl Into<String>, score: f64, bounding_box: BoundingBox) -> Self {
        Self { label: label.into(), score, bounding_box }
    }

    /// Returns the label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the score, from 0 to 1.
    pub const fn score(&self) -> f64 {
        self.score
    }

    /// Returns the place of the object, in pixels.
    pub const fn bounding_box(&self) -> BoundingBox {
        self.bounding_box
    }
}

/// A segment of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageSegment {
    label: String,
    score: Option<f64>,
    mask: Media,
}

impl ImageSegment {
    /// Returns a segment with its label and its mask. Not every model gives a score.
    pub fn new(label: impl Into<String>, score: Option<f64>, mask: Media) -> Self {
        Self { label: label.into(), score, mask }
    }

    /// Returns the label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the score, from 0 to 1.
    pub const fn score(&self) -> Option<f64> {
        self.score
    }

    /// Returns the mask: an image of the size of the input with one channel. White pixels belong to the segment.
    pub const fn mask(&self) -> &Media {
        &self.mask
    }
}

/// The objects in an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectDetectionResponse {
    objects: Vec<DetectedObject>,
    metadata: TaskMetadata,
}

/// The segments of an image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageSegmentationResponse {
    segments: Vec<ImageSegment>,
    metadata: TaskMetadata,
}

task_response!(ObjectDetectionResponse);
task_response!(ImageSegmentationResponse);

impl ObjectDetectionResponse {
    /// Returns a response with these objects.
    pub fn new(objects: Vec<DetectedObject>) -> Self {
        Self { objects, metadata: TaskMetadata::default() }
    }

    /// Returns the objects.
    pub fn objects(&self) -> &[DetectedObject] {
        &self.objects
    }
}

impl ImageSegmentationResponse {
    /// Returns a response with these segments.
    pub fn new(segments: Vec<ImageSegment>) -> Self {
        Self { segments, metadata: TaskMetadata::default() }
    }

    /// Returns the segments.
    pub fn segments(&self) -> &[ImageSegment] {
        &self.segments
    }
}
