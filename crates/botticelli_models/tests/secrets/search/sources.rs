//! Every public type of the library, as its sources have them.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Item, ItemStruct, Lit, Meta, Token, Visibility};

/// The searched crates: all except the sandbox, which is a server for tests.
const CRATES: [&str; 5] =
    ["botticelli_error", "botticelli_core", "botticelli_interface", "botticelli_models", "botticelli"];

/// A public type: the place of its definition, and the variants of an enum.
#[derive(Debug)]
pub(crate) struct PublicType {
    pub(crate) file: PathBuf,
    pub(crate) variants: Vec<String>,
}

/// Every public type by its path, as `std::any::type_name` has it.
///
/// A private type in a public disguise cannot be among them: the lint `unreachable_pub` forbids it.
pub(crate) fn public_types() -> BTreeMap<String, PublicType> {
    let mut types = BTreeMap::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in CRATES {
        let src = crates.join(name).join("src");
        visit_folder(&src, name, &mut types);
    }
    types
}

fn visit_folder(folder: &Path, module: &str, types: &mut BTreeMap<String, PublicType>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            visit_folder(&path, &format!("{module}::{stem}"), types);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = match stem {
                "lib" | "mod" => module.to_owned(),
                name => format!("{module}::{name}"),
            };
            let source = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
            visit_items(&source.items, &module, &path, types);
        }
    }
}

fn visit_items(items: &[Item], module: &str, file: &Path, types: &mut BTreeMap<String, PublicType>) {
    for item in items {
        let (vis, ident, variants) = match item {
            Item::Struct(item) => {
                if let Some(builder) = builder_of(item) {
                    let found = PublicType { file: file.to_owned(), variants: Vec::new() };
                    types.insert(format!("{module}::{builder}"), found);
                }
                (&item.vis, &item.ident, Vec::new())
            }
            Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| variant.ident.to_string());
                (&item.vis, &item.ident, variants.collect())
            }
            Item::Union(item) => (&item.vis, &item.ident, Vec::new()),
            Item::Type(item) => (&item.vis, &item.ident, Vec::new()),
            Item::Trait(item) => (&item.vis, &item.ident, Vec::new()),
            Item::Mod(inner) => {
                let items = inner.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default();
                visit_items(items, &format!("{module}::{}", inner.ident), file, types);
                continue;
            }
            _ => continue,
        };
        if is_public(vis) {
            types.insert(format!("{module}::{ident}"), PublicType { file: file.to_owned(), variants });
        }
    }
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// Returns the builder of `derive_builder`. Attributes can change its visibility and its name.
fn builder_of(item: &ItemStruct) -> Option<String> {
    let derives = |attribute: &Attribute| {
        metas(attribute, "derive").iter().any(|meta| meta.path().segments.last().unwrap().ident == "Builder")
    };
    if !item.attrs.iter().any(derives) {
        return None;
    }
    let metas_of_builder: Vec<Meta> =
        item.attrs.iter().flat_map(|attribute| metas(attribute, "builder")).collect();
    let has_meta = |word: &str| metas_of_builder.iter().any(|meta| meta.path().is_ident(word));
    let name = metas_of_builder.iter().find_map(|meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident("name") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(name) => Some(name.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let public = (is_public(&item.vis) || has_meta("public")) && !has_meta("private");
    public.then(|| name.unwrap_or_else(|| format!("{}Builder", item.ident)))
}

/// Returns the content of `#[name(…)]`.
fn metas(attribute: &Attribute, name: &str) -> Vec<Meta> {
    if !attribute.path().is_ident(name) {
        return Vec::new();
    }
    let list = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    list.unwrap().into_iter().collect()
}
