// Reverie beside llama.cpp on the same files, see README.md:
//   node compare.mjs speed [MODEL.gguf] [--rounds 5] [--threads 2] [--prompt 512] [--tokens 100]
//   node compare.mjs parallel MODEL.gguf [--rounds 5] [--threads 2] [--streams 32] [--tokens 128]
//   node compare.mjs greedy MODEL.gguf... [--prompts prompts.txt] [--tokens 200]
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const program = join(root, "src", "Reverie.Cli", "bin", "Release", "net10.0", "reverie.dll");
const options = { rounds: 5, threads: 2, prompt: 512, streams: 32, tokens: undefined, prompts: join(here, "prompts.txt") };
const words = [];
for (let i = 2; i < process.argv.length; i++) {
  const name = process.argv[i].replace(/^--/, "");
  if (name === process.argv[i]) words.push(name);
  else if (name in options && i + 1 < process.argv.length) options[name] = process.argv[++i];
  else fail(`unknown option --${name}`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

function run(file, args) {
  return execFileSync(file, args.map(String), { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 }).trim().split("\n").map((line) => JSON.parse(line));
}

const reverie = (...args) => run("dotnet", [program, ...args]);
const llama = (script, ...args) => run("node", [join(here, script), ...args]);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const row = (...cells) => console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(14))).join(""));

function speed(given) {
  const model = given ? resolve(given) : join(here, "smollm2-135m-q8_0.gguf");
  if (!existsSync(model)) {
    console.log("making a model of SmolLM2-135M's shape with random weights, in Q8_0");
    reverie("models", "new", "smollm2-135m", "--shape", "smollm2-135m", "--type", "q8_0", "--out", model, "--json");
  }

  const tokens = options.tokens ?? 100;
  const rounds = [];
  for (let round = 1; round <= Number(options.rounds); round++) {
    // One after the other, in turns: what disturbs the machine disturbs both.
    const [theirs] = llama("speed.mjs", model, options.threads, options.prompt, tokens);
    const [ours] = reverie("bench", "decode", "--model", model, "--threads", options.threads, "--prompt", options.prompt, "--tokens", tokens, "--runs", 3, "--json");
    if (round === 1) {
      console.log(`${theirs.engine}, ${theirs.features.trim()}`);
      console.log(`${model}, ${options.threads} threads, a prompt of ${options.prompt} tokens, an answer of ${tokens}\n`);
      row("", "llama.cpp", "Reverie", "ratio");
    }

    rounds.push({ theirs, ours });
    print(`round ${round}`, [{ theirs, ours }]);
  }

  print("median", rounds);
}

const speeds = [["prompt", "prompt_tokens_per_second", 1], ["answer", "answer_tokens_per_second", 1], ["load", "first_token_seconds", 3, true]];

function print(name, rounds, lines = speeds) {
  const line = (what, key, digits, inverse) => {
    const value = (engine) => median(rounds.map((r) => r[engine][key]));
    const ratio = median(rounds.map((r) => (inverse ? r.theirs[key] / r.ours[key] : r.ours[key] / r.theirs[key])));
    row(`${name}: ${what}`, value("theirs").toFixed(digits), value("ours").toFixed(digits), `${ratio.toFixed(2)}x`);
  };
  lines.forEach((given) => line(...given));
}

function parallel(model) {
  const [file, tokens, rounds] = [resolve(model), options.tokens ?? 128, []];
  for (let round = 1; round <= Number(options.rounds); round++) {
    const [theirs] = llama("parallel.mjs", file, options.threads, options.streams, 32, tokens);
    const [ours] = reverie("bench", "serve", "--model", file, "--threads", options.threads, "--streams", options.streams, "--tokens", tokens, "--runs", 1, "--json");
    if (round === 1) {
      console.log(`${theirs.engine}, in its process; Reverie by HTTP, with its clients on the same cores`);
      console.log(`${file}, ${options.threads} threads, ${options.streams} streams of ${tokens} tokens\n`);
      row("", "llama.cpp", "Reverie", "ratio");
    }

    rounds.push({ theirs, ours });
    print(`round ${round}`, [{ theirs, ours }], [["tokens/s", "tokens_per_second", 0]]);
  }

  print("median", rounds, [["tokens/s", "tokens_per_second", 0]]);
}

function greedy(model) {
  const tokens = options.tokens ?? 200;
  const theirs = llama("greedy.mjs", resolve(model), resolve(options.prompts), tokens);
  const ours = reverie("bench", "greedy", resolve(model), resolve(options.prompts), "--tokens", tokens, "--threads", options.threads);
  const differs = (a, b) => a.findIndex((id, i) => id !== b[i]);
  const prompts = theirs.filter((t, i) => differs(t.prompt_ids, ours[i].prompt_ids) < 0 && t.prompt_ids.length === ours[i].prompt_ids.length).length;
  const firsts = theirs.map((t, i) => differs(t.ids, ours[i].ids));
  const same = firsts.filter((first) => first < 0).length;
  console.log(`${model}: ${prompts} of ${theirs.length} prompts have the same ids, ${same} answers of ${tokens} tokens have`);
  theirs.forEach((t, i) => {
    if (firsts[i] >= 0) console.log(`  after ${firsts[i]} tokens they part: ${JSON.stringify(t.prompt)}`);
  });
  return prompts === theirs.length && same === theirs.length;
}

const [command, ...models] = words;
if (!existsSync(program)) fail("build Reverie first: dotnet build -c Release src/Reverie.Cli");
if (!existsSync(join(here, "node_modules", "node-llama-cpp"))) fail(`install llama.cpp first: npm install --prefix ${here}`);
if (command === "speed") speed(models[0]);
else if (command === "parallel" && models.length === 1) parallel(models[0]);
else if (command === "greedy" && models.length > 0) process.exit(models.map(greedy).every((same) => same) ? 0 : 1);
else fail("say speed, or parallel or greedy and a GGUF file; see README.md");
