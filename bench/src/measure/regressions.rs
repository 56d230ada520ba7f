//! Whether the gates notice what they are there for: the system's roots, the SDK's whole chain of
//! settings, and TLS as the SDK ships it. A gate that lets one of them pass is no gate.

use super::counts::{FIRST_WRITE, INIT};
use super::{Places, number, put};
use crate::icount::{Counted, Valgrind};
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::Step;
use crate::trouble::{Doing as _, Trouble, odd};
use serde_json::json;
use std::path::Path;

/// Where systems keep their roots.
const BUNDLES: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// What trips none of them.
const RIGHT: &str = "a write that is done right";
const NATIVE: &str = "native roots";
/// The others, and what each is built as.
const BUILT: [(&str, &str); 2] =
    [("the whole chain", "regression-chain"), ("aws-lc", "regression-aws-lc")];

fn gate(name: &str) -> Gate {
    let limit =
        if name == RIGHT { (Side::Most, 0.0, "gates") } else { (Side::Least, 1.0, "gates") };
    let names =
        (format!("regression.{}", name.replace(' ', "-")), format!("gates that {name} trips"));
    Gate::stated(names, limit, Kind::Hard)
}

/// What it judges.
pub fn gates() -> Vec<Gate> {
    [RIGHT, NATIVE].into_iter().chain(BUILT.map(|(name, _)| name)).map(gate).collect()
}

/// Counts each of them, and says which gates it trips.
pub fn measure(
    places: &Places,
    valgrind: &Valgrind,
    built: &Path,
    report: &mut Report,
    tell: &mut dyn FnMut(&str),
) -> Result<(), Trouble> {
    let scene = places.scene()?;
    let once = |count: u64| Ok((0..count).map(|_| json!({ "part": "put", "times": 1 })).collect());
    let floor = places.program("floor", scene.env("floor"));
    let floor = valgrind.instructions(&floor, &[])?;
    let mut told = Vec::new();

    // What reading the test's root from a file costs is no fault of anybody's.
    tell(RIGHT);
    let pinned = places.program("parts", scene.pinned("parts"));
    let pinned = valgrind.instructions(&pinned, &[])?;
    let right = places.program("parts", scene.env("parts"));
    let right = valgrind.count(&right, 1, &mut once.clone())?;
    let roots = right.init.saturating_sub(pinned);
    // The limit of init is that of functions, which have more in them than these programs: what one
    // of these needs beyond the right one, a function would need beyond itself.
    let function = places.program("bootstrap", scene.pinned(Step::Api.handler()));
    let function = valgrind.instructions(&function, &[])?;
    let within = |init: u64| init.saturating_sub(pinned).saturating_add(function);
    told.push((RIGHT, within(pinned), Some(right.init_first.saturating_sub(roots))));

    tell(NATIVE);
    let bundle = BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok());
    if let Some(bundle) = bundle {
        let path = places.folder.join("native.pem");
        std::fs::write(&path, bundle).doing("writing a bundle")?;
        let mut env = scene.env(Step::Api.handler());
        env.retain(|(name, _)| name != "SSL_CERT_FILE");
        env.push(("SSL_CERT_FILE".to_owned(), path.display().to_string()));
        let init = valgrind.instructions(&places.program("bootstrap", env), &[])?;
        told.push((NATIVE, init, None));
    } else {
        report.skipped.push("native roots: this system has no bundle of them".to_owned());
    }
    for (name, file) in BUILT {
        tell(name);
        let mut program = places.program(file, scene.env("parts"));
        program.path = built.join(file);
        if !program.path.exists() {
            return Err(odd(format!("{} is not built", program.path.display())));
        }
        let Counted { init, init_first, .. } = valgrind.count(&program, 1, &mut once.clone())?;
        let init = within(init.saturating_sub(roots));
        told.push((name, init, Some(init_first.saturating_sub(roots))));
    }
    for (name, init, first) in &told {
        let of_floor = number(*init) / number(floor);
        let trips_init = of_floor > INIT;
        let trips_first = first.is_some_and(|first| first > FIRST_WRITE);
        let tripped = u8::from(trips_init).saturating_add(u8::from(trips_first));
        let gate = gate(name).measured(f64::from(tripped));
        let what = format!("{} (init of a function {of_floor:.1}× the floor's)", gate.what);
        report.gates.push(Gate { what, ..gate });
    }
    let rows: Vec<_> = told
        .iter()
        .map(|(name, init, first)| json!({ "what": name, "init": init, "init_first": first }))
        .collect();
    put(report, "regressions", json!({ "floor": floor, "rows": rows }));
    Ok(())
}
