//! The table of all tasks, so that no layer repeats it.

/// Calls a macro with its arguments and the table of all tasks: their traits, and of each method the verb, the request and the response.
macro_rules! all_tasks {
    ($macro:path, $arguments:tt) => {
        crate::tasks::other_tasks! { $macro, $arguments,
            EmbeddingDriver {
                Embed embed(EmbeddingRequest) -> EmbeddingResponse;
            }
        }
    };
}

/// Calls a macro as [`all_tasks`], without the embeddings, or with other first rows.
macro_rules! other_tasks {
    ($macro:path, $arguments:tt, $($first:tt)*) => {
        $macro! { $arguments
            $($first)*
            SparseEmbeddingDriver {
                EmbedSparse embed_sparse(SparseEmbeddingRequest) -> SparseEmbeddingResponse;
            }
            SimilarityDriver {
                Similarity similarity(SimilarityRequest) -> SimilarityResponse;
            }
            RerankDriver {
                Rerank rerank(RerankRequest) -> RerankResponse;
            }
            ClassificationDriver {
                Classify classify(ClassificationRequest) -> ClassificationResponse;
                ClassifyZeroShot classify_zero_shot(ZeroShotRequest) -> ClassificationResponse;
                ClassifyTokens classify_tokens(TokenClassificationRequest) -> TokenClassificationResponse;
            }
            QuestionAnsweringDriver {
                Answer answer(QuestionAnsweringRequest) -> QuestionAnsweringResponse;
                AnswerFromTable answer_from_table(TableQuestionRequest) -> TableQuestionResponse;
            }
            TextTaskDriver {
                FillMask fill_mask(FillMaskRequest) -> FillMaskResponse;
                Summarize summarize(SummarizationRequest) -> SummarizationResponse;
                Translate translate(TranslationRequest) -> TranslationResponse;
            }
            TabularDriver {
                ClassifyRows classify_rows(TabularRequest) -> TabularClassificationResponse;
                PredictRows predict_rows(TabularRequest) -> TabularRegressionResponse;
            }
            ImageTaskDriver {
                ClassifyImage classify_image(ImageClassificationRequest) -> ClassificationResponse;
                ClassifyImageZeroShot classify_image_zero_shot(ZeroShotImageRequest) -> ClassificationResponse;
                DetectObjects detect_objects(ObjectDetectionRequest) -> ObjectDetectionResponse;
                SegmentImage segment_image(ImageSegmentationRequest) -> ImageSegmentationResponse;
                DescribeImage describe_image(ImageToTextRequest) -> ImageToTextResponse;
                AnswerAboutImage answer_about_image(VisualQuestionRequest) -> QuestionAnsweringResponse;
                AnswerAboutDocument answer_about_document(DocumentQuestionRequest) -> QuestionAnsweringResponse;
            }
            AudioTaskDriver {
                Transcribe transcribe(TranscriptionRequest) -> TranscriptionResponse;
                ClassifyAudio classify_audio(AudioClassificationRequest) -> ClassificationResponse;
                ConvertAudio convert_audio(AudioToAudioRequest) -> AudioToAudioResponse;
            }
            MediaGenerationDriver {
                GenerateImage generate_image(TextToImageRequest) -> MediaResponse;
                EditImage edit_image(ImageToImageRequest) -> MediaResponse;
                GenerateSpeech generate_speech(TextToSpeechRequest) -> MediaResponse;
                GenerateAudio generate_audio(TextToAudioRequest) -> MediaResponse;
                GenerateVideo generate_video(VideoRequest) -> MediaResponse;
            }
        }
    };
}

pub(crate) use {all_tasks, other_tasks};
