using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Gguf;

/// <summary>
/// Tests on the trained model stories260K (https://huggingface.co/karpathy/tinyllamas): the variable REVERIE_STORIES260K names a folder with
/// <c>stories260K.bin</c>, <c>tok512.bin</c> and <c>stories260K.gguf</c>. Without it they are skipped.
/// </summary>
public sealed class Stories260KTests : IDisposable
{
    private const string Prompt = "Once upon a time";

    // What llama.cpp (node-llama-cpp 3.22.1) makes of the GGUF file, greedily; see bench/llamacpp.
    private static readonly int[] _promptIds = [1, 403, 407, 261, 378];

    private static readonly int[] _ids =
    [
        432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267, 337, 410, 408, 419, 292, 411, 322, 265, 282, 295,
        433, 426, 385, 328, 432, 358, 394, 261, 370, 432, 352, 266, 268, 388, 426, 338, 391, 266, 267, 337, 335, 312, 432, 398, 312,
        286, 267, 414, 270, 333, 415, 426, 13, 438, 310, 439, 419, 357, 336, 432, 313, 438, 310, 432, 278, 316, 439, 419, 298, 414,
        267, 265, 282, 295, 433, 426, 436, 317, 286, 296, 418, 269, 279, 292, 416, 439, 413, 409, 416, 327, 263, 415, 294, 267, 400,
        426, 338, 336, 432, 313, 442, 391, 267, 337, 335, 364, 420, 268, 388, 432, 398, 359, 280, 303, 439, 413, 272, 417, 264, 312,
        426, 436, 13, 438, 310, 286, 296, 418, 269, 279, 292, 416, 439, 413, 409, 416, 327, 263, 415, 294, 267, 400, 426, 338, 336,
        432, 313, 442, 439, 423, 262, 304, 420, 422, 432, 317, 426, 359, 279, 292, 416, 439, 413, 409, 416, 327, 263, 415, 294, 267,
        400, 426, 436, 13, 438, 310, 279, 292, 416, 439, 413, 391, 267, 281, 421, 427, 311, 357, 432, 384, 358, 336, 432, 313, 442,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-stories").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Given(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("REVERIE_STORIES260K");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "REVERIE_STORIES260K does not name a folder with stories260K.");
        return Path.Combine(folder!, name);
    }

    private static void AssertGolden(string model, WeightPrecision precision = WeightPrecision.Float32)
    {
        using var checkpoint = Checkpoint.Load(model, precision: precision);
        int[] prompt = checkpoint.Tokenizer.EncodeDocument(Prompt);
        Assert.Equal(_promptIds, prompt);
        using IKernels kernels = CpuKernels.Create(1);
        using var generator = new Generator(checkpoint.Transformer, checkpoint.Tokenizer, kernels);
        Reverie.Models.Generation generation = generator.Submit(new GenerationRequest(prompt, SamplingOptions.Greedy with { MaxTokens = _ids.Length, StopTokens = [] }));
        while (generator.Step())
        {
        }

        Assert.Equal(_ids, generation.Tokens.ToArray());
        string text = checkpoint.Tokenizer.Decode(generation.Tokens);
        Assert.StartsWith(", there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball.", text);
    }

    [Fact]
    public void The_golden_text_comes_from_its_own_format_and_from_gguf()
    {
        AssertGolden(Given("stories260K.bin"));
        AssertGolden(Given("stories260K.gguf"));
        AssertGolden(Given("stories260K.bin"), WeightPrecision.AsStored);
        AssertGolden(Given("stories260K.gguf"), WeightPrecision.AsStored);
    }

    [Fact]
    public void The_golden_text_comes_from_what_it_is_exported_to()
    {
        foreach (string source in new[] { "stories260K.bin", "stories260K.gguf" })
        {
            using var checkpoint = Checkpoint.Load(Given(source));
            string gguf = Path.Combine(_folder, source + ".gguf"), folder = Path.Combine(_folder, source + "-hf"), again = Path.Combine(_folder, source + "-again.gguf");
            GgufWriter.Write(gguf, checkpoint.Transformer, checkpoint.Tokenizer, WeightType.F32, "stories260K");
            Checkpoint.Save(folder, checkpoint.Transformer, checkpoint.Tokenizer, SmallModels.Lineage());
            AssertGolden(gguf);
            AssertGolden(folder);
            using var saved = Checkpoint.Load(folder);
            GgufWriter.Write(again, saved.Transformer, saved.Tokenizer, WeightType.F32, "stories260K");
            AssertGolden(again);
            SmallModels.AssertSameWeights(checkpoint.Transformer, saved.Transformer);
        }
    }
}
