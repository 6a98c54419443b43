//! Models of tasks.

/// A task, with its name on the Hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    FeatureExtraction,
    SentenceSimilarity,
    TextRanking,
    TextClassification,
    ZeroShotClassification,
    TokenClassification,
    FillMask,
    QuestionAnswering,
    TableQuestionAnswering,
    Summarization,
    Translation,
    TabularClassification,
    TabularRegression,
    ImageClassification,
    ZeroShotImageClassification,
    ObjectDetection,
    ImageSegmentation,
    ImageToText,
    VisualQuestionAnswering,
    DocumentQuestionAnswering,
    AutomaticSpeechRecognition,
    AudioClassification,
    AudioToAudio,
    TextToImage,
    ImageToImage,
    TextToSpeech,
    TextToAudio,
    TextToVideo,
    ImageToVideo,
}

impl Task {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FeatureExtraction => "feature-extraction",
            Self::SentenceSimilarity => "sentence-similarity",
            Self::TextRanking => "text-ranking",
            Self::TextClassification => "text-classification",
            Self::ZeroShotClassification => "zero-shot-classification",
            Self::TokenClassification => "token-classification",
            Self::FillMask => "fill-mask",
            Self::QuestionAnswering => "question-answering",
            Self::TableQuestionAnswering => "table-question-answering",
            Self::Summarization => "summarization",
            Self::Translation => "translation",
            Self::TabularClassification => "tabular-classification",
            Self::TabularRegression => "tabular-regression",
            Self::ImageClassification => "image-classification",
            Self::ZeroShotImageClassification => "zero-shot-image-classification",
            Self::ObjectDetection => "object-detection",
            Self::ImageSegmentation => "image-segmentation",
            Self::ImageToText => "image-to-text",
            Self::VisualQuestionAnswering => "visual-question-answering",
            Self::DocumentQuestionAnswering => "document-question-answering",
            Self::AutomaticSpeechRecognition => "automatic-speech-recognition",
            Self::AudioClassification => "audio-classification",
            Self::AudioToAudio => "audio-to-audio",
            Self::TextToImage => "text-to-image",
            Self::ImageToImage => "image-to-image",
            Self::TextToSpeech => "text-to-speech",
            Self::TextToAudio => "text-to-audio",
            Self::TextToVideo => "text-to-video",
            Self::ImageToVideo => "image-to-video",
        }
    }
}

/// Special behavior of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskBehavior {
    Normal,
    /// Has no pooling: one vector for each token.
    Unpooled,
    /// Leaves out the last result.
    Incomplete,
    /// Sends only the text of an answer.
    TextOnly,
    /// Sends JPEG as `image/png`.
    WrongMediaType,
    /// Sends an image as base64 in JSON.
    AsBase64,
    /// Sends the address of an image in JSON.
    AsUrl,
    /// Sends an error object with the status 200.
    ErrorInSuccess,
}

/// A model of a task, with its providers and their ids of the model.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskModel {
    pub(crate) id: &'static str,
    pub(crate) task: Task,
    pub(crate) providers: &'static [(&'static str, &'static str)],
    pub(crate) behavior: TaskBehavior,
}

/// The providers that serve the model with its Hub id.
const HOSTED: &[(&str, &str)] = &[("hf-inference", "")];

const fn hosted(id: &'static str, task: Task) -> TaskModel {
    TaskModel { id, task, providers: HOSTED, behavior: TaskBehavior::Normal }
}

const fn special(id: &'static str, task: Task, behavior: TaskBehavior) -> TaskModel {
    TaskModel { id, task, providers: HOSTED, behavior }
}

static TASK_MODELS: &[TaskModel] = &[
    TaskModel {
        id: "BAAI/bge-small-en-v1.5",
        task: Task::FeatureExtraction,
        // A provider that the driver does not know comes first.
        providers: &[
            ("sandbox-vectors", "bge-small"),
            ("hf-inference", "BAAI/bge-small-en-v1.5"),
            ("together", "togethercomputer/bge-small"),
            ("deepinfra", "BAAI/bge-small-deep"),
            ("scaleway", "bge-small-scaleway"),
        ],
        behavior: TaskBehavior::Normal,
    },
    hosted("sentence-transformers/all-MiniLM-L6-v2", Task::SentenceSimilarity),
    hosted("BAAI/bge-reranker-v2-m3", Task::TextRanking),
    hosted("distilbert/distilbert-base-uncased-finetuned-sst-2-english", Task::TextClassification),
    hosted("facebook/bart-large-mnli", Task::ZeroShotClassification),
    hosted("dslim/bert-base-NER", Task::TokenClassification),
    hosted("google-bert/bert-base-uncased", Task::FillMask),
    hosted("deepset/roberta-base-squad2", Task::QuestionAnswering),
    hosted("google/tapas-base-finetuned-wtq", Task::TableQuestionAnswering),
    hosted("facebook/bart-large-cnn", Task::Summarization),
    hosted("google-t5/t5-small", Task::Translation),
    hosted("scikit-learn/tabular-playground", Task::TabularClassification),
    hosted("scikit-learn/Fish-Weight", Task::TabularRegression),
    hosted("google/vit-base-patch16-224", Task::ImageClassification),
    hosted("openai/clip-vit-base-patch32", Task::ZeroShotImageClassification),
    hosted("facebook/detr-resnet-50", Task::ObjectDetection),
    hosted("nvidia/segformer-b0-finetuned-ade-512-512", Task::ImageSegmentation),
    hosted("Salesforce/blip-image-captioning-base", Task::ImageToText),
    hosted("dandelin/vilt-b32-finetuned-vqa", Task::VisualQuestionAnswering),
    hosted("impira/layoutlm-document-qa", Task::DocumentQuestionAnswering),
    hosted("superb/hubert-large-superb-er", Task::AudioClassification),
    hosted("speechbrain/sepformer-wham", Task::AudioToAudio),
    hosted("stabilityai/stable-diffusion-3-medium-diffusers", Task::TextToImage),
    hosted("timbrooks/instruct-pix2pix", Task::ImageToImage),
    hosted("facebook/mms-tts-eng", Task::TextToSpeech),
    special(
        "naver-clova-ix/donut-base-finetuned-docvqa",
        Task::DocumentQuestionAnswering,
        TaskBehavior::TextOnly,
    ),
    special("sandbox/wrong-media-type", Task::TextToImage, TaskBehavior::WrongMediaType),
    special("sandbox/image-as-base64", Task::TextToImage, TaskBehavior::AsBase64),
    special("sandbox/image-as-url", Task::TextToImage, TaskBehavior::AsUrl),
    special("sandbox/error-in-image", Task::TextToImage, TaskBehavior::ErrorInSuccess),
    TaskModel {
        id: "openai/whisper-large-v3",
        task: Task::AutomaticSpeechRecognition,
        providers: &[
            ("hf-inference", ""),
            ("fal-ai", "fal-ai/whisper"),
            ("replicate", "openai/whisper:8099"),
            ("deepinfra", "openai/whisper-deep"),
            ("together", "openai/whisper-together"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "black-forest-labs/FLUX.1-dev",
        task: Task::TextToImage,
        providers: &[
            ("together", "flux-together"),
            ("nscale", "flux-nscale"),
            ("fal-ai", "fal-ai/flux/dev"),
            ("replicate", "black-forest-labs/flux-dev"),
            ("wavespeed", "wavespeed-ai/flux-dev"),
            ("zai-org", "cogview-flux"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "black-forest-labs/FLUX.1-Kontext-dev",
        task: Task::ImageToImage,
        providers: &[
            ("together", "together/FLUX.1-kontext-dev"),
            ("fal-ai", "fal-ai/flux-kontext/dev"),
            ("replicate", "black-forest-labs/flux-kontext-dev:7f3a"),
            ("wavespeed", "wavespeed-ai/flux-kontext-dev"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "Wan-AI/Wan2.2-T2V-A14B",
        task: Task::TextToVideo,
        providers: &[
            ("fal-ai", "fal-ai/wan/text-to-video"),
            ("novita", "wan-t2v"),
            ("replicate", "wan-video/wan-t2v"),
            ("together", "wan-together"),
            ("wavespeed", "wavespeed-ai/wan-t2v"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "Wan-AI/Wan2.2-I2V-A14B",
        task: Task::ImageToVideo,
        providers: &[
            ("fal-ai", "fal-ai/wan/image-to-video"),
            ("together", "wan-together-i2v"),
            ("wavespeed", "wavespeed-ai/wan-i2v"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "hexgrad/Kokoro-82M",
        task: Task::TextToSpeech,
        providers: &[
            ("fal-ai", "fal-ai/kokoro"),
            ("replicate", "jaaari/kokoro-82m"),
            ("deepinfra", "kokoro-deep"),
            ("together", "kokoro-together"),
        ],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "facebook/musicgen-small",
        task: Task::TextToAudio,
        providers: &[("hf-inference", ""), ("fal-ai", "fal-ai/musicgen")],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "briaai/RMBG-2.0",
        task: Task::ImageSegmentation,
        providers: &[("fal-ai", "fal-ai/rmbg")],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "zai-org/GLM-OCR",
        task: Task::ImageToText,
        providers: &[("zai-org", "glm-ocr")],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "sandbox/denoise",
        task: Task::AudioToAudio,
        providers: &[("fal-ai", "fal-ai/denoise")],
        behavior: TaskBehavior::Normal,
    },
    TaskModel {
        id: "sandbox/lora",
        task: Task::TextToImage,
        providers: &[("fal-ai", "fal-ai/lora"), ("replicate", "owner/lora")],
        behavior: TaskBehavior::Normal,
    },
    special("facebook/bart-base", Task::FeatureExtraction, TaskBehavior::Unpooled),
    special("sandbox/incomplete-vectors", Task::FeatureExtraction, TaskBehavior::Incomplete),
    special("sandbox/error-in-success", Task::FeatureExtraction, TaskBehavior::ErrorInSuccess),
];

/// Returns all models of tasks.
pub(crate) fn task_models() -> impl Iterator<Item = &'static TaskModel> {
    TASK_MODELS.iter()
}

/// Returns the model with this Hub id.
pub(crate) fn find(id: &str) -> Option<&'static TaskModel> {
    task_models().find(|model| model.id == id)
}

impl TaskModel {
    /// Returns the providers, and their ids of the model.
    pub(crate) fn provider_ids(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let id = self.id;
        self.providers.iter().map(move |(name, own)| (*name, if own.is_empty() { id } else { own }))
    }

    /// Returns the model that a provider serves under this id.
    pub(crate) fn at_provider(provider: &str, id: &str) -> Option<&'static Self> {
        task_models().find(|model| model.provider_ids().any(|found| found == (provider, id)))
    }
}
