//! A `with_*` method of a request sets the same field as its builder. The other files show that the fields of the builders are sent.

use botticelli_core::tasks::{
    AggregationStrategy, EmbeddingRequest, ImageSegmentationRequest, Media, SegmentationSubtask, Table,
    TableQuestionRequest, TextToImageRequest, TokenClassificationRequest, TranslationRequest,
    TruncationDirection, ZeroShotRequest,
};

macro_rules! sets_the_same {
    ($builder:expr; $($with:ident, $field:ident: $value:expr;)*) => {
        $(
            let built = $builder.$field($value).build().unwrap();
            assert_ne!(built, $builder.build().unwrap(), stringify!($field));
            assert_eq!($builder.build().unwrap().$with($value), built, stringify!($with));
        )*
    };
}

#[test]
fn a_method_sets_the_field_of_its_name() {
    sets_the_same! { EmbeddingRequest::builder().inputs(["x"]);
        with_normalize, normalize: true;
        with_prompt_name, prompt_name: "query";
        with_truncation_direction, truncation_direction: TruncationDirection::Left;
    }
    sets_the_same! { TokenClassificationRequest::builder().inputs(["x"]);
        with_aggregation_strategy, aggregation_strategy: AggregationStrategy::Simple;
        with_ignore_labels, ignore_labels: vec!["O".to_owned()];
        with_stride, stride: 16;
    }
    sets_the_same! { ZeroShotRequest::builder().inputs(["x"]).labels(["a", "b"]);
        with_multi_label, multi_label: true;
    }
    let table = || Table::new().with_column("city", ["Rome"]);
    sets_the_same! { TableQuestionRequest::builder().question("Where?").table(table());
        with_padding, padding: "longest";
        with_sequential, sequential: true;
        with_truncation, truncation: true;
    }
    let image = || Media::new(&b"\x89PNG\r\n\x1a\n"[..]);
    sets_the_same! { ImageSegmentationRequest::builder().image(image());
        with_subtask, subtask: SegmentationSubtask::Panoptic;
        with_mask_threshold, mask_threshold: 0.25;
        with_overlap_mask_area_threshold, overlap_mask_area_threshold: 0.75;
    }
    sets_the_same! { TextToImageRequest::builder().prompt("Venus");
        with_width, width: 64;
        with_height, height: 32;
        with_scheduler, scheduler: "euler";
    }
    sets_the_same! { TranslationRequest::builder().inputs(["x"]).source_language("en").target_language("de");
        with_source_language, source_language: "fr";
        with_target_language, target_language: "it";
    }
}
