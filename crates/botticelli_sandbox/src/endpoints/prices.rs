//! The price list. Its prices are examples.

use serde_json::{Value, json};

/// An instance: cloud, region, accelerator, type, size, and dollars per hour.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, Option<f64>);

const INSTANCES: [Row; 9] = [
    ("aws", "us-east-1", "cpu", "intel-icl", "x1", Some(0.033)),
    ("aws", "us-east-1", "cpu", "intel-icl", "x2", Some(0.067)),
    ("aws", "us-east-1", "gpu", "nvidia-t4", "x1", Some(0.5)),
    ("aws", "us-east-1", "gpu", "nvidia-l4", "x1", Some(0.8)),
    ("aws", "us-east-1", "gpu", "nvidia-a10g", "x1", Some(1.0)),
    ("aws", "us-east-1", "neuron", "inf2", "x1", None),
    ("aws", "eu-west-1", "cpu", "intel-icl", "x1", Some(0.036)),
    ("aws", "eu-west-1", "gpu", "nvidia-l4", "x1", Some(0.9)),
    ("gcp", "us-east4", "gpu", "nvidia-h100", "x1", Some(10.0)),
];

/// Returns the list as nested objects.
pub(super) fn list(has_prices: bool) -> Value {
    let vendors = unique(INSTANCES.iter().map(|row| row.0));
    let vendors: Vec<Value> = vendors
        .into_iter()
        .map(|vendor| {
            let of_vendor = || INSTANCES.iter().filter(move |row| row.0 == vendor);
            let regions: Vec<Value> = unique(of_vendor().map(|row| row.1))
                .into_iter()
                .map(|region| {
                    let rows = of_vendor().filter(|row| row.1 == region);
                    json!({ "name": region, "status": "available",
                            "computes": rows.map(|row| compute(row, has_prices)).collect::<Vec<_>>() })
                })
                .collect();
            json!({ "name": vendor, "status": "available", "regions": regions })
        })
        .collect();
    json!({ "vendors": vendors })
}

/// Returns the accelerator of an instance, or `None` for an unknown one.
pub(super) fn accelerator(vendor: &str, region: &str, kind: &str, size: &str) -> Option<&'static str> {
    let found = INSTANCES.iter().find(|row| (row.0, row.1, row.3, row.4) == (vendor, region, kind, size));
    found.map(|row| row.2)
}

fn compute(&(vendor, region, accelerator, kind, size, price): &Row, has_prices: bool) -> Value {
    json!({
        "id": format!("{vendor}-{region}-{kind}-{size}"),
        "accelerator": accelerator,
        "numAccelerators": 1,
        "instanceType": kind,
        "instanceSize": size,
        "status": "available",
        "pricePerHour": price.filter(|_| has_prices),
    })
}

fn unique(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut all = Vec::new();
    for word in words {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}
