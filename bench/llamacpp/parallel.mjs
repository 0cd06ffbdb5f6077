// How fast llama.cpp serves many at once, in one context with a slot for each: node parallel.mjs MODEL.gguf [THREADS] [STREAMS] [PROMPT] [TOKENS]
// Prints one JSON line: tokens a second of all answers together, from the first request to the last token, and when their first tokens came.
import { readFileSync } from "node:fs";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [file, threads, streams, promptTokens, answerTokens] = [process.argv[2], ...["2", "32", "32", "128"].map((usual, i) => Number(process.argv[i + 3] ?? usual))];
const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url))).version;
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: threads });
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const context = await model.createContext({ contextSize: promptTokens + answerTokens + 16, sequences: streams, threads, batchSize: 512 });
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
const sequences = Array.from({ length: streams }, () => context.getSequence());

async function answer(sequence, number, count, begun) {
  await sequence.clearHistory();
  const prompt = Array.from({ length: promptTokens }, (_, i) => Number((BigInt(number + 1) * 7919n * BigInt(i + 1)) % BigInt(vocabulary)));
  let first = 0;
  let made = 0;
  for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    if (made++ === 0) first = performance.now();
    if (made >= count) break;
  }

  return { first: (first - begun) / 1000, made };
}

await Promise.all(sequences.map((sequence, i) => answer(sequence, i + streams, 8, 0)));
const begun = performance.now();
const answers = await Promise.all(sequences.map((sequence, i) => answer(sequence, i, answerTokens, begun)));
const seconds = (performance.now() - begun) / 1000;
const firsts = answers.map((a) => a.first).sort((a, b) => a - b);
console.log(JSON.stringify({
  engine: `llama.cpp (node-llama-cpp ${version})`,
  features: llama.systemInfo,
  threads,
  streams,
  tokens_per_second: answers.reduce((sum, a) => sum + a.made, 0) / seconds,
  first_token_p50: firsts[Math.floor(streams / 2)],
  first_token_p95: firsts[Math.min(streams - 1, Math.floor(streams * 0.95))],
}));
process.exit(0);
