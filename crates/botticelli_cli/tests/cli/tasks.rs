//! Tasks other than text generation.

use crate::program::Home;
use serde_json::Value;

const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";
const SOUND: &[u8] =
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_text_gets_a_vector_from_arguments_or_from_lines() {
    let home = Home::new();
    let run = home.run(&["embed", "--sandbox", "Venus", "Mars"]);
    assert_eq!(run.code, 0, "{run:?}");
    let vectors = lines(&run.out);
    assert_eq!((vectors.len(), &vectors[0]["text"]), (2, &"Venus".into()));
    assert!(vectors[0]["embedding"].as_array().unwrap().iter().all(Value::is_number), "{vectors:?}");
    let piped = home.pipe(&["embed", "--sandbox"], "Venus\n\nMars\n");
    assert_eq!(piped.out, run.out);
    assert_eq!(home.run(&["embed", "--sandbox"]).code, 2);
}

#[test]
fn documents_are_sorted_by_the_query() {
    let run = Home::new().run(&["rerank", "--sandbox", "painter", "A bread recipe", "A painter in Florence"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.out.lines().count(), 2);
    let json = Home::new().run(&[
        "rerank",
        "--sandbox",
        "--json",
        "painter",
        "A bread recipe",
        "A painter in Florence",
    ]);
    let scores: Vec<_> = lines(&json.out).iter().map(|line| line["score"].as_f64().unwrap()).collect();
    assert!(scores[0] >= scores[1]);
}

#[test]
fn texts_get_labels_of_the_model_or_of_the_user() {
    let run = Home::new().run(&["classify", "--sandbox", "A wonderful museum"]);
    assert!(run.code == 0 && run.out.ends_with("\tA wonderful museum\n"), "{run:?}");
    let own = Home::new().run(&["classify", "--sandbox", "--json", "--labels", "art,food", "A museum"]);
    let labels: Vec<_> =
        lines(&own.out)[0]["labels"].as_array().unwrap().iter().map(|label| label["label"].clone()).collect();
    assert!(labels.contains(&"art".into()) && labels.contains(&"food".into()), "{own:?}");
}

#[test]
fn a_recording_becomes_text() {
    let home = Home::new();
    home.file("talk.wav", SOUND);
    let run = home.run(&["transcribe", "--sandbox", "talk.wav"]);
    assert!(run.code == 0 && run.out.trim().len() > 3, "{run:?}");
    assert!(home.run(&["transcribe", "--sandbox", "--json", "talk.wav"]).json()["text"].is_string());
    let missing = home.run(&["transcribe", "--sandbox", "none.wav"]);
    assert!(missing.code == 2 && missing.err.contains("none.wav"), "{missing:?}");
}

#[test]
fn speech_and_images_are_files() {
    let home = Home::new();
    let image =
        home.run(&["image", "--sandbox", "Venus", "on a shell", "-o", "venus.png", "--option", "seed=7"]);
    assert!(image.code == 0 && image.err.contains("Wrote venus.png (image/"), "{image:?}");
    assert!(std::fs::read(home.path().join("venus.png")).unwrap().len() > 8);
    let speech =
        home.run(&["speak", "--sandbox", "-m", "facebook/mms-tts-eng", "Hello", "-o", "hello.audio"]);
    assert!(speech.code == 0 && speech.err.contains("audio/"), "{speech:?}");
    let piped = home.command(&["image", "--sandbox", "Venus on a shell"]).output().unwrap();
    assert_eq!(piped.stdout, std::fs::read(home.path().join("venus.png")).unwrap());
}

#[test]
fn every_task_of_the_list_runs_by_its_name() {
    let home = Home::new();
    home.file("a.png", PIXEL);
    home.file("a.wav", SOUND);
    home.file("table.json", "{\"city\": [\"Rome\", \"Bonn\"], \"people\": [\"3\", \"1\"]}");
    let models = [
        ("feature-extraction", "BAAI/bge-small-en-v1.5"),
        ("sparse-embedding", "naver/splade-v3"),
        ("sentence-similarity", "sentence-transformers/all-MiniLM-L6-v2"),
        ("text-ranking", "BAAI/bge-reranker-v2-m3"),
        ("text-classification", "distilbert/distilbert-base-uncased-finetuned-sst-2-english"),
        ("zero-shot-classification", "facebook/bart-large-mnli"),
        ("token-classification", "dslim/bert-base-NER"),
        ("question-answering", "deepset/roberta-base-squad2"),
        ("table-question-answering", "google/tapas-base-finetuned-wtq"),
        ("fill-mask", "google-bert/bert-base-uncased"),
        ("summarization", "facebook/bart-large-cnn"),
        ("translation", "google-t5/t5-small"),
        ("tabular-classification", "scikit-learn/tabular-playground"),
        ("tabular-regression", "scikit-learn/Fish-Weight"),
        ("image-classification", "google/vit-base-patch16-224"),
        ("zero-shot-image-classification", "openai/clip-vit-base-patch32"),
        ("object-detection", "facebook/detr-resnet-50"),
        ("image-segmentation", "nvidia/segformer-b0-finetuned-ade-512-512"),
        ("image-to-text", "Salesforce/blip-image-captioning-base"),
        ("visual-question-answering", "dandelin/vilt-b32-finetuned-vqa"),
        ("document-question-answering", "impira/layoutlm-document-qa"),
        ("automatic-speech-recognition", "openai/whisper-large-v3"),
        ("audio-classification", "superb/hubert-large-superb-er"),
        ("audio-to-audio", "speechbrain/sepformer-wham"),
        ("text-to-image", "black-forest-labs/FLUX.1-dev"),
        ("image-to-image", "timbrooks/instruct-pix2pix"),
        ("text-to-speech", "facebook/mms-tts-eng"),
        ("text-to-audio", "facebook/musicgen-small"),
        ("text-to-video", "Wan-AI/Wan2.2-T2V-A14B"),
        ("image-to-video", "Wan-AI/Wan2.2-I2V-A14B"),
    ];
    let list = home.run(&["task", "--list"]).out;
    let names: Vec<&str> = list.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, models.map(|(name, _)| name));
    for (line, (name, model)) in list.lines().zip(models) {
        let inputs = line.split_whitespace().skip(1).map(|input| match input {
            "IMAGE-FILE" => "a.png",
            "AUDIO-FILE" => "a.wav",
            "JSON-FILE" => "table.json",
            "INPUT" => "Paris is the [MASK] of France.",
            _ => "A painter in Florence",
        });
        let mut arguments = vec!["task", name, "--sandbox", "--json", "-m", model];
        arguments.extend(inputs);
        if name.contains("zero-shot") {
            arguments.extend(["--labels", "art,food"]);
        }
        if name == "sparse-embedding" {
            // Only text-embeddings-inference has these.
            arguments.extend(["--api", "tei"]);
        }
        let run = home.run(&arguments);
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert!(run.json().is_object(), "{name}: {run:?}");
    }
}

#[test]
fn the_api_of_a_server_can_be_named() {
    let server = crate::program::Server::start(botticelli::sandbox::Sandbox::builder());
    let home = Home::at(&server);
    let run = home.run(&["embed", "Venus"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(server.sandbox().requests().iter().any(|request| request.path().ends_with("/v1/embeddings")));
    let run = home.run(&["embed", "--api", "tei", "Venus"]);
    assert!(server.sandbox().requests().last().unwrap().path().ends_with("/embed"), "{run:?}");
}

#[test]
fn the_tables_of_tasks_in_the_file_have_an_effect_and_those_of_chats_do_not() {
    let home = Home::new();
    let config = "[llm]\nmodel = \"a/b\"\n[llm.generation]\nmax_tokens = 5\n[llm.budget]\nper_day = \"1\"\n\
                  [embedding]\nmodel = \"BAAI/none\"\n[embedding.huggingface]\nbatch_size = 1\n\
                  [tasks.fill-mask]\nmodel = \"google-bert/bert-base-uncased\"\n";
    home.file(".config/botticelli/config.toml", config);
    let run = home.run(&["embed", "--sandbox", "Venus"]);
    assert!(run.code == 4 && run.err.contains("BAAI/none"), "{run:?}");
    let run = home.run(&["embed", "--sandbox", "-m", "BAAI/bge-small-en-v1.5", "Venus", "Mars"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = home.run(&["task", "fill-mask", "--sandbox", "Paris is [MASK]"]);
    assert_eq!(run.code, 0, "{run:?}");
    home.file("bad.toml", "[embedding.huggingface]\nbatch_length = 1\n");
    let run = home.run(&["embed", "--config", "bad.toml", "--sandbox", "Venus"]);
    assert!(
        run.code == 3 && run.err.contains("bad.toml, line 2, `embedding.huggingface.batch_length`"),
        "{run:?}"
    );
}

#[test]
fn wrong_tasks_inputs_and_options_are_refused() {
    let refused = [
        (&["task", "no-such-task", "-m", "a/b"][..], "task --list"),
        (&["task", "fill-mask", "x"], "-m MODEL"),
        (&["task", "question-answering", "-m", "a/b", "x"], "QUESTION CONTEXT"),
        (&["embed", "--option", "normalize=perhaps", "x"], "feature-extraction: "),
        (&["embed", "--option", "normalize", "x"], "there is no '='"),
        (&["embed", "--local", "x"], "--local"),
        (&["embed", "--max-cost", "1", "x"], "--max-cost has no effect"),
    ];
    for (arguments, words) in refused {
        let sandbox: &[&str] = if arguments.contains(&"--local") { &[] } else { &["--sandbox"] };
        let run = Home::new().run(&[arguments, sandbox].concat());
        assert!(run.code == 2 && run.err.contains(words), "{run:?}");
    }
}

#[test]
fn settings_of_chat_do_not_stop_a_task() {
    let home = Home::new();
    home.file(
        "config.toml",
        "[llm]\nprovider = \"huggingface\"\nmodel = \"org/chat\"\n[llm.generation]\ntemperature = 0\n\
         [llm.huggingface]\nchoose_provider = false\ncatalog_prices = false\n",
    );
    let run = home.run(&["embed", "--sandbox", "--config", "config.toml", "Venus"]);
    assert_eq!(run.code, 0, "{run:?}");
}
