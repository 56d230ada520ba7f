//! `watchfire-bench`: see `cargo xtask bench`.
#![expect(clippy::print_stdout, reason = "a measurement is told")]
use std::path::{Path, PathBuf};
use watchfire_bench::icount::Valgrind;
use watchfire_bench::scene::{Scene, Step};
use watchfire_bench::subject::Program;
use watchfire_bench::trouble::Trouble;
use serde_json::json;
fn main() -> Result<(), Trouble> {
    let folder = Path::new("target/bench");
    std::fs::create_dir_all(folder).unwrap();
    let mut scene = Scene::new(folder, Path::new("statemachines/lifecycle.asl.json"))?;
    let bin = PathBuf::from(std::env::args().nth(1).unwrap());
    let valgrind = Valgrind::find(folder).unwrap();
    let program = |name: &str, handler: &str, env| Program { path: bin.join(name), words: vec![], env, log: folder.join(format!("{name}-{handler}.log")) };
    let env = scene.env("x");
    let p = program("floor", "x", env.clone());
    println!("floor {:?}", valgrind.count(&p, 10, &mut |n| Ok(vec![json!({}); n as usize]))?);
    for part in ["put","get","query","transact","start","send","decide"] {
      let p = program("parts", part, env.clone());
      if !p.path.exists() { break; }
      let c1 = valgrind.count(&p, 10, &mut |n| Ok(vec![json!({"part":part,"times":1}); n as usize]))?;
      let c3 = valgrind.count(&p, 10, &mut |n| Ok(vec![json!({"part":part,"times":3}); n as usize]))?;
      println!("{part} {c1:?} slope {}", (c3.warm-c1.warm)/2);
    }
    for step in Step::ALL {
      let env = scene.env(step.handler());
      let p = program("bootstrap", step.handler(), env);
      let c = valgrind.count(&p, 5, &mut |n| scene.events(step, n));
      scene.cloud.take_calls();
      match c { Ok(c)=> println!("{:14} {c:?}", step.name()), Err(e)=>{println!("{} {e}", step.name()); continue} }
      let mut r = p.start()?; r.ready()?;
      let rss0=r.figures()?;
      let ev = scene.events(step, 2)?;
      println!("   -> {}", String::from_utf8_lossy(&r.invoke(&ev[0])?).chars().take(150).collect::<String>());
      println!("   first {:?}", scene.cloud.take_calls().iter().map(|c| c.operation.clone()).collect::<Vec<_>>());
      r.invoke(&ev[1])?;
      println!("   warm {:?} {:?} {:?}", scene.cloud.take_calls().iter().map(|c| c.operation.clone()).collect::<Vec<_>>(), rss0, r.figures()?);
      r.end()?;
    }
    Ok(())
}
