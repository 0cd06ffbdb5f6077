using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>How fast a model serves one person: from its file to the first token, through a prompt, and token by token.</summary>
/// <param name="FirstTokenSeconds">From the closed file to the first token after a prompt of one token.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="PromptSeconds">Median time from the prompt to the first token.</param>
/// <param name="AnswerTokens">Tokens that were timed after the first.</param>
/// <param name="AnswerSeconds">Median time of these.</param>
public sealed record ModelBenchmark(double FirstTokenSeconds, int PromptTokens, double PromptSeconds, int AnswerTokens, double AnswerSeconds)
{
    /// <summary>Tokens of the prompt per second.</summary>
    public double PromptTokensPerSecond => PromptTokens / PromptSeconds;

    /// <summary>Tokens of the answer per second.</summary>
    public double AnswerTokensPerSecond => AnswerTokens / AnswerSeconds;

    /// <summary>Measures a model with its weights as the file has them, greedily. What the tokens are does not matter for the speed.</summary>
    /// <param name="path">Folder or file, as <see cref="Checkpoint.Load"/> takes it.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="answerTokens">Tokens to time after the first.</param>
    /// <param name="runs">Runs to take the medians of, after one to warm up.</param>
    /// <exception cref="ReverieException">The model cannot be used, or its context is too short.</exception>
    public static ModelBenchmark Measure(string path, IKernels kernels, int promptTokens = 512, int answerTokens = 100, int runs = 5)
    {
        long start = Stopwatch.GetTimestamp();
        using var checkpoint = Checkpoint.Load(path, precision: WeightPrecision.AsStored);
        Transformer transformer = checkpoint.Transformer;
        if (promptTokens + answerTokens + 1 > transformer.Config.ContextLength)
            throw new ReverieException($"{promptTokens} tokens of prompt and {answerTokens} of answer do not fit into the model's context of {transformer.Config.ContextLength}. Ask for fewer.");
        using var generator = new Generator(transformer, checkpoint.Tokenizer, kernels, new GeneratorOptions { MaxConcurrent = 1, PrefillTokens = promptTokens, CacheBytes = KvCache.PagesFor(promptTokens + answerTokens + 1) * KvCache.PageBytes(transformer.Config) });
        Run(generator, [0], 1, out _);
        double first = Stopwatch.GetElapsedTime(start).TotalSeconds;

        double[] prompts = new double[runs], answers = new double[runs];
        for (int run = -1; run < runs; run++)
        {
            // Another prompt each time: nothing can be left over from the last.
            int[] prompt = [.. Enumerable.Range(0, promptTokens).Select(i => (int)(((run + 2) * 7919L * (i + 1)) % transformer.Config.VocabularySize))];
            long begun = Stopwatch.GetTimestamp();
            double whole = Run(generator, prompt, answerTokens + 1, out long firstToken);
            if (run < 0) continue;
            prompts[run] = Stopwatch.GetElapsedTime(begun, firstToken).TotalSeconds;
            answers[run] = whole - prompts[run];
        }

        Array.Sort(prompts);
        Array.Sort(answers);
        return new ModelBenchmark(first, promptTokens, prompts[runs / 2], answerTokens, answers[runs / 2]);
    }

    private static double Run(Generator generator, int[] prompt, int tokens, out long firstToken)
    {
        long begun = Stopwatch.GetTimestamp(), first = 0;
        generator.Submit(new GenerationRequest(prompt, SamplingOptions.Greedy with { MaxTokens = tokens, StopTokens = [] }) { OnToken = _ => first = first == 0 ? Stopwatch.GetTimestamp() : first });
        while (generator.Step())
        {
        }

        firstToken = first;
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
