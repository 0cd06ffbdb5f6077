using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench greedy</c>: the likeliest tokens after given prompts, to compare with what another engine makes of the same file.</summary>
internal sealed class BenchGreedy : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public BenchGreedy(Terminal terminal) : base("greedy", "Continue the lines of a file greedily, past every end: a line of JSON for each with the ids of its tokens, to compare with another engine.",
        "bench greedy model.gguf prompts.txt --tokens 200")
    {
        var model = new Argument<string>("MODEL") { Description = "Name, name@version, folder or file." };
        var prompts = new Argument<string>("PROMPTS") { Description = "A text file with one prompt a line." };
        Arguments.Add(model);
        Arguments.Add(prompts);
        Option<int> tokens = Within(Option("--tokens", "Tokens after each prompt.", 200, "N"), 1, 1 << 20);
        Option<string?> workspace = WorkspaceOption();
        Option<int> threads = ThreadsOption();
        SetAction(parsed =>
        {
            string path = parsed.GetValue(prompts)!;
            if (!File.Exists(path)) throw new ReverieException($"There is no file {path}. Check the path.");
            string[] lines = [.. File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            using IKernels kernels = CpuKernels.Create(parsed.GetValue(threads));
            using var checkpoint = Checkpoint.Load(new Workspace(parsed.GetValue(workspace)).Resolve(parsed.GetValue(model)!), precision: WeightPrecision.AsStored);

            // Without the tokenizer, whose ids may be fewer than the model's: all of them count.
            using var generator = new Generator(checkpoint.Transformer, null, kernels);
            SamplingOptions greedy = SamplingOptions.Greedy with { MaxTokens = parsed.GetValue(tokens), StopTokens = [] };
            IReadOnlyList<Generation> generations = generator.RunToEnd([.. lines.Select(line => new GenerationRequest(checkpoint.Tokenizer.EncodeDocument(line), greedy))]);
            foreach ((string line, Generation its) in lines.Zip(generations))
                JsonResult.Write(terminal.Output, new { Prompt = line, PromptIds = its.Request.Prompt, Ids = its.Tokens.ToArray() });
            return ExitCode.Success;
        });
    }
}
