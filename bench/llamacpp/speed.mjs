// How fast llama.cpp serves one person: node speed.mjs MODEL.gguf [THREADS] [PROMPT] [TOKENS] [RUNS]
// Prints one JSON line: seconds from the closed file to the first token, and medians in tokens a second of prompt and answer.
import { readFileSync } from "node:fs";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [file, threads, promptTokens, answerTokens, runs] = [process.argv[2], ...["2", "512", "100", "3"].map((usual, i) => Number(process.argv[i + 3] ?? usual))];
const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url))).version;
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: threads });
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const start = performance.now();
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const context = await model.createContext({ contextSize: promptTokens + answerTokens + 64, sequences: 1, threads, batchSize: promptTokens });
const sequence = context.getSequence();
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;

async function run(prompt, count) {
  await sequence.clearHistory();
  const begun = performance.now();
  let first = 0;
  let made = 0;
  for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    if (made++ === 0) first = performance.now();
    if (made >= count) break;
  }

  return { prompt: (first - begun) / 1000, answer: (performance.now() - first) / 1000 };
}

await run([0], 1);
const firstToken = (performance.now() - start) / 1000;
const times = [];
for (let r = -1; r < runs; r++) {
  const prompt = Array.from({ length: promptTokens }, (_, i) => Number((BigInt(r + 2) * 7919n * BigInt(i + 1)) % BigInt(vocabulary)));
  const time = await run(prompt, answerTokens + 1);
  if (r >= 0) times.push(time);
}

console.log(JSON.stringify({
  engine: `llama.cpp (node-llama-cpp ${version})`,
  features: llama.systemInfo,
  threads,
  first_token_seconds: firstToken,
  prompt_tokens_per_second: promptTokens / median(times.map((t) => t.prompt)),
  answer_tokens_per_second: answerTokens / median(times.map((t) => t.answer)),
}));
process.exit(0);
