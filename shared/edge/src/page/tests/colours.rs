//! Every pair of colours can be read (WCAG 2.2, 1.4.3 and 1.4.11).

use super::*;

type Palette = BTreeMap<String, [f64; 3]>;

/// The two palettes of the style: the light one, and the light one with the dark one over it.
fn palettes() -> [Palette; 2] {
    let mut found = style().split(":root {").skip(1).map(|rest| {
        let (block, _) = rest.split_once('}').unwrap();
        let declarations = block.split(';').filter_map(|one| one.trim().split_once(": #"));
        declarations.map(|(name, hex)| (name.to_owned(), rgb(hex))).collect::<Palette>()
    });
    let (light, dark) = (found.next().unwrap(), found.next().unwrap());
    assert!(found.next().is_none());
    assert!(light.keys().eq(dark.keys()), "each colour has two");
    [light, dark]
}

fn rgb(hex: &str) -> [f64; 3] {
    let [_, red, green, blue] = u32::from_str_radix(hex, 16).unwrap().to_be_bytes();
    [red, green, blue].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    })
}

fn contrast(palette: &Palette, one: &str, other: &str) -> f64 {
    let luminance = |name: &str| {
        let [red, green, blue] = palette[name];
        red.mul_add(0.2126, green.mul_add(0.7152, blue * 0.0722)) + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn every_text_and_every_edge_stands_out() {
    const TEXT: f64 = 4.5;
    const EDGE: f64 = 3.0;
    let mut pairs = vec![("--ember", "--card", EDGE), ("--focus", "--bg", EDGE)];
    for ground in ["--bg", "--card", "--sunk"] {
        pairs.extend([("--ink", ground, TEXT), ("--mut", ground, TEXT)]);
    }
    for tone in
        [("--ok", "--okbg"), ("--bad", "--badbg"), ("--warn", "--warnbg"), ("--calm", "--calmbg")]
    {
        pairs.push((tone.0, tone.1, TEXT));
    }
    // The buttons' words and frames, the input's frame.
    for tone in ["--ok", "--bad"] {
        pairs.extend([(tone, "--card", TEXT), (tone, "--sunk", TEXT), (tone, "--bg", EDGE)]);
    }
    pairs.extend([("--edge", "--card", EDGE), ("--edge", "--bg", EDGE)]);
    for palette in palettes() {
        for (one, other, least) in &pairs {
            let contrast = contrast(&palette, one, other);
            assert!(contrast >= *least, "{one} on {other}: {contrast:.2}");
        }
    }
}

#[test]
fn the_style_asks_for_nothing_from_anywhere() {
    for no in ["@import", "url(", "http", "</", "expression", "@font-face"] {
        assert!(!style().contains(no), "{no}");
    }
}
